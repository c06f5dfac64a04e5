"""Writing history to one client, in pieces that bound what a slow one can hold."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence

from jetbridge.event import Event
from jetbridge.gaps import around
from jetbridge.history import Page
from jetbridge.pace import Pace
from jetbridge.subscriber import Subscriber

PIECE_BYTES = 64 * 1024
"""What is written at a time: bounds the memory that a client which takes nothing can hold."""

PATIENCE_SECONDS = 0.25
"""How long a reader waits for a slow client before it gives its place to another."""

MAX_NAP_SECONDS = 0.5
"""A paced replay looks this often whether its client is still there."""


async def write_page(subscriber: Subscriber, page: Page) -> bool:
    """Write a page in pieces; False if the client was too slow to take all of it."""
    before, after = split_at_gap(page)
    if not await write_events(subscriber, before):
        return False
    if page.gap is not None:
        subscriber.skip_to(page.gap)
    if not await write_events(subscriber, after):
        return False
    subscriber.replay([], upto=page.cursor)
    return True


async def write_events(subscriber: Subscriber, events: Sequence[Event]) -> bool:
    """Write events in pieces; False if the client was too slow, or has gone."""
    for piece in pieces(events):
        if subscriber.closed:
            return False
        subscriber.replay(piece, upto=piece[-1].sequence)
        if not await subscriber.sink.drained(PATIENCE_SECONDS):
            return False
    return True


async def write_paced(subscriber: Subscriber, page: Page, pace: Pace) -> None:
    """Write the events of a page one by one, each when it is due."""
    before, after = split_at_gap(page)
    await _write_when_due(subscriber, before, pace)
    if page.gap is not None:
        subscriber.skip_to(page.gap)
    await _write_when_due(subscriber, after, pace)
    if not subscriber.closed:
        subscriber.replay([], upto=page.cursor)


def split_at_gap(page: Page) -> tuple[Sequence[Event], Sequence[Event]]:
    """The events of a page before its gap, and those after."""
    return (page.events, []) if page.gap is None else around(page.gap, page.events)


def pieces(events: Sequence[Event]) -> Iterator[list[Event]]:
    """The events in order, in pieces of about `PIECE_BYTES` of data each."""
    piece: list[Event] = []
    size = 0
    for event in events:
        piece.append(event)
        size += len(event.data)
        if size >= PIECE_BYTES:
            yield piece
            piece, size = [], 0
    if piece:
        yield piece


async def _write_when_due(subscriber: Subscriber, events: Sequence[Event], pace: Pace) -> None:
    for event in events:
        await _nap_until_due(subscriber, event, pace)
        if subscriber.closed:
            return
        subscriber.replay([event], upto=event.sequence)
        await subscriber.sink.drained()


async def _nap_until_due(subscriber: Subscriber, event: Event, pace: Pace) -> None:
    now = asyncio.get_running_loop().time
    while (wait := pace.wait(event.time_ns, now=now())) > 0:
        await asyncio.sleep(min(wait, MAX_NAP_SECONDS))
        if subscriber.closed:
            return
