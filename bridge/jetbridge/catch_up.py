"""Brings clients that are not live to the head of the stream, each at its own pace."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable

from jetbridge.event import Event
from jetbridge.gaps import StreamState, find_gap
from jetbridge.history import History, Page
from jetbridge.hub import Hub
from jetbridge.join import Step, next_step
from jetbridge.subscriber import Subscriber
from jetbridge_schemas.control import Gap
from jetbridge_schemas.errors import JetbridgeError
from jetbridge_schemas.reasons import GapReason

logger = logging.getLogger("jetbridge.replay")

PIECE_BYTES = 64 * 1024
"""What is written at a time: bounds the memory that a client which takes nothing can hold."""

PATIENCE_SECONDS = 0.25
"""How long a reader waits for a slow client before it gives its place to another."""

RETRY_SECONDS = (0.05, 0.5)


class CatchUp:
    """Runs one task for each client that is replaying or lagging; live clients need none."""

    def __init__(
        self, hub: Hub, history: History, query_state: Callable[[], Awaitable[StreamState]]
    ) -> None:
        self._hub = hub
        self._history = history
        self._query_state = query_state
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self, subscriber: Subscriber) -> None:
        """Bring this client to the head, and make it live."""
        task = asyncio.create_task(self._run(subscriber))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Stop all replays."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _run(self, subscriber: Subscriber) -> None:
        try:
            while not subscriber.closed and not await self._step(subscriber):
                pass
        except Exception:
            logger.exception("the replay of %s failed", subscriber.client_id)
            subscriber.close()

    async def _step(self, subscriber: Subscriber) -> bool:
        """One step towards the head; True when the client is live."""
        self._follow_epoch(subscriber)
        ring = self._hub.ring
        match next_step(subscriber.cursor, floor=ring.floor, head=ring.head):
            case Step.GO_LIVE:
                self._hub.join(subscriber)
                return True
            case Step.READ_RING:
                await self._read_ring(subscriber)
            case Step.READ_STREAM:
                await self._read_stream(subscriber)
        return False

    def _follow_epoch(self, subscriber: Subscriber) -> None:
        """Begin anew if the stream's sequences did."""
        if subscriber.epoch != self._hub.epoch:
            subscriber.epoch = self._hub.epoch
            first = self._hub.state.first_sequence
            subscriber.skip_to(
                Gap(
                    requested=subscriber.cursor + 1,
                    first_available=first,
                    reason=GapReason.AHEAD,
                )
            )

    async def _read_ring(self, subscriber: Subscriber) -> None:
        """Write a piece from memory; wait only if the end is not yet reached."""
        wanted = subscriber.view.filter
        events, cursor = self._hub.ring.after(subscriber.cursor, wanted, max_bytes=PIECE_BYTES)
        subscriber.replay(events, upto=cursor)
        if cursor < self._hub.ring.head and not subscriber.closed:
            await subscriber.sink.drained()

    async def _read_stream(self, subscriber: Subscriber) -> None:
        try:
            state = await self._query_state()
            if gap := find_gap(subscriber.cursor, state):
                subscriber.skip_to(gap)
            elif subscriber.epoch == self._hub.epoch:
                await self._read_pages(subscriber)
        except JetbridgeError as error:
            logger.info("the replay of %s starts again: %s", subscriber.client_id, error)
            await asyncio.sleep(random.uniform(*RETRY_SECONDS))  # noqa: S311 - jitter
        await subscriber.sink.drained()

    async def _read_pages(self, subscriber: Subscriber) -> None:
        """Read until the ring takes over, or the client is too slow to keep a reader."""
        hub = self._hub
        async with self._history.open(subscriber.view.filter, after=subscriber.cursor) as reader:
            while subscriber.cursor < hub.ring.floor and not subscriber.closed:
                page = await reader.next_page()
                if subscriber.epoch != hub.epoch or not await write_page(subscriber, page):
                    return


async def write_page(subscriber: Subscriber, page: Page) -> bool:
    """Write a page in pieces; False if the client was too slow to take all of it."""
    before, after = split_at_gap(page)
    if not await _write(subscriber, before):
        return False
    if page.gap is not None:
        subscriber.skip_to(page.gap)
    if not await _write(subscriber, after):
        return False
    subscriber.replay([], upto=page.cursor)
    return True


def split_at_gap(page: Page) -> tuple[list[Event], list[Event]]:
    """The events of a page before its gap, and those after."""
    if page.gap is None:
        return page.events, []
    first = page.gap.first_available
    before = [event for event in page.events if event.sequence < first]
    return before, page.events[len(before) :]


def pieces(events: list[Event]) -> list[list[Event]]:
    """The events in order, in pieces of about `PIECE_BYTES` each."""
    result: list[list[Event]] = []
    size = PIECE_BYTES
    for event in events:
        if size >= PIECE_BYTES:
            result.append([])
            size = 0
        result[-1].append(event)
        size += len(event.data)
    return result


async def _write(subscriber: Subscriber, events: list[Event]) -> bool:
    for piece in pieces(events):
        if subscriber.closed:
            return False
        subscriber.replay(piece, upto=piece[-1].sequence)
        if not await subscriber.sink.drained(PATIENCE_SECONDS):
            return False
    return True
