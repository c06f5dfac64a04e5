"""Why an event was not stored."""

from __future__ import annotations

from jetbridge_schemas.errors import JetbridgeError


class PublishError(JetbridgeError):
    """An event was not stored, or nobody knows whether it was."""


class PublishBufferFullError(PublishError):
    """Too many events wait already; this one was not taken. Try again, or slow down."""


class PublishRejectedError(PublishError):
    """This event will never be stored as it is: retrying does not help."""


class PublishConflictError(PublishRejectedError):
    """The event was to be stored only if another one was the last; `last` is instead."""

    def __init__(self, message: str, *, last: int) -> None:
        super().__init__(message)
        self.last = last


class PublishTimeoutError(PublishError):
    """The event could not be stored within the time allowed for an outage.

    If it was under way when the outage began, it may have been stored all the same:
    emitting it again with the same `id` is safe within the stream's duplicate window.
    """


class QueueFullError(PublishError):
    """An agent has as many tasks waiting as it may; this one was not taken."""
