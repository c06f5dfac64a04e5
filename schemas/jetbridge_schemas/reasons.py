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
