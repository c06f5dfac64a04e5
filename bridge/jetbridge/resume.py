"""Where the tail goes on after it lost its consumer. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from jetbridge.gaps import StreamState, removal_reason
from jetbridge_schemas.control import Gap
from jetbridge_schemas.reasons import GapReason


@dataclass(frozen=True)
class Resume:
    """`position` is the sequence to go on after; `gap` says what was missed, if anything.

    `rewound`: sequences begin anew below those handed out, because the stream was made
    again without a first sequence, or restored from an older copy.
    """

    position: int
    gap: Gap | None = None
    rewound: bool = False


def begin(state: StreamState, *, history: int) -> Resume:
    """Where a new tail begins: early enough to fill the ring with the last `history` events."""
    return Resume(max(state.first_sequence - 1, state.last_sequence - history))


def go_on(position: int, created: str, state: StreamState) -> Resume:
    """Where a tail that has everything up to `position` goes on."""
    first = state.first_sequence
    if state.last_sequence < position or (state.created != created and first <= position):
        gap = Gap(requested=position + 1, first_available=first, reason=GapReason.AHEAD)
        return Resume(first - 1, gap, rewound=True)
    if first <= position + 1:
        return Resume(position)
    replaced = state.created != created
    reason = GapReason.PURGED if replaced else removal_reason(state)
    return Resume(first - 1, Gap(requested=position + 1, first_available=first, reason=reason))
