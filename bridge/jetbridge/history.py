"""The replay reader: pages of the past, straight from JetStream.

Each reader has a short-lived consumer with the client's filters. How many there are at
the same time is bounded, and a client that reads slowly does not keep its place.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from jetbridge.decode import Decoder
from jetbridge.event import Event
from jetbridge.filters import Filter
from jetbridge.gaps import StreamState, lost_while_reading
from jetbridge.jetstream import JetStream
from jetbridge.pull import PullConsumer, StoredMessage
from jetbridge_schemas.control import Gap

PAGE_EVENTS = 1000
PAGE_BYTES = 2 * 1024 * 1024


@dataclass(frozen=True)
class Page:
    """Matching events, after which the reader has everything up to `cursor`.

    `exhausted`: there was nothing more when the page was read. `gap`: events may have
    been removed while it was read; those of at least `gap.first_available` come after it.
    """

    events: list[Event]
    cursor: int
    exhausted: bool = False
    gap: Gap | None = None


class Reader:
    """Reads what one filter matches, from one position on, page by page."""

    def __init__(
        self,
        consumer: PullConsumer,
        wanted: Filter,
        position: int,
        *,
        decoder: Decoder,
        head: Callable[[], int],
        query_state: Callable[[], Awaitable[StreamState]] | None,
    ) -> None:
        self._consumer = consumer
        self._wanted = wanted
        self._position = position
        self._decoder = decoder
        self._head = head
        self._query_state = query_state

    async def next_page(self, max_events: int = PAGE_EVENTS) -> Page:
        """The next page. Raises ConsumerLostError or JetStreamUnavailableError: then open
        another reader after the last cursor."""
        head = self._head()
        messages, exhausted = await self._fetch(max_events)
        cursor = messages[-1].sequence if messages else self._position
        if exhausted:
            cursor = max(cursor, head)
        gap = await self._find_gap(messages, cursor)
        self._position = cursor
        events = [e for e in self._decoder.decode_all(messages) if self._wanted.matches(e)]
        return Page(events, cursor, exhausted, gap)

    async def _fetch(self, count: int) -> tuple[list[StoredMessage], bool]:
        messages = await self._pull(count, PAGE_BYTES)
        if not messages and self._consumer.oversized:
            messages = await self._pull(1, 0)
        full = len(messages) == count or self._consumer.oversized
        return messages, not self._consumer.pending or not (messages or full)

    async def _pull(self, count: int, max_bytes: int) -> list[StoredMessage]:
        consumer = self._consumer
        consumer.oversized = False
        await consumer.pull(count, max_bytes=max_bytes)
        messages = await consumer.next_batch()
        while consumer.outstanding:
            messages += await consumer.next_batch()
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
        head: Callable[[], int],
        query_state: Callable[[], Awaitable[StreamState]],
    ) -> None:
        self._jetstream = jetstream
        self._stream = stream
        self._decoder = decoder
        self._head = head
        self._query_state = query_state
        self._places = asyncio.Semaphore(max_readers)

    @asynccontextmanager
    async def open(self, wanted: Filter, *, after: int) -> AsyncGenerator[Reader]:
        """A reader of what `wanted` matches after a cursor. Raises JetStreamError or
        JetStreamUnavailableError."""
        async with self._places:
            consumer = await PullConsumer.open(
                self._jetstream, self._stream, start=after + 1, subjects=wanted.subjects()
            )
            try:
                yield Reader(
                    consumer,
                    wanted,
                    after,
                    decoder=self._decoder,
                    head=self._head,
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
        as_of = self._head()
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
                    head=lambda: as_of,
                    query_state=None,
                )
            finally:
                await consumer.close()
