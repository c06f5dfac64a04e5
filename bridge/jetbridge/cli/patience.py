"""What a client of a stream remembers between connections: where it is, how long to wait. Pure."""

from __future__ import annotations

import random
from dataclasses import dataclass

import msgspec
from httpx2 import ServerSentEvent

FIRST_RETRY_SECONDS = 3.0
LONGEST_RETRY_SECONDS = 30.0


class Retry(msgspec.Struct):
    """The part of `draining` and `unavailable` that says when to come back."""

    retry_ms: int = 0


@dataclass
class Patience:
    """As patient as a browser's `EventSource`, but slower with each failure in a row.

    `last_id` is the id with which the next connection resumes; "" means none yet.
    `reached` becomes true once a server has answered at all.
    """

    last_id: str = ""
    reached: bool = False
    retry_seconds: float = FIRST_RETRY_SECONDS
    failures: int = 0

    def heed(self, event: ServerSentEvent) -> None:
        """Take from an event its id, and when to come back if the connection ends."""
        self.failures = 0
        self.last_id = event.id or self.last_id
        if event.retry is not None and event.retry >= 0:
            self.retry_seconds = event.retry / 1000
        if event.event in ("draining", "unavailable"):
            self._heed_retry_ms(event.data)

    def heed_retry_after(self, header: str) -> None:
        """Take the seconds of a `Retry-After` header; its other form, a date, is left aside."""
        if header.isascii() and header.isdigit():
            self.retry_seconds = min(float(header), LONGEST_RETRY_SECONDS)

    def pause(self) -> float:
        """Count one failure and say for how many seconds to wait after it."""
        wait = self.retry_seconds * 2**self.failures
        self.failures = min(self.failures + 1, 10)
        if wait <= self.retry_seconds:
            return wait
        # Many clients of a bridge that is down must not come back together.
        return random.uniform(0.5, 1.0) * min(wait, LONGEST_RETRY_SECONDS)  # noqa: S311

    def _heed_retry_ms(self, data: str) -> None:
        try:
            wait_ms = msgspec.json.decode(data, type=Retry).retry_ms
        except msgspec.MsgspecError:
            return
        if wait_ms > 0:
            self.retry_seconds = wait_ms / 1000
