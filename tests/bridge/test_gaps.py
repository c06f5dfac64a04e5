"""What is gone, and what is only not there: decisions about gaps."""

from __future__ import annotations

from dataclasses import dataclass, replace

from hypothesis import given
from hypothesis import strategies as st

from jetbridge.gaps import StreamState, around, find_gap, lost_while_reading, removal_reason
from jetbridge_schemas.control import Gap
from jetbridge_schemas.reasons import GapReason

STATE = StreamState("then", first_sequence=100, last_sequence=200)
EMPTY = StreamState("then", first_sequence=201, last_sequence=200)


def stream(first: int, length: int) -> StreamState:
    return StreamState("then", first, first + length - 1)


states = st.builds(stream, st.integers(1, 50), st.integers(0, 50))


@dataclass(frozen=True)
class Item:
    sequence: int


def test_a_cursor_inside_the_stream_has_no_gap() -> None:
    assert [find_gap(cursor, STATE) for cursor in (99, 100, 150, 200)] == [None] * 4
    assert find_gap(200, EMPTY) is None


def test_a_cursor_below_the_stream_has_lost_what_is_between() -> None:
    lost = Gap(requested=43, first_available=100, reason=GapReason.PURGED)
    assert find_gap(42, STATE) == lost
    assert find_gap(98, STATE) == Gap(requested=99, first_available=100, reason=GapReason.PURGED)
    assert find_gap(0, EMPTY) == Gap(requested=1, first_available=201, reason=GapReason.PURGED)


def test_a_cursor_above_the_stream_is_ahead_and_gets_what_exists() -> None:
    ahead = Gap(requested=202, first_available=100, reason=GapReason.AHEAD)
    assert find_gap(201, STATE) == ahead


def test_what_the_bridge_has_seen_itself_is_not_ahead() -> None:
    assert find_gap(205, STATE, seen=205) is None
    assert find_gap(206, STATE, seen=205) is not None


def test_what_a_full_stream_lacks_has_expired() -> None:
    assert removal_reason(replace(STATE, fullness=0.2)) is GapReason.PURGED
    assert removal_reason(replace(STATE, fullness=0.95)) is GapReason.EXPIRED


@given(cursor=st.integers(0, 120), state=states)
def test_after_its_gap_a_cursor_is_inside_the_stream(cursor: int, state: StreamState) -> None:
    gap = find_gap(cursor, state)
    moved = cursor if gap is None else gap.first_available - 1
    assert state.first_sequence - 1 <= moved <= state.last_sequence
    assert gap is None or gap.requested == cursor + 1


@given(
    stored=st.sets(st.integers(1, 40)),
    matching=st.sets(st.integers(1, 40)),
    position=st.integers(0, 40),
    first=st.integers(1, 45),
)
def test_a_reader_is_never_short_of_an_event_without_a_gap(
    stored: set[int], matching: set[int], position: int, first: int
) -> None:
    """The stream is purged below `first` before the reader, who is at `position`, gets
    what matches; the last sequence stands for the end of what it claims to have read."""
    wanted = sorted(n for n in stored & matching if n > position)
    delivered = [n for n in wanted if n >= first]
    state = StreamState("then", first, max([40, first - 1]))
    gap = lost_while_reading(position, [*delivered, 41], state)
    if gap is None:
        assert delivered == wanted
        return
    before, after = around(gap, [Item(n) for n in delivered])
    assert before == []
    assert [item.sequence for item in after] == delivered
    assert gap.requested == position + 1
    assert gap.first_available == first


@given(position=st.integers(0, 40), delivered=st.sets(st.integers(1, 40)), first=st.integers(1, 45))
def test_a_hole_above_the_first_event_is_no_gap(
    position: int, delivered: set[int], first: int
) -> None:
    came = sorted(n for n in delivered if n > position)
    gap = lost_while_reading(position, came, StreamState("then", first, 50))
    if first <= position + 1:
        assert gap is None


def test_a_gap_reaches_to_the_first_event_however_many_jumps_there_are() -> None:
    state = StreamState("then", first_sequence=30, last_sequence=50)
    gap = lost_while_reading(10, [11, 12, 20, 25, 30, 31], state)
    assert gap is not None
    assert gap == Gap(requested=13, first_available=30, reason=GapReason.PURGED)
    before, after = around(gap, [Item(n) for n in (11, 12, 20, 25, 30, 31)])
    assert [item.sequence for item in before] == [11, 12]
    assert [item.sequence for item in after] == [30, 31]
