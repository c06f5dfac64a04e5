"""Streams that do not last for ever, so that load balancers can spread clients anew."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from random import Random

from jetbridge.drain import RETRY_MS, say_goodbye
from jetbridge.subscriber import Subscriber

JITTER = 0.2
"""A stream may live this share shorter, so that clients that came together do not go so."""


class Lifetime:
    """Ends each stream some time after it began; `max_seconds` 0 means never."""

    def __init__(self, *, max_seconds: float, random: Random) -> None:
        self._max_seconds = max_seconds
        self._random = random

    def begin(self, subscriber: Subscriber) -> Callable[[], None]:
        """Start the clock of a new stream; returns how to stop it."""
        if not self._max_seconds:
            return lambda: None
        seconds = self._max_seconds * self._random.uniform(1 - JITTER, 1)
        timer = asyncio.get_running_loop().call_later(seconds, self._end, subscriber)
        return timer.cancel

    def _end(self, subscriber: Subscriber) -> None:
        say_goodbye(subscriber, retry_ms=self._random.randint(*RETRY_MS))
