"""What happens by the clock: heartbeats, the ends of bounded streams."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict

from jetbridge.hub import Hub
from jetbridge.subscriber import Subscriber

TICK_SECONDS = 0.25


class Ticker:
    """Gives each client a heartbeat every `interval_seconds` from its own start on.

    The interval is the same for all, so the order in which clients are due is the order
    in which they were last served, and a tick looks only at those that are due.
    `interval_seconds` `None` means no heartbeats.
    """

    def __init__(self, hub: Hub, *, interval_seconds: float | None) -> None:
        self._hub = hub
        self._interval = interval_seconds
        self._due: OrderedDict[Subscriber, float] = OrderedDict()

    def add(self, subscriber: Subscriber) -> None:
        """Serve a new client from now on, until it is removed."""
        if self._interval is not None:
            self._due[subscriber] = time.monotonic() + self._interval

    def remove(self, subscriber: Subscriber) -> None:
        """Serve a client no more, and let go of it at once."""
        self._due.pop(subscriber, None)

    async def run(self) -> None:
        """Tick for ever; ends only when cancelled."""
        while True:
            await asyncio.sleep(min(TICK_SECONDS, self._interval or TICK_SECONDS))
            self.tick(time.monotonic())
            self._hub.expire(time.time_ns())

    def tick(self, now: float) -> None:
        """Send the heartbeats that are due."""
        due: list[Subscriber] = []
        while self._due and next(iter(self._due.values())) <= now:
            subscriber, _ = self._due.popitem(last=False)
            due.append(subscriber)
        if due:
            self._hub.heartbeat(due)
        for subscriber in due:
            self.add(subscriber)
