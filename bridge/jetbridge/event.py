"""One event as the bridge carries it: decoded once, its frame encoded once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from jetbridge.frames import Framing, event_frame
from jetbridge.piece import Piece


class Event:
    """An event of the stream, with its place in it.

    `data` is the publisher's JSON object, compact, on one line. `time_ns` is when
    JetStream stored it, in nanoseconds since 1970.
    """

    __slots__ = ("_typed", "agent", "data", "job", "sequence", "tenant", "time_ns", "type")

    def __init__(
        self,
        *,
        sequence: int,
        time_ns: int,
        tenant: str,
        agent: str,
        job: str | None,
        type: str,
        data: bytes,
    ) -> None:
        self.sequence = sequence
        self.time_ns = time_ns
        self.tenant = tenant
        self.agent = agent
        self.job = job
        self.type = type
        self.data = data
        self._typed: bytes | None = None

    def frame(self, framing: Framing) -> bytes:
        """The event as it goes over the wire; the common framing is encoded only once."""
        if framing is not Framing.TYPED:
            return event_frame(self, framing)
        if self._typed is None:
            self._typed = event_frame(self, framing)
        return self._typed


class Batch:
    """Consecutive matching events (at least one), their frames joined once for all who want
    them. `first` and `last` are sequences."""

    __slots__ = ("count", "events", "first", "framing", "last", "piece")

    def __init__(self, events: Sequence[Event], framing: Framing) -> None:
        self.events = events
        self.framing = framing
        self.count = len(events)
        self.first = events[0].sequence
        self.last = events[-1].sequence
        self.piece = Piece(join_frames(events, framing))

    def after(self, cursor: int) -> Batch:
        """The part of the batch that a client with this cursor has not got."""
        return Batch([event for event in self.events if event.sequence > cursor], self.framing)


def join_frames(events: Iterable[Event], framing: Framing) -> bytes:
    """All frames as one piece of bytes."""
    return b"".join([event.frame(framing) for event in events])
