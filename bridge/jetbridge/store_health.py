"""Does the store of cursors work? A line in the log now and then for each trouble, and no
crowd of clients that all wait for the same silence."""

from __future__ import annotations

import logging

from jetbridge.cursor_store import why_not
from jetbridge_schemas.errors import JetbridgeError
from jetbridge_schemas.reasons import NotDurableReason

logger = logging.getLogger("jetbridge.durable")

TOLD_SECONDS = 60.0
"""How often a trouble that stays is told again."""

PAUSE_SECONDS = 5.0
"""How long clients that can do without are not made to wait for a store that did not
answer, and how long nobody is promised a cursor after one was found that may not be moved."""

LONG_SECONDS = 1.0
"""A failure that took so long is not to be waited for by everybody."""


class StoreHealth:
    """What is known of the store. Times are in seconds of any clock, passed in."""

    def __init__(self) -> None:
        self.failures = 0
        """Cursors that could not be found, made or moved, since the start."""
        self._told: dict[NotDurableReason, float] = {}
        self._pause: NotDurableReason | None = None
        self._paused_until = 0.0

    def failed(self, error: JetbridgeError, *, now: float, waited: float) -> NotDurableReason:
        """Take note of a failure after `waited` seconds; returns what it means for a client."""
        self.failures += 1
        reason = why_not(error)
        if now - self._told.get(reason, -TOLD_SECONDS) >= TOLD_SECONDS:
            self._told[reason] = now
            logger.warning("a client's cursor cannot be kept: %s%s", error, hint_of(error))
        if reason is NotDurableReason.FORBIDDEN or waited >= LONG_SECONDS:
            self._pause, self._paused_until = reason, now + PAUSE_SECONDS
        return reason

    def pausing(self, now: float) -> NotDurableReason | None:
        """Why the store is not to be relied on just now; `None` if it is."""
        return self._pause if now < self._paused_until else None


def hint_of(error: JetbridgeError) -> str:
    """What to do about it, to be written behind the error."""
    return f" ({error.hint})" if error.hint else ""
