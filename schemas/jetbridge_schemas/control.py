"""What the bridge itself says on a stream, between the events (contract section 4)."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Literal

from msgspec import Meta, Struct

from jetbridge_schemas.fields import Milliseconds, Timestamp
from jetbridge_schemas.reasons import GapReason, NotDurableReason, UnavailableReason


class ControlEvent(Struct, frozen=True, kw_only=True):
    """Data of a frame that the bridge makes; the frame's `id` is always the client's cursor."""


class Connected(ControlEvent, frozen=True, kw_only=True):
    """Opens every stream."""

    status: Literal["connected"] = "connected"
    client_id: Annotated[
        str | None, Meta(description="The client's name for itself; null when it gave none.")
    ]
    stream: Annotated[str, Meta(description="What is streamed: `global`, `agent:001`, `job:123`.")]
    cursor: Annotated[
        int, Meta(ge=0, description="The JetStream sequence after which delivery begins.")
    ]
    first_seq: Annotated[
        int, Meta(ge=0, description="The oldest sequence that can still be replayed.")
    ]
    last_seq: Annotated[int, Meta(ge=0, description="The newest sequence in the stream.")]
    resumed: Annotated[
        bool, Meta(description="Whether the stream goes on from where the client was.")
    ]
    durable: Annotated[
        bool, Meta(description="Whether the bridge keeps the place of this client.")
    ] = False
    durable_reason: Annotated[
        NotDurableReason | None,
        Meta(description="Why not, for a client that asked for it by a `client_id`."),
    ] = None
    durable_cursor: Annotated[
        str | None, Meta(description="The name of the stored place, to be named in an ack.")
    ] = None


class Heartbeat(ControlEvent, frozen=True, kw_only=True):
    """Shows that a quiet stream is alive, and moves its cursor."""

    timestamp: Timestamp


class CaughtUp(ControlEvent, frozen=True, kw_only=True):
    """Sent once, when replay meets live."""

    last_seq: Annotated[int, Meta(ge=0, description="The sequence at which replay ended.")]
    replayed: Annotated[int, Meta(ge=0, description="How many events were replayed.")]


class Gap(ControlEvent, frozen=True, kw_only=True):
    """Events that the client asked for are gone."""

    requested: Annotated[int, Meta(ge=0, description="The sequence that was asked for.")]
    first_available: Annotated[
        int, Meta(ge=0, description="The sequence at which delivery begins instead.")
    ]
    reason: GapReason


class SnapshotEnd(ControlEvent, frozen=True, kw_only=True):
    """Ends a snapshot: the client has the last event of every subject that it asked for."""

    last_seq: int
    """The sequence as of which that holds; every event after it follows."""
    events: int
    """How many events the snapshot had."""


class Draining(ControlEvent, frozen=True, kw_only=True):
    """The server closes the stream in a moment; come back after `retry_ms`."""

    retry_ms: Milliseconds


class Unavailable(ControlEvent, frozen=True, kw_only=True):
    """The stream cannot be had now; come back after `retry_ms`. Nothing follows this frame."""

    reason: UnavailableReason
    retry_ms: Milliseconds


CONTROL_EVENTS: Mapping[str, type[ControlEvent]] = MappingProxyType(
    {
        "connected": Connected,
        "heartbeat": Heartbeat,
        "caught-up": CaughtUp,
        "gap": Gap,
        "snapshot-end": SnapshotEnd,
        "draining": Draining,
        "unavailable": Unavailable,
    }
)
"""The `event:` name of a control frame → the struct of its data."""
