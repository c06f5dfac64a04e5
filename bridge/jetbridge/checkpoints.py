"""Writing down where durable clients are: every few seconds, when they leave, at the end.

A failure costs a client nothing but its cursor's freshness: it is logged and counted, and
the next round tries again.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Awaitable, Callable

from jetbridge.cursor_registry import CursorRegistry
from jetbridge.cursor_store import CursorStore
from jetbridge.durable_cursor import DurableCursor
from jetbridge.gaps import StreamState
from jetbridge.jetstream import JetStreamUnavailableError
from jetbridge.store_health import StoreHealth
from jetbridge_schemas.errors import JetbridgeError

logger = logging.getLogger("jetbridge.durable")

WRITERS = 16
"""Cursors that are written at the same time. More are no faster: the server is busy."""

LOOKED_AT_ONCE = 500
"""Cursors that are looked at before events get their turn."""

RETRY_SECONDS = 0.2


class Checkpoints:
    """Writes what has changed, a few cursors at a time.

    `epoch` tells of which sequences the positions are; `interval_seconds` is the time
    between rounds; a cursor is renewed after `renew_seconds` at the latest.
    """

    def __init__(
        self,
        store: CursorStore,
        registry: CursorRegistry,
        health: StoreHealth,
        *,
        epoch: Callable[[], int],
        query_state: Callable[[], Awaitable[StreamState]],
        interval_seconds: float,
        renew_seconds: float,
    ) -> None:
        self.written = 0
        """Checkpoints that were stored, since the start."""
        self.rounds = 0
        """Rounds that were begun."""
        self._store = store
        self._registry = registry
        self._health = health
        self._epoch = epoch
        self._query_state = query_state
        self._interval = interval_seconds
        self._renew_seconds = renew_seconds
        self._queue: deque[DurableCursor] = deque()
        self._queued: set[DurableCursor] = set()
        self._work = asyncio.Semaphore(0)
        self._busy = 0
        self._idle = asyncio.Event()
        self._idle.set()
        self._hurried = False

    async def run(self) -> None:
        """Write for ever; ends only when cancelled."""
        writers = [asyncio.create_task(self._write()) for _ in range(WRITERS)]
        try:
            while True:
                await asyncio.sleep(self._interval)
                await self.begin_round()
        finally:
            for writer in writers:
                writer.cancel()
            await asyncio.gather(*writers, return_exceptions=True)

    async def begin_round(self) -> None:
        """Have everything written that is due."""
        self.rounds += 1
        for number, cursor in enumerate(self._registry):
            if self._is_due(cursor):
                self._request(cursor)
            if number % LOOKED_AT_ONCE == 0:
                await asyncio.sleep(0)

    def hurry(self, cursor: DurableCursor) -> None:
        """Have one cursor written before the others: its client may be back in a moment."""
        self._request(cursor, first=True)

    async def flush(self, within: float) -> int:
        """Write everything now, trying again for `within` seconds; returns how many cursors
        could not be written. `run` must still be running."""
        self._hurried = True
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within):
                while self._dirty():
                    await self.begin_round()
                    await self._idle.wait()
                    if self._dirty():
                        await asyncio.sleep(RETRY_SECONDS)
        return self._dirty()

    def _dirty(self) -> int:
        epoch = self._epoch()
        return sum(cursor.is_dirty(epoch) for cursor in self._registry)

    def _is_due(self, cursor: DurableCursor) -> bool:
        return cursor.is_dirty(self._epoch()) or self._is_old(cursor)

    def _is_old(self, cursor: DurableCursor) -> bool:
        return now() - cursor.renewed_at >= self._renew_seconds

    def _request(self, cursor: DurableCursor, *, first: bool = False) -> None:
        if cursor in self._queued:
            return
        self._queued.add(cursor)
        if first:
            self._queue.appendleft(cursor)
        else:
            self._queue.append(cursor)
        self._idle.clear()
        self._work.release()

    async def _write(self) -> None:
        while True:
            await self._work.acquire()
            if self._queue:
                self._busy += 1
                await self._write_one(self._queue.popleft())
                self._busy -= 1
                if not self._busy and not self._queue:
                    self._idle.set()

    async def _write_one(self, cursor: DurableCursor) -> None:
        started = now()
        try:
            await self._checkpoint(cursor)
        except JetbridgeError as error:
            self._queued.discard(cursor)
            self._health.failed(error, now=now(), waited=now() - started)
            if isinstance(error, JetStreamUnavailableError):
                self._put_off()
        except Exception:
            self._queued.discard(cursor)
            logger.exception("the cursor %s could not be written", cursor.key.name)
        else:
            self._queued.discard(cursor)
            if cursor.left and not cursor.forgotten:  # meanwhile
                self.hurry(cursor)

    def _put_off(self) -> None:
        """Leave the rest to the next round: each of them would wait for the same silence."""
        self._queued.difference_update(self._queue)
        self._queue.clear()

    async def _checkpoint(self, cursor: DurableCursor) -> None:
        position, left = cursor.position(self._epoch()), cursor.left
        state = await self._query_state()
        if cursor.epoch != self._epoch():
            await self._begin_anew(cursor, state)
        elif position <= state.last_sequence:
            # At the end there may be no time for more than the positions.
            renew = not self._hurried and (left or self._is_old(cursor))
            await self._store_position(cursor, position, state, renew=renew)
            self._settle(cursor, left=left)
        if cursor.forgotten:  # meanwhile
            await self._store.delete(cursor.key.name)

    async def _begin_anew(self, cursor: DurableCursor, state: StreamState) -> None:
        """What is stored is of sequences that are no more."""
        await self._store.delete(cursor.key.name)
        cursor.begin_anew(self._epoch(), state.first_sequence - 1)

    async def _store_position(
        self, cursor: DurableCursor, position: int, state: StreamState, *, renew: bool
    ) -> None:
        started = now()
        reached = await self._store.advance(cursor.key.name, position, state, renew=renew)
        if reached is None:
            reached = await self._store.create(cursor.key, position, state)
            renew = True
        if renew:
            cursor.renewed_at = started
        cursor.confirm(reached)
        self.written += 1

    def _settle(self, cursor: DurableCursor, *, left: bool) -> None:
        if left and not cursor.connected:
            cursor.left = False
        if not cursor.connected and not cursor.is_dirty(self._epoch()):
            self._registry.drop(cursor)


def now() -> float:
    """The loop's clock, in seconds."""
    return asyncio.get_running_loop().time()
