"""Are events that a client asked for gone? Pure decisions from the state of the stream."""

from __future__ import annotations

from dataclasses import dataclass

from jetbridge_schemas.control import Gap
from jetbridge_schemas.reasons import GapReason

NEARLY_FULL = 0.9
"""Share of a retention limit at which missing events are put down to retention."""


@dataclass(frozen=True)
class StreamState:
    """What is known of the stream at one moment.

    An empty stream has `first_sequence == last_sequence + 1`. `created` names the
    incarnation: it changes when the stream is deleted and made again.
    `age_share` and `bytes_share` say how near the stream is to its retention limits.
    """

    created: str
    first_sequence: int
    last_sequence: int
    age_share: float = 0.0
    bytes_share: float = 0.0


def find_gap(cursor: int, state: StreamState) -> Gap | None:
    """The gap between a client's cursor and the first event still there; `None` if none.

    Cursor 0 is "from the beginning" and never a gap. A cursor above the last event was
    handed out by another incarnation of the stream, or by nobody: all that exists follows.
    """
    if cursor > state.last_sequence:
        reason = GapReason.AHEAD
    elif 0 < cursor < state.first_sequence - 1:
        reason = removal_reason(state)
    else:
        return None
    return Gap(requested=cursor + 1, first_available=state.first_sequence, reason=reason)


def removal_reason(state: StreamState) -> GapReason:
    """Why events at the beginning of the stream are gone.

    JetStream does not record it: when a retention limit is nearly reached it is the
    likely cause, otherwise somebody purged the stream or made it again.
    """
    nearly_full = max(state.age_share, state.bytes_share) >= NEARLY_FULL
    return GapReason.EXPIRED if nearly_full else GapReason.PURGED


def lost_while_reading(position: int, delivered: list[int], state: StreamState) -> Gap | None:
    """Could events have been removed between those a reader was given?

    `position` is where it read from, `delivered` the sequences that came, and `state`
    the stream afterwards. Only a jump that begins below the first event still there can
    hide a removal: one above is a hole made by the filter.
    """
    for sequence in delivered:
        if position + 1 < min(sequence, state.first_sequence):
            return Gap(
                requested=position + 1,
                first_available=min(sequence, state.first_sequence),
                reason=removal_reason(state),
            )
        position = sequence
    return None
