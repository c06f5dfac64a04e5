"""What happens by the clock: heartbeats, the ends of bounded streams."""

from __future__ import annotations

import asyncio
import time
from collections import deque

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
        self._due: deque[tuple[float, Subscriber]] = deque()

    def add(self, subscriber: Subscriber) -> None:
        """Serve a new client from now on, until it is closed."""
        if self._interval is not None:
            self._due.append((time.monotonic() + self._interval, subscriber))

    async def run(self) -> None:
        """Tick for ever; ends only when cancelled."""
        while True:
            await asyncio.sleep(min(TICK_SECONDS, self._interval or TICK_SECONDS))
            self.tick(time.monotonic())
            self._hub.expire(time.time_ns())

    def tick(self, now: float) -> None:
        """Send the heartbeats that are due."""
        due: list[Subscriber] = []
        while self._due and self._due[0][0] <= now:
            _, subscriber = self._due.popleft()
            if not subscriber.closed:
                due.append(subscriber)
        if due:
            self._hub.heartbeat(due)
        for subscriber in due:
            self.add(subscriber)
