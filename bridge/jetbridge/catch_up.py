"""Brings clients that are not live to the head of the stream, each at its own pace."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable

from jetbridge.gaps import StreamState, find_gap
from jetbridge.history import History, Page
from jetbridge.hub import Hub
from jetbridge.join import Step, next_step
from jetbridge.pace import Pace
from jetbridge.replay import PIECE_BYTES, write_events, write_paced, write_page
from jetbridge.subscriber import Subscriber
from jetbridge_schemas.control import Gap
from jetbridge_schemas.errors import JetbridgeError
from jetbridge_schemas.reasons import GapReason

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
        if subscriber.pace is not None:
            await write_paced(subscriber, Page(events, cursor), subscriber.pace)
            return
        subscriber.replay(events, upto=cursor)
        if cursor < self._hub.ring.head and not subscriber.closed:
            await subscriber.sink.drained()

    async def _from_jetstream(
        self, subscriber: Subscriber, read: Callable[[Subscriber], Awaitable[None]]
    ) -> None:
        """Read with what may fail; what failed is tried again from the client's cursor."""
        try:
            await read(subscriber)
        except JetbridgeError as error:
            logger.info("the replay of %s starts again: %s", subscriber.client_id, error)
            await asyncio.sleep(random.uniform(*RETRY_SECONDS))  # noqa: S311 - jitter
        await subscriber.sink.drained()

    async def _read_stream(self, subscriber: Subscriber) -> None:
        state = await self._query_state()
        if gap := find_gap(subscriber.cursor, state):
            subscriber.skip_to(gap)
        elif subscriber.epoch != self._hub.epoch:
            return
        elif subscriber.pace is not None:
            await self._read_paced(subscriber, subscriber.pace)
        else:
            await self._read_pages(subscriber)

    async def _read_pages(self, subscriber: Subscriber) -> None:
        """Read until the ring takes over, or the client is too slow to keep a reader."""
        hub = self._hub
        async with self._history.open(subscriber.view.filter, after=subscriber.cursor) as reader:
            while subscriber.cursor < hub.ring.floor and not subscriber.closed:
                page = await reader.next_page()
                if subscriber.epoch != hub.epoch or not await write_page(subscriber, page):
                    return

    async def _read_paced(self, subscriber: Subscriber, pace: Pace) -> None:
        """Read one page, and write it without keeping the reader's place."""
        async with self._history.open(subscriber.view.filter, after=subscriber.cursor) as reader:
            page = await reader.next_page(PACED_EVENTS)
        if subscriber.epoch == self._hub.epoch:
            await write_paced(subscriber, page, pace)

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
