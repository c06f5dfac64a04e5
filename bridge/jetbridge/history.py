"""The replay reader: pages of the past, straight from JetStream.

Each reader has a short-lived consumer with the client's filters. How many there are at
the same time is bounded, and a client that reads slowly does not keep its place.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from jetbridge.completeness import Completeness
from jetbridge.decode import Decoder
from jetbridge.event import Event
from jetbridge.filters import Filter
from jetbridge.gaps import StreamState, lost_while_reading
from jetbridge.jetstream import JetStream
from jetbridge.pull import ConsumerLostError, PullConsumer, StoredMessage
from jetbridge_schemas.control import Gap

PAGE_EVENTS = 1000
PAGE_BYTES = 2 * 1024 * 1024


@dataclass(frozen=True)
class Page:
    """Matching events, after which the reader has everything up to `cursor`.

    `exhausted`: there was nothing more when the page was read. `gap`: events were perhaps
    removed while it was read; those of at least `gap.first_available` come after it.
    """

    events: list[Event]
    cursor: int
    exhausted: bool = False
    gap: Gap | None = None


class Reader:
    """Reads what one filter matches, from one position on, page by page.

    At the end it claims to have everything up to `floor`, no more than is needed: in a
    cluster its consumer may sit on a replica that is a moment behind the tail's.
    """

    def __init__(
        self,
        consumer: PullConsumer,
        wanted: Filter,
        position: int,
        *,
        decoder: Decoder,
        floor: Callable[[], int],
        completeness: Completeness,
        query_state: Callable[[], Awaitable[StreamState]] | None,
    ) -> None:
        self._consumer = consumer
        self._wanted = wanted
        self._position = position
        self._decoder = decoder
        self._floor = floor
        self._completeness = completeness
        self._query_state = query_state
        self._asked: int | None = None
        """The floor when a page was asked for that has not been taken."""

    async def next_page(self, max_events: int = PAGE_EVENTS, *, ahead: bool = False) -> Page:
        """The next page; `ahead`: the one after it is on its way meanwhile.

        Raises ConsumerLostError or JetStreamUnavailableError: then open another reader
        after the last cursor.
        """
        messages, exhausted, floor = await self._fetch(max_events)
        if ahead and not exhausted:
            await self._ask(max_events, PAGE_BYTES)
        cursor = messages[-1].sequence if messages else self._position
        if exhausted and not await self._completeness.proven(
            self._wanted, after=cursor, upto=floor
        ):
            if not messages:
                raise ConsumerLostError("its node is behind the others")
            exhausted = False
        if exhausted:
            cursor = max(cursor, floor)
        gap = await self._find_gap(messages, cursor)
        if gap is not None:
            cursor = max(cursor, gap.first_available - 1)
        self._position = cursor
        events = [e for e in self._decoder.decode_all(messages) if self._wanted.matches(e)]
        return Page(events, cursor, exhausted, gap)

    async def _fetch(self, count: int) -> tuple[list[StoredMessage], bool, int]:
        floor = await self._ask(count, PAGE_BYTES) if self._asked is None else self._asked
        messages = await self._take()
        if not messages and self._consumer.oversized:
            floor = await self._ask(1, 0)
            messages = await self._take()
        if not messages and self._consumer.pending:
            raise ConsumerLostError("it delivers nothing, though there are events")
        return messages, not self._consumer.pending, floor

    async def _ask(self, count: int, max_bytes: int) -> int:
        """Ask for a page; returns the floor now, before what comes later is stored."""
        floor = self._asked = self._floor()
        self._consumer.oversized = False
        await self._consumer.pull(count, max_bytes=max_bytes)
        return floor

    async def _take(self) -> list[StoredMessage]:
        consumer = self._consumer
        messages = await consumer.next_batch()
        while consumer.outstanding:
            messages += await consumer.next_batch()
        self._asked = None
        return messages

    async def _find_gap(self, messages: list[StoredMessage], cursor: int) -> Gap | None:
        if self._query_state is None or cursor - self._position == len(messages):
            return None
        state = await self._query_state()
        delivered = [message.sequence for message in messages]
        return lost_while_reading(self._position, [*delivered, cursor + 1], state)


class History:
    """Opens readers, at most `max_readers` at a time; others wait their turn."""

    def __init__(
        self,
        jetstream: JetStream,
        stream: str,
        decoder: Decoder,
        *,
        max_readers: int,
        floor: Callable[[], int],
        completeness: Completeness,
        query_state: Callable[[], Awaitable[StreamState]],
    ) -> None:
        self._jetstream = jetstream
        self._stream = stream
        self._decoder = decoder
        self._floor = floor
        self._completeness = completeness
        self._query_state = query_state
        self._places = asyncio.Semaphore(max_readers)

    @asynccontextmanager
    async def open(self, wanted: Filter, *, after: int) -> AsyncGenerator[Reader]:
        """A reader of what `wanted` matches after a cursor. Raises JetStreamError or
        JetStreamUnavailableError."""
        async with self._places:
            consumer = await self._open_consumer(wanted, after)
            try:
                yield Reader(
                    consumer,
                    wanted,
                    after,
                    decoder=self._decoder,
                    floor=self._floor,
                    completeness=self._completeness,
                    query_state=self._query_state,
                )
            finally:
                await consumer.close()

    @asynccontextmanager
    async def open_snapshot(self, wanted: Filter) -> AsyncGenerator[Reader]:
        """A reader of the last event of every subject that `wanted` matches, oldest first.

        The set is fixed here; the cursor of its last page is the sequence as of which it
        holds: anything that matches above it came after. Raises as `open` does.
        """
        as_of = self._floor()
        async with self._places:
            consumer = await PullConsumer.open(
                self._jetstream, self._stream, subjects=wanted.subjects(), last_per_subject=True
            )
            try:
                yield Reader(
                    consumer,
                    wanted,
                    0,
                    decoder=self._decoder,
                    floor=lambda: as_of,
                    completeness=self._completeness,
                    query_state=None,
                )
            finally:
                await consumer.close()

    async def _open_consumer(self, wanted: Filter, after: int) -> PullConsumer:
        """A consumer of what is wanted; of everything, if that is little more."""
        consumer = await PullConsumer.open(
            self._jetstream, self._stream, start=after + 1, subjects=wanted.subjects()
        )
        if not is_dense(consumer.pending, within=self._floor() - after):
            return consumer
        await consumer.close()
        return await PullConsumer.open(self._jetstream, self._stream, start=after + 1)


def is_dense(matching: int, *, within: int) -> bool:
    """True if so many matching messages among `within` are read faster without a filter.

    Measured on nats-server 2.15: a message costs it 2 µs, one that matches a filter with
    wildcards 20 to 25 µs. What does not match costs the bridge 5 µs to look at.
    """
    return matching > PAGE_EVENTS and matching * 3 > within
