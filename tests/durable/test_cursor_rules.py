"""Which position is safe, and whose it is: the pure part of durable clients."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from jetbridge.cursor_keys import ClientKey, CursorKey, client_prefix
from jetbridge.cursor_rules import Reach, ack_bound, moved_by_purge, safe_position
from jetbridge.filters import Filter

POSITIONS = st.integers(0, 1000)


@st.composite
def reaches(draw: st.DrawFn) -> Reach:
    """A connection: what has left for its socket was handed over before."""
    handed = draw(POSITIONS)
    return Reach(draw(st.integers(0, handed)), handed, draw(st.booleans()))


@given(st.lists(reaches()), POSITIONS, POSITIONS)
def test_a_cursor_never_goes_backwards(open_now: list[Reach], acked: int, stored: int) -> None:
    assert safe_position(open_now, acked=acked, stored=stored) >= stored


@given(st.lists(reaches(), min_size=1), POSITIONS, POSITIONS)
def test_a_cursor_never_passes_what_was_given_to_the_slowest(
    open_now: list[Reach], acked: int, stored: int
) -> None:
    slowest = min(reach.handed if reach.explicit else reach.settled for reach in open_now)
    assert safe_position(open_now, acked=acked, stored=stored) <= max(stored, slowest)


@given(st.lists(reaches(), min_size=1), POSITIONS, POSITIONS)
def test_a_client_that_acks_is_never_put_past_its_ack(
    open_now: list[Reach], acked: int, stored: int
) -> None:
    open_now = [*open_now, Reach(1000, 1000, explicit=True)]
    assert safe_position(open_now, acked=acked, stored=stored) <= max(stored, acked)


@given(st.lists(reaches()), reaches(), POSITIONS, POSITIONS)
def test_a_connection_that_has_ended_holds_nothing_back(
    others: list[Reach], ended: Reach, acked: int, stored: int
) -> None:
    before = safe_position([*others, ended], acked=acked, stored=stored)
    after = safe_position(others, acked=acked, stored=before)
    alone = safe_position(others, acked=acked, stored=stored)
    assert after == max(before, alone)


def test_what_waits_in_a_buffer_does_not_count_as_written() -> None:
    assert safe_position([Reach(5, 9, explicit=False)], acked=0, stored=1) == 5


def test_an_ack_of_what_waits_in_a_buffer_proves_that_it_has_arrived() -> None:
    assert safe_position([Reach(5, 9, explicit=True)], acked=8, stored=1) == 8


def test_only_what_was_handed_over_can_be_acked() -> None:
    open_now = [Reach(1, 3, explicit=True), Reach(2, 7, explicit=True)]
    assert ack_bound(open_now) == 7
    assert ack_bound([]) == 0


@given(POSITIONS, POSITIONS, POSITIONS)
def test_a_purge_is_suspected_only_of_cursors_right_before_the_first_event(
    delivered: int, noted: int, first: int
) -> None:
    moved = moved_by_purge(delivered, noted, first_sequence=first)
    assert moved == (delivered == first - 1 and noted < delivered)


IDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
SETS = st.none() | st.frozensets(st.sampled_from("abc"), max_size=2)
FILTERS = st.builds(Filter, st.just("default"), SETS, SETS, SETS)
KEYS = st.builds(CursorKey, st.builds(ClientKey, IDS, IDS, IDS), FILTERS)


@given(KEYS, KEYS)
def test_cursors_share_a_name_exactly_if_client_and_filter_are_equal(
    one: CursorKey, other: CursorKey
) -> None:
    assert (one.name == other.name) == (one == other)
    shared = other.name.startswith(client_prefix(one.client))
    assert shared == (one.client == other.client)


@given(KEYS)
def test_a_name_is_fit_for_a_consumer_and_for_a_file(key: CursorKey) -> None:
    assert re.fullmatch(r"sse_[a-z2-7]{26}_[a-z2-7]{26}", key.name)


def test_a_long_filter_is_described_in_part() -> None:
    agents = frozenset(f"agent:{number:04}" for number in range(300))
    key = CursorKey(ClientKey("default", "", "c"), Filter("default", agents=agents))
    wanted = key.wanted()
    assert wanted.agents == [f"agent:{number:04}" for number in range(100)]
    assert (wanted.jobs, wanted.event_types, wanted.more) == (None, None, 200)
