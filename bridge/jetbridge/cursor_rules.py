"""Which position of a client is safe to store. Pure.

A client may be connected several times at once: two tabs, or one that reconnects before
its old connection is found dead. They share one cursor, and it may never claim what one
of them has not got.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple


class Reach(NamedTuple):
    """How far one open connection is.

    `settled` is what has left for its socket; `handed` what was handed over for it, some
    of which may wait in a buffer; `explicit` if its client moves the cursor itself.
    """

    settled: int
    handed: int
    explicit: bool


def safe_position(reaches: Iterable[Reach], *, acked: int, stored: int) -> int:
    """The cursor to store for the open connections of one client and filter.

    It is the least of what was written to each, or was acked by a client that acks; never
    past what was written, and never before what is stored already. Connections that are
    closed hold nothing back. `stored` without any.
    """
    safe = [reached(reach, acked) for reach in reaches]
    return max(stored, min(safe, default=stored))


def reached(reach: Reach, acked: int) -> int:
    """How far one connection lets the cursor go."""
    # An ack proves that its event has arrived, though the buffer it was in is not empty yet.
    return min(reach.handed, acked) if reach.explicit else reach.settled


def ack_bound(reaches: Iterable[Reach]) -> int:
    """The newest id that a client can have got on any of its connections; 0 without any."""
    return max((reach.handed for reach in reaches), default=0)


def moved_by_purge(delivered: int, noted: int, *, first_sequence: int) -> bool:
    """Has a purge moved a cursor's consumer, and so hidden what it took away?

    A purge of the stream puts every consumer that is behind it right before the first
    event. `noted` is where the cursor was known to be. In doubt, after a crash, it is
    better to tell of a gap that was none than to hide one.
    """
    return noted < delivered == first_sequence - 1
