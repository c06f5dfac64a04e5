"""What was written to a client and its connection has not taken. Pure."""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

from jetbridge.piece import Piece


class Entry(NamedTuple):
    """A piece with so many events; with it, a client has everything up to `cursor`."""

    piece: Piece
    events: int
    cursor: int


class Discarded(NamedTuple):
    """How many events were dropped, and the cursor of the client without them."""

    events: int
    cursor: int


class Backlog:
    """A queue of pieces that can be given up, as far as they can be read again."""

    __slots__ = ("_entries", "waiting")

    def __init__(self) -> None:
        self._entries: deque[Entry] = deque()
        self.waiting = 0
        """Events in the queue."""

    def __bool__(self) -> bool:
        return bool(self._entries)

    def add(self, piece: Piece, *, events: int, cursor: int) -> None:
        """Queue a piece; one without events is a control frame."""
        self._entries.append(Entry(piece, events, cursor))
        self.waiting += events

    def take(self) -> tuple[Piece, int]:
        """Everything in one piece, and the cursor after it. There must be something."""
        entries, self._entries = self._entries, deque()
        self.waiting = 0
        if len(entries) == 1:
            return entries[0].piece, entries[0].cursor
        joined = b"".join([entry.piece.data for entry in entries])
        return Piece(joined), entries[-1].cursor

    def discard(self, *, taken: int) -> Discarded:
        """Drop the newest events, up to the last control frame: that is said only once, so
        it stays, with what is before it. `taken` is the cursor of what the connection has."""
        events = 0
        while self._entries and self._entries[-1].events:
            events += self._entries.pop().events
        self.waiting -= events
        return Discarded(events, self._entries[-1].cursor if self._entries else taken)
