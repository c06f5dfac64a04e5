"""Where the tail goes on, whatever became of the stream meanwhile."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from jetbridge.gaps import StreamState
from jetbridge.resume import Resume, begin, go_on, go_on_in_another
from jetbridge_schemas.control import Gap
from jetbridge_schemas.reasons import GapReason


def stream(first: int, last: int, *, fullness: float = 0.0) -> StreamState:
    return StreamState("then", first, last, fullness)


def stream_of(first: int, length: int, fullness: float) -> StreamState:
    return stream(first, first + length - 1, fullness=fullness)


states = st.builds(stream_of, st.integers(1, 50), st.integers(0, 50), st.sampled_from([0.0, 1.0]))


def test_a_new_tail_reads_what_fits_into_the_ring() -> None:
    assert begin(stream(1, 1000), history=100).position == 900
    assert begin(stream(1, 50), history=100).position == 0
    assert begin(stream(2_000_001, 2_000_000), history=100).position == 2_000_000


def test_a_tail_goes_on_after_the_last_event_it_has() -> None:
    assert go_on(50, stream(1, 50)) == go_on(50, stream(51, 50)) == Resume(50)
    assert go_on(50, stream(1, 80)) == Resume(50)


def test_events_that_were_removed_before_they_were_read_are_a_gap() -> None:
    gap = Gap(requested=51, first_available=70, reason=GapReason.PURGED)
    assert go_on(50, stream(70, 90)) == Resume(69, gap)
    expired = Gap(requested=51, first_available=70, reason=GapReason.EXPIRED)
    assert go_on(50, stream(70, 90, fullness=1.0)) == Resume(69, expired)


def test_a_stream_that_has_lost_its_newest_events_begins_anew() -> None:
    gap = Gap(requested=51, first_available=1, reason=GapReason.AHEAD)
    assert go_on(50, stream(1, 49)) == Resume(0, gap, rewound=True)


def test_another_stream_with_higher_sequences_is_a_gap() -> None:
    gap = Gap(requested=51, first_available=1000, reason=GapReason.PURGED)
    assert go_on_in_another(50, stream(1000, 999)) == Resume(999, gap)
    assert go_on_in_another(50, stream(1000, 1010, fullness=1.0)) == Resume(999, gap)


def test_another_stream_with_sequences_already_handed_out_begins_anew() -> None:
    gap = Gap(requested=51, first_available=1, reason=GapReason.AHEAD)
    assert go_on_in_another(50, stream(1, 0)) == Resume(0, gap, rewound=True)
    assert go_on_in_another(50, stream(1, 500)) == Resume(0, gap, rewound=True)


def test_a_live_client_that_is_ahead_of_the_tail_misses_less() -> None:
    resume = go_on(50, stream(70, 90))
    assert resume.gap_for(10) == resume.gap_for(50) == resume.gap
    assert resume.gap_for(60) == Gap(requested=61, first_available=70, reason=GapReason.PURGED)


@given(position=st.integers(0, 120), state=states, another=st.booleans())
def test_the_tail_never_skips_an_event_that_is_there_without_a_gap(
    position: int, state: StreamState, another: bool
) -> None:
    resume = (go_on_in_another if another else go_on)(position, state)
    if resume.rewound:
        assert resume.position == state.first_sequence - 1
    else:
        assert resume.position >= position
        assert resume.position in {position, state.first_sequence - 1}
    assert (resume.gap is None) == (resume.position == position and not resume.rewound)
