"""When to write: at once while there is time, in larger pieces under load."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

FULL_PAUSE_EVENTS = 5
"""From so many events joined in one write on, a pause is as long as the flush before it."""


class Flusher:
    """Calls `flush` soon after each request, never more than `max_seconds` later.

    `flush` returns how many events it has joined in one write, at most. While events come
    slower than they are written that is one, and each is written at once. Under load a
    flush is followed by a pause, in the end as long as itself: at most half of the time
    goes into writing, and what comes meanwhile is written together.
    """

    def __init__(self, flush: Callable[[], int], *, max_seconds: float) -> None:
        self._flush = flush
        self._max_seconds = max_seconds
        self._not_before = 0.0
        self._timer: asyncio.TimerHandle | None = None

    def request(self) -> None:
        """Something waits to be written."""
        if self._timer is not None:
            return
        loop = asyncio.get_running_loop()
        if loop.time() >= self._not_before:
            self._run()
        else:
            self._timer = loop.call_at(self._not_before, self._run)

    def cancel(self) -> None:
        """Write nothing more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _run(self) -> None:
        self.cancel()
        loop = asyncio.get_running_loop()
        started = loop.time()
        joined = self._flush()
        ended = loop.time()
        self._not_before = ended + pause(ended - started, joined, max_seconds=self._max_seconds)


def pause(took: float, joined: int, *, max_seconds: float) -> float:
    """Seconds to wait after a flush that took so many and joined so many events. Pure."""
    load = min(max(joined - 1, 0) / (FULL_PAUSE_EVENTS - 1), 1.0)
    return min(took * load, max_seconds)
