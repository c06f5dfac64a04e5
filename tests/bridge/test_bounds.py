"""Where a stream that ends by itself ends."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from jetbridge.bounds import Bounds
from jetbridge.event import Event
from tests.support.events import make_event


def history(sequences: list[int]) -> list[Event]:
    """Events of these sequences, one a second."""
    return [make_event(sequence, time_ns=sequence * 10**9) for sequence in sequences]


SEQUENCES = st.sets(st.integers(1, 60), max_size=20).map(sorted)
LIMITS = st.none() | st.integers(1, 10)
UNTIL = st.none() | st.integers(0, 70).map(lambda seconds: seconds * 10**9)
LAST = st.none() | st.integers(0, 70)


def test_without_limits_everything_passes_and_nothing_ends() -> None:
    events = history([3, 5])
    allowed = Bounds().cut(events, upto=9, sent=1000)
    assert (allowed.events, allowed.cursor, allowed.ended) == (events, 9, False)
    assert not Bounds().any


@given(SEQUENCES, LIMITS, UNTIL, LAST, st.lists(st.integers(1, 5), max_size=20))
def test_in_whatever_pieces_the_history_comes_the_same_events_are_sent(
    sequences: list[int],
    limit: int | None,
    until_ns: int | None,
    last: int | None,
    sizes: list[int],
) -> None:
    bounds = Bounds(limit, until_ns, last)
    events = history(sequences)
    wanted = [
        event
        for event in events
        if (until_ns is None or event.time_ns <= until_ns)
        and (last is None or event.sequence <= last)
    ][:limit]
    sent: list[Event] = []
    ended = False
    while events and not ended:
        size = sizes.pop() if sizes else len(events)
        piece, events = events[:size], events[size:]
        allowed = bounds.cut(piece, upto=piece[-1].sequence, sent=len(sent))
        sent += allowed.events
        ended = allowed.ended
        assert not sent or allowed.cursor >= sent[-1].sequence
    assert sent == wanted
    assert ended or len(sent) == len(sequences)


def test_a_limit_ends_the_stream_with_the_cursor_at_the_last_event_sent() -> None:
    allowed = Bounds(limit=3).cut(history([4, 6, 8]), upto=9, sent=1)
    assert [event.sequence for event in allowed.events] == [4, 6]
    assert (allowed.cursor, allowed.ended, allowed.complete) == (6, True, False)


def test_an_event_after_until_ends_the_stream_with_all_before_it_complete() -> None:
    allowed = Bounds(until_ns=6 * 10**9).cut(history([4, 6, 8]), upto=9, sent=0)
    assert [event.sequence for event in allowed.events] == [4, 6]
    assert (allowed.cursor, allowed.ended, allowed.complete) == (7, True, True)


def test_a_last_sequence_that_only_others_events_reach_ends_the_stream_too() -> None:
    allowed = Bounds(last_sequence=7).cut([], upto=9, sent=0)
    assert (allowed.cursor, allowed.ended, allowed.complete) == (7, True, True)
    assert not Bounds(last_sequence=7).cut([], upto=6, sent=0).ended
