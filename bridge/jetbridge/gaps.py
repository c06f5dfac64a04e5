"""Are events that a client asked for gone? Pure decisions from the state of the stream."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from jetbridge_schemas.control import Gap
from jetbridge_schemas.reasons import GapReason

NEARLY_FULL = 0.9
"""Share of a retention limit at which missing events are put down to retention."""


@dataclass(frozen=True)
class StreamState:
    """What is known of the stream at one moment.

    An empty stream has `first_sequence == last_sequence + 1`. `created` names the
    incarnation: it changes when the stream is deleted and made again. `fullness` says how
    near the stream is to the nearest of its retention limits, 1.0 being there. `holes`
    counts the events that were removed from the middle. `replicas` is how many nodes of a
    NATS cluster have the stream.
    """

    created: str
    first_sequence: int
    last_sequence: int
    fullness: float = 0.0
    holes: int = 0
    replicas: int = 1


class Numbered(Protocol):
    """Anything with a place in the stream."""

    @property
    def sequence(self) -> int: ...


N = TypeVar("N", bound=Numbered)


def find_gap(cursor: int, state: StreamState, *, seen: int = 0) -> Gap | None:
    """The gap between a client's cursor and the first event still there; `None` if none.

    A cursor above the last event was handed out by another incarnation of the stream, or
    by nobody: all that exists follows. `seen` is what this bridge has read itself: up to
    there nothing is ahead, should the node that told the state be a moment behind.
    """
    first = state.first_sequence
    if cursor > max(state.last_sequence, seen):
        return begun_anew(cursor, state)
    if cursor < first - 1:
        reason = removal_reason(state)
        return Gap(requested=cursor + 1, first_available=first, reason=reason)
    return None


def begun_anew(cursor: int, state: StreamState) -> Gap:
    """The gap of a cursor that belongs to an incarnation of the stream which is gone, while
    the sequences of this one began anew below it: all that exists follows."""
    return Gap(requested=cursor + 1, first_available=state.first_sequence, reason=GapReason.AHEAD)


def removal_reason(state: StreamState) -> GapReason:
    """Why events at the beginning of the stream are gone.

    JetStream does not record it. If a retention limit can have removed them, it is taken
    for the cause: it does so every day, while a purge is rare.
    """
    return GapReason.EXPIRED if state.fullness >= NEARLY_FULL else GapReason.PURGED


def lost_while_reading(position: int, sequences: Sequence[int], state: StreamState) -> Gap | None:
    """Could events have been removed between those that a reader was given?

    `position` is where it read from, `sequences` those that came, and `state` the stream
    afterwards. A jump that begins below the first event still there can hide a removal,
    and so can every later one below it: the gap ends at the first event still there. A
    jump that begins above it is a hole made by a filter, or by the removal of single events.
    """
    first = state.first_sequence
    for sequence in sequences:
        if position + 1 < min(sequence, first):
            reason = removal_reason(state)
            return Gap(requested=position + 1, first_available=first, reason=reason)
        position = sequence
    return None


def around(gap: Gap, items: Sequence[N]) -> tuple[list[N], list[N]]:
    """What came before a gap, and what comes after it."""
    before = [item for item in items if item.sequence < gap.requested]
    after = [item for item in items if item.sequence >= gap.first_available]
    return before, after
