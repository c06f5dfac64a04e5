"""Where the tail goes on after it lost its consumer. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from msgspec import structs

from jetbridge.gaps import StreamState, begun_anew, removal_reason
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

    def gap_for(self, cursor: int) -> Gap:
        """The gap as a live client with this cursor has it: one that is ahead of the tail
        misses less. There must be a gap."""
        assert self.gap is not None
        if self.rewound or cursor < self.gap.requested:
            return self.gap
        return structs.replace(self.gap, requested=cursor + 1)


def begin(state: StreamState, *, history: int) -> Resume:
    """Where a new tail begins: early enough to fill the ring with the last `history` events."""
    return Resume(max(state.first_sequence - 1, state.last_sequence - history))


def go_on(position: int, state: StreamState) -> Resume:
    """Where a tail that has everything up to `position` goes on in the same stream."""
    if state.last_sequence < position:
        return _rewound(position, state)
    return _forward(position, state, removal_reason(state))


def go_on_in_another(position: int, state: StreamState) -> Resume:
    """The same in a stream that was deleted and made again meanwhile."""
    if state.first_sequence <= position:
        return _rewound(position, state)
    return _forward(position, state, GapReason.PURGED)


def _forward(position: int, state: StreamState, reason: GapReason) -> Resume:
    first = state.first_sequence
    if first <= position + 1:
        return Resume(position)
    return Resume(first - 1, Gap(requested=position + 1, first_available=first, reason=reason))


def _rewound(position: int, state: StreamState) -> Resume:
    return Resume(state.first_sequence - 1, begun_anew(position, state), rewound=True)
