"""The replay→live join: what a client that is not live does next. Pure.

There is no buffer for each client. The ring is the buffer of all: it holds every event
in (`floor`, `head`], so a client whose cursor is at or above the floor needs nothing
else, and one whose cursor is at the head has met live. The join happens in the same
step of the event loop in which the last piece is written, so nothing comes in between.
"""

from __future__ import annotations

from enum import Enum


class Step(Enum):
    """What to do next."""

    READ_STREAM = "read from JetStream"
    READ_RING = "read from the ring"
    GO_LIVE = "go live"


def next_step(cursor: int, *, floor: int, head: int) -> Step:
    """The step for a client that has everything up to `cursor`.

    A cursor above the head belongs to a client that read from JetStream faster than the
    tail, or that comes from another replica: it goes live, and is not sent what it has.
    """
    if cursor < floor:
        return Step.READ_STREAM
    return Step.READ_RING if cursor < head else Step.GO_LIVE
