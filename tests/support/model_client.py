"""A browser and its connection, in miniature: see `tests.support.model`."""

from __future__ import annotations

import re

from jetbridge.backlog import Backlog, Discarded
from jetbridge.piece import Piece
from jetbridge.subscriber import Subscriber
from jetbridge.views import View

AHEAD = b'"reason":"ahead"'
FRAME = re.compile(rb"id: (\d+)\nevent: ([\w.-]+)\ndata: (\{.*\})\n\n")


class ModelSink:
    """A connection that takes everything at once, or nothing while `blocked`."""

    def __init__(self) -> None:
        self.blocked = False
        self.taken = 0
        self.stalled = False
        self.wire = bytearray()
        self.restarts_waiting = 0
        """Gaps in the backlog that say that the sequences began anew."""
        self._backlog = Backlog()

    @property
    def waiting(self) -> int:
        return self._backlog.waiting

    @property
    def idle(self) -> bool:
        return not self.blocked

    def settled(self) -> int:
        return self.taken

    def write(self, piece: Piece, events: int, cursor: int) -> None:
        self._backlog.add(piece, events=events, cursor=cursor)
        self.restarts_waiting += piece.data.count(AHEAD)
        if not self.blocked:
            self.unblock()

    def unblock(self) -> None:
        """Take what waits, and from now on everything at once."""
        self.blocked = False
        if self._backlog:
            piece, self.taken = self._backlog.take()
            self.wire += piece.data
            self.restarts_waiting = 0

    def discard(self) -> Discarded:
        return self._backlog.discard(taken=self.taken)

    def close(self) -> None:
        """There is nothing to close."""

    async def drained(self, within: float | None = None) -> bool:
        return not self.blocked


class ModelClient:
    """A browser: it keeps what it saw, and comes back with its last id."""

    def __init__(self, view: View, cursor: int) -> None:
        self.view = view
        self.last_id = cursor
        self.seen: list[tuple[str, int, bytes]] = []
        self.subscriber: Subscriber | None = None
        self.sink = ModelSink()
        self._restarts_due = 0

    def read(self) -> None:
        """See everything that is on the wire; it must be whole frames."""
        wire, self.sink.wire = bytes(self.sink.wire), bytearray()
        place = 0
        while place < len(wire):
            match = FRAME.match(wire, place)
            assert match is not None, wire[place:]
            place = match.end()
            self.last_id = int(match[1])
            self.seen.append((match[2].decode(), self.last_id, match[3]))

    def expect_restart(self) -> None:
        """The sequences begin anew now; before it is told, its last id means nothing."""
        self.read()
        self._restarts_due = self._restarts_seen() + self.sink.restarts_waiting + 1

    @property
    def lost_its_place(self) -> bool:
        """True if it was not told yet."""
        return self._restarts_seen() < self._restarts_due

    def _restarts_seen(self) -> int:
        return sum(AHEAD in data for _, _, data in self.seen)
