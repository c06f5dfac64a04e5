"""One client: its place in the stream, and the states it goes through.

    REPLAYING ── caught up ──► LIVE ── overflowed ──► LAGGING
        │                       ▲ │                     │
        │                       │ └─────────────────────┼── close ──► CLOSED
        │                       └────── caught up ──────┤               ▲
        └───────────────────────────── close ───────────┴───────────────┘

Pure: it writes into a sink and asks nobody for the time.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import Protocol

import msgspec

from jetbridge.backlog import Discarded
from jetbridge.bounds import Bounds
from jetbridge.event import Batch, Event, join_frames
from jetbridge.frames import Framing, control_frame
from jetbridge.pace import Pace
from jetbridge.piece import Piece
from jetbridge.views import View
from jetbridge_schemas.control import CaughtUp, Gap, SnapshotEnd


class State(Enum):
    """Where a client is on its way."""

    REPLAYING = "replaying"
    LIVE = "live"
    LAGGING = "lagging"
    CLOSED = "closed"


class Signal(Enum):
    """What moves a client from one state to another."""

    CAUGHT_UP = "caught up"
    OVERFLOWED = "overflowed"
    CLOSE = "close"


TRANSITIONS = {
    (State.REPLAYING, Signal.CAUGHT_UP): State.LIVE,
    (State.LAGGING, Signal.CAUGHT_UP): State.LIVE,
    (State.LIVE, Signal.OVERFLOWED): State.LAGGING,
    (State.REPLAYING, Signal.CLOSE): State.CLOSED,
    (State.LIVE, Signal.CLOSE): State.CLOSED,
    (State.LAGGING, Signal.CLOSE): State.CLOSED,
}


class IllegalTransitionError(RuntimeError):
    """A signal that makes no sense in the state it met: a mistake in the bridge."""


class Sink(Protocol):
    """Where a client's bytes go. Writing never blocks; `waiting` tells how far behind it is."""

    taken: int
    """The cursor of the newest bytes that the connection has taken."""

    stalled: bool
    """True if the connection was given up because it took nothing for too long."""

    @property
    def waiting(self) -> int:
        """Events written and not yet taken by the connection."""
        ...

    @property
    def idle(self) -> bool:
        """True if the connection has taken everything."""
        ...

    def settled(self) -> int:
        """The cursor of the newest bytes that have left for the socket. What is not sure to
        have left may wait in a buffer, and is lost if this process dies."""
        ...

    def write(self, piece: Piece, events: int, cursor: int) -> None:
        """Hand over whole frames; with them the client has everything up to `cursor`."""
        ...

    def discard(self) -> Discarded:
        """Forget what the connection has not taken, as far as it can be read again."""
        ...

    def close(self) -> None:
        """End the connection after what is written."""
        ...

    async def drained(self, within: float | None = None) -> bool:
        """Wait until the connection has taken everything; False after `within` seconds."""
        ...


class Subscriber:
    """A client of one view, with its cursor: it has every matching event up to there."""

    __slots__ = (
        "announced",
        "bounds",
        "client_id",
        "cursor",
        "epoch",
        "framing",
        "max_queue",
        "pace",
        "replayed",
        "sent",
        "sink",
        "snapshot",
        "state",
        "view",
    )

    def __init__(
        self,
        *,
        view: View,
        framing: Framing,
        client_id: str,
        cursor: int,
        sink: Sink,
        max_queue: int,
        bounds: Bounds,
        snapshot: bool = False,
        pace: Pace | None = None,
    ) -> None:
        self.view = view
        self.framing = framing
        self.client_id = client_id
        self.cursor = cursor
        self.sink = sink
        sink.taken = cursor
        self.max_queue = max_queue
        self.bounds = bounds
        self.snapshot = snapshot
        self.pace = pace
        self.epoch = 0
        self.state = State.REPLAYING
        self.sent = 0
        """Events written; counted only where a bound needs it."""
        self.replayed = 0
        self.announced = False

    def signal(self, signal: Signal) -> None:
        """Change state. Raises IllegalTransitionError if there is no such way."""
        target = TRANSITIONS.get((self.state, signal))
        if target is None:
            raise IllegalTransitionError(f"{signal.value} while {self.state.value}")
        self.state = target

    @property
    def closed(self) -> bool:
        return self.state is State.CLOSED

    def deliver(self, batch: Batch) -> bool:
        """Take a live batch: write it, or fall behind if too much waits already; False if
        the client is live no more."""
        sink = self.sink
        if batch.first > self.cursor and not self.bounds.any and not sink.waiting:
            self.cursor = batch.last
            sink.write(batch.piece, batch.count, batch.last)
            return True
        self._deliver_with_care(batch)
        return self.state is State.LIVE

    def replay(self, events: Sequence[Event], *, upto: int) -> None:
        """Take a piece of history, after which the client has everything up to `upto`."""
        self.write_events(events, upto=upto)

    def replay_batch(self, batch: Batch | None, *, upto: int) -> None:
        """Take a piece of history that other clients may get too, or nothing."""
        if batch is None or self.bounds.any:
            self.replay(batch.events if batch else [], upto=upto)
        else:
            self.replayed += batch.count
            self._write(batch.piece, batch.count, upto)

    def write_events(self, events: Sequence[Event], *, upto: int) -> None:
        """Write events one by one up to the bounds of the stream, and end it there."""
        allowed = self.bounds.cut(events, upto=upto, sent=self.sent)
        if self.state is not State.LIVE:
            self.replayed += len(allowed.events)
        if allowed.events or allowed.cursor > self.cursor:
            piece = Piece(join_frames(allowed.events, self.framing))
            self._write(piece, len(allowed.events), allowed.cursor)
        if allowed.complete:
            self.announce()
        if allowed.ended:
            self.close()

    def fall_behind(self) -> None:
        """Give up the queue; go on from what the client will have without it."""
        self.signal(Signal.OVERFLOWED)
        discarded = self.sink.discard()
        if self.bounds.any:
            self.sent -= discarded.events
        self.cursor = discarded.cursor

    def end_snapshot(self, *, as_of: int) -> None:
        """The client has the last event of every subject as of this sequence."""
        self.snapshot = False
        self.cursor = max(self.cursor, as_of)
        self.control("snapshot-end", SnapshotEnd(last_seq=self.cursor, events=self.replayed))

    def skip_to(self, gap: Gap) -> None:
        """Tell the client that events are gone, and go on with the first that is there."""
        self.cursor = gap.first_available - 1
        self.control("gap", gap)
        if self.bounds.any:
            self.write_events((), upto=self.cursor)

    def control(self, name: str, data: msgspec.Struct) -> None:
        """Write a control event, stamped with the cursor."""
        self._write(Piece(control_frame(name, self.cursor, data)), 0, self.cursor)

    def write_control(self, frame: Piece, *, cursor: int) -> None:
        """Write a control frame that was made for many, stamped with `cursor`."""
        self._write(frame, 0, cursor)

    def caught_up(self) -> None:
        """Become live; the first time, say so."""
        self.signal(Signal.CAUGHT_UP)
        self.announce()

    def announce(self) -> None:
        """Say once that the client has all that exists and that it asked for."""
        if not self.announced:
            self.announced = True
            self.control("caught-up", CaughtUp(last_seq=self.cursor, replayed=self.replayed))

    def finish(self, *, upto: int) -> None:
        """End the stream because its time is up; everything up to `upto` is written."""
        self.cursor = max(self.cursor, upto)
        self.announce()
        self.close()

    def close(self) -> None:
        """End the stream after what is written. Does nothing the second time."""
        if not self.closed:
            self.signal(Signal.CLOSE)
            self.sink.close()

    def _deliver_with_care(self, batch: Batch) -> None:
        if batch.last <= self.cursor:
            return
        if batch.first <= self.cursor:
            batch = batch.after(self.cursor)
        waiting = self.sink.waiting
        if waiting and waiting + batch.count > self.max_queue:
            self.fall_behind()
        elif self.bounds.any:
            self.write_events(batch.events, upto=batch.last)
        else:
            self._write(batch.piece, batch.count, batch.last)

    def _write(self, piece: Piece, events: int, cursor: int) -> None:
        if self.bounds.any:
            self.sent += events
        self.cursor = cursor
        if piece.data:
            self.sink.write(piece, events, cursor)
