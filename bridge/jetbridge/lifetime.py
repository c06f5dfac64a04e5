"""Streams that do not last for ever, so that load balancers can spread clients anew."""

from __future__ import annotations

import asyncio
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
        self._timers: dict[Subscriber, asyncio.TimerHandle] = {}

    def begin(self, subscriber: Subscriber) -> None:
        """Start the clock of a new stream."""
        if self._max_seconds:
            seconds = self._max_seconds * self._random.uniform(1 - JITTER, 1)
            loop = asyncio.get_running_loop()
            self._timers[subscriber] = loop.call_later(seconds, self._expire, subscriber)

    def end(self, subscriber: Subscriber) -> None:
        """Stop the clock of a stream that has ended."""
        if timer := self._timers.pop(subscriber, None):
            timer.cancel()

    def _expire(self, subscriber: Subscriber) -> None:
        say_goodbye(subscriber, retry_ms=self._random.randint(*RETRY_MS))
