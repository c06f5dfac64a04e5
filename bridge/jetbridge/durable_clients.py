"""Durable clients, as their streams are opened and end: find the place, keep the place.

Nothing here makes a stream fail: a store that does not work costs a client its cursor.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import TypeVar

from jetbridge.checkpoints import Checkpoints
from jetbridge.cursor_keys import CursorKey
from jetbridge.cursor_registry import CursorRegistry
from jetbridge.cursor_store import CursorStore, StoredCursor
from jetbridge.durable_cursor import DurableCursor
from jetbridge.gaps import StreamState
from jetbridge.jetstream import JetStreamDeniedError, JetStreamUnavailableError
from jetbridge.store_health import StoreHealth
from jetbridge.subscriber import Subscriber
from jetbridge_schemas.errors import JetbridgeError
from jetbridge_schemas.reasons import NotDurableReason

CONNECT_SECONDS = 8.0
"""How long a client waits for the store at most, before it gets its stream without its
place: twice the time that a cluster takes to find a new leader."""

RETRY_SECONDS = (0.05, 0.25)

CONCURRENT_CONNECTS = 32
"""Clients whose cursors are asked for at the same time; further ones wait their turn."""

T = TypeVar("T")


@dataclass(frozen=True)
class Claim:
    """What is known of a client's cursor while its stream is being opened."""

    key: CursorKey
    patient: bool
    stored: StoredCursor | None = None
    position: int = 0
    refusal: NotDurableReason | None = None

    @property
    def durable(self) -> bool:
        """True if the client's place is kept."""
        return self.refusal is None


class DurableClients:
    """Follows each stream with a `client_id` from its start to its end."""

    def __init__(
        self,
        store: CursorStore,
        registry: CursorRegistry,
        health: StoreHealth,
        checkpoints: Checkpoints,
        *,
        epoch: Callable[[], int],
    ) -> None:
        self._store = store
        self._registry = registry
        self._health = health
        self._checkpoints = checkpoints
        self._epoch = epoch
        self._places = asyncio.Semaphore(CONCURRENT_CONNECTS)

    async def find(self, key: CursorKey, *, patient: bool) -> Claim:
        """Look for a client's cursor. For a `patient` client, a store that does not answer
        is asked again for a while."""
        claim = Claim(key, patient)
        stored, refusal = await self._asked(claim, lambda: self._store.load(key.name))
        return replace(claim, stored=stored, refusal=refusal)

    def place(self, claim: Claim, state: StreamState) -> int | None:
        """Where the client goes on; `None` if it is not known yet.

        `state` must have been asked for after the cursor was found: an older one would
        make a cursor that moved meanwhile look like one from the future.
        """
        stored = claim.stored and claim.stored.place(state)
        held = self._held(claim.key)
        if held is None:
            return stored
        return max(held.position(held.epoch), stored or 0) or None

    async def secure(self, claim: Claim, position: int, state: StreamState) -> Claim:
        """Make sure that the client has a cursor, at `position` if it is new."""
        if not claim.durable:
            return claim
        if self._pausing() is NotDurableReason.FORBIDDEN:
            return replace(claim, refusal=NotDurableReason.FORBIDDEN)
        place = claim.stored and claim.stored.place(state)
        if place is not None:
            return replace(claim, position=place)
        created, refusal = await self._asked(
            claim, lambda: self._store.create(claim.key, position, state)
        )
        return replace(claim, position=created or position, refusal=refusal)

    def attach(self, claim: Claim, subscriber: Subscriber, *, explicit: bool) -> None:
        """Keep the place of a client that has been connected."""
        if not claim.durable:
            return
        epoch, now = self._epoch(), asyncio.get_running_loop().time()
        cursor = self._registry.get(claim.key.name)
        if cursor is None:
            cursor = DurableCursor(claim.key, position=claim.position, epoch=epoch, now=now)
        elif cursor.epoch == epoch:
            cursor.confirm(claim.position)
        else:
            cursor.begin_anew(epoch, claim.position)
        self._registry.connect(cursor, subscriber, explicit=explicit)

    def leave(self, subscriber: Subscriber) -> None:
        """Store the place of a client that is gone."""
        cursor = self._registry.disconnect(subscriber)
        if cursor is not None and not cursor.connected and not cursor.forgotten:
            self._checkpoints.hurry(cursor)

    def _held(self, key: CursorKey) -> DurableCursor | None:
        cursor = self._registry.get(key.name)
        return cursor if cursor is not None and cursor.epoch == self._epoch() else None

    async def _asked(
        self, claim: Claim, question: Callable[[], Awaitable[T]]
    ) -> tuple[T | None, NotDurableReason | None]:
        """The store's answer, or why there is none."""
        if not claim.patient and (reason := self._pausing()):
            return None, reason
        loop = asyncio.get_running_loop()
        started = loop.time()
        try:
            return await self._answer(question, patient=claim.patient), None
        except JetbridgeError as error:
            now = loop.time()
            return None, self._health.failed(error, now=now, waited=now - started)

    def _pausing(self) -> NotDurableReason | None:
        return self._health.pausing(asyncio.get_running_loop().time())

    async def _answer(self, question: Callable[[], Awaitable[T]], *, patient: bool) -> T:
        silence = JetStreamUnavailableError("the store of cursors is too slow")
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                while True:
                    try:
                        return await self._in_turn(question)
                    except JetStreamUnavailableError as error:
                        if not patient or isinstance(error, JetStreamDeniedError):
                            raise
                        silence = error
                    await asyncio.sleep(random.uniform(*RETRY_SECONDS))  # noqa: S311 - jitter
        except TimeoutError:
            raise silence from None

    async def _in_turn(self, question: Callable[[], Awaitable[T]]) -> T:
        async with self._places:
            return await question()
