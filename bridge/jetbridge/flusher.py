"""When to write: at once while there is time, in larger pieces under load."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class Flusher:
    """Calls `flush` soon after each request, never more than `max_seconds` later.

    A flush that took long is followed by a pause as long as itself, so that at most half
    of the time goes into writing and what comes meanwhile is written together.
    """

    def __init__(self, flush: Callable[[], None], *, max_seconds: float) -> None:
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
        self._flush()
        ended = loop.time()
        self._not_before = ended + min(ended - started, self._max_seconds)
