"""The ring against a plain list of everything that ever happened."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from jetbridge.event import Event
from jetbridge.filters import Filter
from jetbridge.ring import Ring, size_of
from tests.support.events import events, filters, make_event

STEPS = st.lists(st.none() | events(), max_size=40)
"""What the tail brings: an event, or a dead letter."""


def filled(
    steps: list[Event | None], *, max_events: int, max_bytes: int
) -> tuple[Ring, list[Event]]:
    """A ring that has taken the steps, every second sequence missing, and all its events."""
    ring = Ring(max_events=max_events, max_bytes=max_bytes)
    ring.restart(10)
    happened: list[Event] = []
    for number, event in enumerate(steps):
        sequence = 12 + 2 * number
        if event is None:
            ring.advance(sequence)
        else:
            event.sequence = sequence
            ring.append(event)
            happened.append(event)
    return ring, happened


@given(STEPS, filters(), st.integers(0, 45), st.integers(0, 60))
def test_after_a_cursor_comes_every_matching_event_in_order_in_however_small_pieces(
    steps: list[Event | None], wanted: Filter, max_events: int, ahead: int
) -> None:
    ring, happened = filled(steps, max_events=max_events, max_bytes=10**9)
    assert ring.head == (10 + 2 * len(steps) if steps else 10)
    cursor = start = min(ring.floor + ahead, ring.head)
    found: list[Event] = []
    while cursor < ring.head:
        piece, cursor = ring.after(cursor, wanted, max_bytes=1)
        assert len(piece) <= 1
        found += piece
    assert found == [e for e in happened if e.sequence > start and wanted.matches(e)]


@given(STEPS, st.integers(0, 45), st.integers(0, 20_000))
def test_the_newest_events_are_held_within_both_limits(
    steps: list[Event | None], max_events: int, max_bytes: int
) -> None:
    ring, happened = filled(steps, max_events=max_events, max_bytes=max_bytes)
    held, _ = ring.after(ring.floor, Filter("default"), max_bytes=10**9)
    others, _ = ring.after(ring.floor, Filter("other"), max_bytes=10**9)
    newest = happened[len(happened) - len(ring) :]
    assert sorted(e.sequence for e in held + others) == [e.sequence for e in newest]
    assert len(ring) <= max_events
    assert sum(map(size_of, newest)) <= max_bytes
    assert ring.by_agent == Counter(event.agent for event in newest)
    assert ring.by_job == Counter(event.job for event in newest)
    dropped = happened[: len(happened) - len(ring)]
    assert ring.floor >= (dropped[-1].sequence if dropped else 10)
    assert not newest or ring.floor < newest[0].sequence


@given(STEPS, filters(), st.integers(0, 45), st.integers(0, 10))
def test_the_last_matching_events_are_found_by_count(
    steps: list[Event | None], wanted: Filter, max_events: int, count: int
) -> None:
    ring, happened = filled(steps, max_events=max_events, max_bytes=10**9)
    held = [event for event in happened[len(happened) - len(ring) :] if wanted.matches(event)]
    found, cursor = ring.last_matching(wanted, count)
    assert found == min(count, len(held))
    after, _ = ring.after(cursor, wanted, max_bytes=10**9)
    assert after == (held[-count:] if count else [])


@given(STEPS, st.integers(0, 120))
def test_what_is_purged_is_forgotten(steps: list[Event | None], first_sequence: int) -> None:
    ring, happened = filled(steps, max_events=100, max_bytes=10**9)
    ring.trim(first_sequence)
    left = [event for event in happened if event.sequence >= first_sequence]
    assert len(ring) == len(left)
    assert ring.floor <= ring.head
    assert not left or ring.floor < left[0].sequence


def test_a_ring_of_long_standing_holds_no_more_memory_than_a_new_one() -> None:
    ring = Ring(max_events=10, max_bytes=10**9)
    for sequence in range(1, 20_001):
        ring.append(make_event(sequence))
    assert len(ring) == 10
    assert ring.floor == 19_990
    places = ring._events  # pyright: ignore[reportPrivateUsage] - what is bounded
    assert len(places) < 2_000
