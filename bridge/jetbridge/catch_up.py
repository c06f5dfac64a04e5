"""Brings clients that are not live to the head of the stream, each at its own pace."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable

from jetbridge.gaps import StreamState, begun_anew, find_gap
from jetbridge.history import History, Page, Reader
from jetbridge.hub import Hub
from jetbridge.join import Step, next_step
from jetbridge.replay import PIECE_BYTES, write_events, write_paced, write_page
from jetbridge.ring_reader import RingReader
from jetbridge.subscriber import State, Subscriber
from jetbridge_schemas.errors import JetbridgeError

logger = logging.getLogger("jetbridge.replay")

RETRY_SECONDS = (0.05, 0.5)

PACED_EVENTS = 200
"""Events that a paced replay holds in memory at a time."""


class CatchUp:
    """Runs one task for each client that is replaying or lagging; live clients need none."""

    def __init__(
        self, hub: Hub, history: History, query_state: Callable[[], Awaitable[StreamState]]
    ) -> None:
        self._hub = hub
        self._ring = RingReader(hub.ring, piece_bytes=PIECE_BYTES)
        self._history = history
        self._query_state = query_state
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self, subscriber: Subscriber) -> None:
        """Bring this client to the head, and make it live."""
        task = asyncio.create_task(self._run(subscriber))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    @property
    def running(self) -> int:
        """Clients that are on their way to the head."""
        return len(self._tasks)

    async def close(self) -> None:
        """Stop all replays."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _run(self, subscriber: Subscriber) -> None:
        try:
            if subscriber.state is State.LAGGING:
                await subscriber.sink.drained()
            while not subscriber.closed and not await self._step(subscriber):
                pass
        except Exception:
            logger.exception("the replay of %s failed", subscriber.client_id)
            subscriber.close()

    async def _step(self, subscriber: Subscriber) -> bool:
        """One step towards the head; True when the client is live."""
        self._follow_epoch(subscriber)
        if subscriber.snapshot:
            await self._from_jetstream(subscriber, self._read_snapshot)
            return False
        ring = self._hub.ring
        match next_step(subscriber.cursor, floor=ring.floor, head=ring.head):
            case Step.GO_LIVE:
                self._hub.join(subscriber)
                return True
            case Step.READ_RING:
                await self._read_ring(subscriber)
            case Step.READ_STREAM:
                await self._from_jetstream(subscriber, self._read_stream)
        return False

    def _follow_epoch(self, subscriber: Subscriber) -> None:
        """Begin anew if the stream's sequences did."""
        if subscriber.epoch != self._hub.epoch:
            subscriber.epoch = self._hub.epoch
            subscriber.skip_to(begun_anew(subscriber.cursor, self._hub.state))

    async def _read_ring(self, subscriber: Subscriber) -> None:
        """Write a piece from memory; wait only if the end is not yet reached."""
        batch, cursor, _ = self._ring.read(
            subscriber.view.filter,
            subscriber.framing,
            after=subscriber.cursor,
            epoch=subscriber.epoch,
        )
        if subscriber.pace is not None:
            page = Page(list(batch.events) if batch else [], cursor)
            await write_paced(subscriber, page, subscriber.pace)
            return
        subscriber.replay_batch(batch, upto=cursor)
        if cursor < self._hub.ring.head and not subscriber.closed:
            await subscriber.sink.drained()

    async def _from_jetstream(
        self, subscriber: Subscriber, read: Callable[[Subscriber], Awaitable[None]]
    ) -> None:
        """Read with what may fail; what failed is tried again from the client's cursor."""
        try:
            await read(subscriber)
        except JetbridgeError as error:
            logger.debug("the replay of %s starts again: %s", subscriber.client_id, error)
            await asyncio.sleep(random.uniform(*RETRY_SECONDS))  # noqa: S311 - jitter
        await subscriber.sink.drained()

    async def _read_stream(self, subscriber: Subscriber) -> None:
        async with self._history.open(subscriber.view.filter, after=subscriber.cursor) as reader:
            if not await self._is_sound(subscriber):
                return
            if subscriber.pace is None:
                await self._read_pages(subscriber, reader)
                return
            page = await reader.next_page(PACED_EVENTS)
        if subscriber.epoch == self._hub.epoch:
            await write_paced(subscriber, page, subscriber.pace)

    async def _is_sound(self, subscriber: Subscriber) -> bool:
        """False if the client's cursor is outside the stream; then it is moved, now or soon.

        Asked once there is a reader: a reader of a stream that was made again before it,
        unnoticed, would give new events for old ones.
        """
        state = await self._query_state()
        if subscriber.epoch != self._hub.epoch:
            return False
        if gap := find_gap(subscriber.cursor, state, seen=self._hub.position):
            subscriber.skip_to(gap)
        return gap is None

    async def _read_pages(self, subscriber: Subscriber, reader: Reader) -> None:
        """Read until the ring takes over, or the client is too slow to keep a reader."""
        hub = self._hub
        while subscriber.cursor < hub.ring.floor and not subscriber.closed:
            page = await reader.next_page(ahead=True)
            if subscriber.epoch != hub.epoch or not await write_page(subscriber, page):
                return

    async def _read_snapshot(self, subscriber: Subscriber) -> None:
        """Write the last event of every subject, oldest first, so that a client which is
        cut off in the middle resumes from its last id like any other.

        A client too slow for one reading gets the rest from a newer snapshot: of subjects
        that have changed since, only the newest event counts.
        """
        async with self._history.open_snapshot(subscriber.view.filter) as reader:
            while not subscriber.closed:
                page = await reader.next_page()
                fresh = [event for event in page.events if event.sequence > subscriber.cursor]
                if not await write_events(subscriber, fresh):
                    return
                if page.exhausted:
                    subscriber.end_snapshot(as_of=page.cursor)
                    return
