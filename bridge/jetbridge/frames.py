"""Server-Sent Events on the wire: pure functions from values to bytes.

The format is that of the HTML standard, "9.2 Server-sent events"; the frames are
those of the project's HTTP contract: `id` is the bare stream sequence.
"""

from __future__ import annotations

from enum import Enum
from typing import Protocol

import msgspec

from jetbridge_schemas.cloudevents import structured_event
from jetbridge_schemas.timestamps import rfc3339

RECONNECT_MS = 3000
"""How long a browser waits before it reconnects; the contract's `retry`."""


class Framing(Enum):
    """How an event is laid out in a frame."""

    TYPED = "typed"
    """`event:` names the type; data is the publisher's JSON."""
    CLOUDEVENTS = "cloudevents"
    """As typed, with a structured CloudEvent as data."""
    UNNAMED = "unnamed"
    """No `event:` line: browsers dispatch it as `message`."""


class Framed(Protocol):
    """What a frame is made from."""

    @property
    def sequence(self) -> int: ...
    @property
    def time_ns(self) -> int: ...
    @property
    def agent(self) -> str: ...
    @property
    def job(self) -> str | None: ...
    @property
    def type(self) -> str: ...
    @property
    def data(self) -> bytes: ...


def event_frame(event: Framed, framing: Framing) -> bytes:
    """One event as one frame. Its data must be one line, its type without line ends."""
    if framing is Framing.UNNAMED:
        return b"id: %d\ndata: %b\n\n" % (event.sequence, event.data)
    data = event.data if framing is Framing.TYPED else cloudevent(event)
    return b"id: %d\nevent: %b\ndata: %b\n\n" % (event.sequence, event.type.encode(), data)


def control_frame(name: str, cursor: int, data: msgspec.Struct) -> bytes:
    """A control event (`connected`, `heartbeat`, …), stamped with the client's cursor."""
    return b"id: %d\nevent: %b\ndata: %b\n\n" % (cursor, name.encode(), msgspec.json.encode(data))


def retry_line(milliseconds: int) -> bytes:
    """Tells the browser how long to wait before it reconnects; goes before a frame."""
    return b"retry: %d\n" % milliseconds


def cloudevent(event: Framed) -> bytes:
    """The event as structured CloudEvents 1.0 JSON."""
    return structured_event(
        sequence=event.sequence,
        agent=event.agent,
        job=event.job,
        type=event.type,
        time=rfc3339(event.time_ns),
        data_json=event.data,
    )
