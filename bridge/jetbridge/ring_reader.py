"""Reading the ring for many: clients that want the same range share its joined bytes.

After a cut of the network, or a restart, thousands come back with the same last id. What
the first of them was given is kept for a while, so the others cost a look-up and a write.
"""

from __future__ import annotations

from typing import NamedTuple

from jetbridge.event import Batch
from jetbridge.filters import Filter
from jetbridge.frames import Framing
from jetbridge.ring import Ring

MAX_KEPT = 32
"""Pieces kept; each may hold some 130 KB beside its events."""


class RingPiece(NamedTuple):
    """What the ring has for a filter after some cursor, up to `cursor`; `batch` is `None`
    if nothing there matches. `head` is the ring's at the time."""

    batch: Batch | None
    cursor: int
    head: int


class RingReader:
    """Gives pieces of the ring, each read and joined once."""

    def __init__(self, ring: Ring, *, piece_bytes: int) -> None:
        self._ring = ring
        self._piece_bytes = piece_bytes
        self._kept: dict[tuple[int, Filter, Framing, int], RingPiece] = {}

    def read(self, wanted: Filter, framing: Framing, *, after: int, epoch: int) -> RingPiece:
        """The next piece after a cursor, which must not be below the ring's floor.

        `epoch` tells sequences of the stream from equal ones of the stream before it.
        """
        key = (epoch, wanted, framing, after)
        piece = self._kept.get(key)
        if piece is None or (piece.cursor >= piece.head != self._ring.head):
            piece = self._kept[key] = self._read(wanted, framing, after)
            if len(self._kept) > MAX_KEPT:
                del self._kept[next(iter(self._kept))]
        return piece

    def _read(self, wanted: Filter, framing: Framing, after: int) -> RingPiece:
        events, cursor = self._ring.after(after, wanted, max_bytes=self._piece_bytes)
        return RingPiece(Batch(events, framing) if events else None, cursor, self._ring.head)
