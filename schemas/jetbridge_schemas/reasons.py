"""Why something was not delivered, why a stream has a hole, why a stream cannot be had.

The words are part of the wire format (contract sections 4 and 6); browsers get them as
TypeScript literals.
"""

from __future__ import annotations

from enum import StrEnum


class DeadLetterReason(StrEnum):
    """Why a message in the stream is skipped and announced on `dlq.<tenant>.<reason>`."""

    BAD_SUBJECT = "bad_subject"
    """The subject does not fit the grammar, or claims an event type reserved for the bridge."""

    BAD_JSON = "bad_json"
    """The payload is not one JSON object in valid UTF-8."""

    BAD_ENCODING = "bad_encoding"
    """The payload is not what its `Content-Type` says, or has no form in JSON."""

    SCHEMA = "schema"
    """The payload of a known event type does not fit that type's schema."""

    TOO_LARGE = "too_large"
    """The payload, or the JSON it stands for, is over 1 MiB."""

    BAD_TASK = "bad_task"
    """A message on `task.<tenant>.<agent>` that asks for nothing a worker can do."""

    MAX_DELIVERIES = "max_deliveries"
    """A task that was tried as often as allowed, and lost its worker every time."""


class GapReason(StrEnum):
    """Why events that a client asked for are not there any more."""

    EXPIRED = "expired"
    """Retention (age or size) removed them."""

    PURGED = "purged"
    """Somebody purged the stream, or deleted it and made it again."""

    AHEAD = "ahead"
    """The client asked for a position that the stream has not reached."""

    LIMITED = "limited"
    """The bridge itself cut the replay short, by a limit set by its operator."""


class UnavailableReason(StrEnum):
    """Why a stream cannot be had just now; the client is to come back after `retry_ms`."""

    CAPACITY = "capacity"
    """A limit on open streams or on new connections is reached."""

    DRAINING = "draining"
    """This bridge is shutting down; another replica, or its successor, will answer."""

    NATS_UNREACHABLE = "nats_unreachable"
    """The bridge has no connection to NATS."""

    STREAM_MISSING = "stream_missing"
    """NATS is there, the JetStream stream `EVT` is not."""

    SERVER_ERROR = "server_error"
    """Something unexpected happened in the bridge; its log has the details."""


class NotDurableReason(StrEnum):
    """Why the bridge keeps no cursor for a client that gave a `client_id`; its stream goes on."""

    CAPACITY = "capacity"
    """There is no room for another cursor in the stream, or in the bucket."""

    FORBIDDEN = "forbidden"
    """The bridge lacks a permission in NATS; its log names the subject."""

    UNAVAILABLE = "unavailable"
    """The store of cursors does not answer."""

    REFUSED = "refused"
    """NATS does not accept such a cursor; the log of the bridge has its words."""


class TaskFailure(StrEnum):
    """The `error_type` of a `WorkflowFailed` that no exception of the agent's caused."""

    CANCELLED = "cancelled"
    """Somebody cancelled the task."""

    TIMEOUT = "timeout"
    """The task took longer than its worker allows."""

    BUDGET_EXCEEDED = "budget_exceeded"
    """The task spent more than its budget."""

    MAX_DELIVERIES = "max_deliveries"
    """The task lost its worker as often as allowed."""


class PauseReason(StrEnum):
    """The `reason` of a `WorkflowPaused` that has a meaning to workers."""

    WORKER_STOPPED = "worker_stopped"
    """The worker was told to stop; the next one takes the task over, and no attempt is lost."""
