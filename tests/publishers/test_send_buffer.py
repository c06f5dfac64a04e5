from __future__ import annotations

import asyncio
import concurrent.futures
from typing import cast

from hypothesis import given
from hypothesis import strategies as st

from jetbridge_publishers.send_buffer import Outgoing, SendBuffer


def outgoing(number: int, size: int = 1, *, deadline: float = 0.0) -> Outgoing:
    # The buffer only asks whether it is done, which needs no event loop.
    future = cast("asyncio.Future[int]", concurrent.futures.Future[int]())
    return Outgoing(number, "evt.t.a.-.x", b"x" * size, {}, deadline, future)


def filled(count: int) -> SendBuffer:
    buffer = SendBuffer(max_events=count, max_bytes=10_000)
    for number in range(count):
        buffer.put(outgoing(number))
    return buffer


@given(st.integers(1, 40), st.lists(st.tuples(st.integers(1, 8), st.integers(0, 8))))
def test_events_leave_in_the_order_they_came_however_often_batches_fail(
    count: int, attempts: list[tuple[int, int]]
) -> None:
    buffer = filled(count)
    settled: list[int] = []
    for size, stored in [*attempts, (count, count)]:
        batch = buffer.take(max_events=size, max_bytes=1000)
        for event in batch[:stored]:
            buffer.settle(event.number)
            settled.append(event.number)
        assert buffer.put_back(batch) == len(batch[stored:])
    assert settled == list(range(count))


@given(st.lists(st.integers(0, 30), min_size=1, max_size=30), st.integers(1, 40))
def test_a_batch_keeps_its_bounds_but_is_never_empty(sizes: list[int], max_bytes: int) -> None:
    buffer = SendBuffer(max_events=100, max_bytes=10_000)
    for number, size in enumerate(sizes):
        buffer.put(outgoing(number, size))
    while buffer.has_waiting:
        batch = buffer.take(max_events=5, max_bytes=max_bytes)
        assert 1 <= len(batch) <= 5
        assert len(batch) == 1 or sum(event.size for event in batch) <= max_bytes


def test_events_count_against_the_bounds_until_they_are_settled() -> None:
    buffer = filled(3)
    batch = buffer.take(max_events=3, max_bytes=100)
    assert not buffer.has_room(1)
    buffer.settle(batch[0].number)
    assert buffer.has_room(1)
    assert len(buffer) == 2


def test_bytes_are_bounded_too_yet_an_empty_buffer_takes_anything() -> None:
    buffer = SendBuffer(max_events=10, max_bytes=100)
    assert buffer.has_room(1000)
    buffer.put(outgoing(0, 60))
    assert buffer.has_room(40)
    assert not buffer.has_room(41)


def test_an_event_can_be_settled_only_once() -> None:
    buffer = filled(1)
    assert buffer.settle(0) is not None
    assert buffer.settle(0) is None
    assert len(buffer) == 0


def test_an_event_settled_while_it_waited_again_is_not_sent() -> None:
    buffer = filled(2)
    buffer.put_back(buffer.take(max_events=2, max_bytes=100))
    buffer.settle(0)
    assert [event.number for event in buffer.take(max_events=2, max_bytes=100)] == [1]


def test_an_event_that_was_cancelled_before_it_was_sent_is_dropped() -> None:
    buffer = SendBuffer(max_events=2, max_bytes=100)
    given_up = outgoing(0)
    given_up.future.cancel()
    buffer.put(given_up)
    buffer.put(outgoing(1))
    assert [event.number for event in buffer.take(max_events=2, max_bytes=100)] == [1]
    assert len(buffer) == 1


def test_expired_are_those_past_their_deadline() -> None:
    buffer = SendBuffer(max_events=9, max_bytes=100)
    for number in range(4):
        buffer.put(outgoing(number, deadline=float(number)))
    assert [event.number for event in buffer.expired(1.0)] == [0, 1]
