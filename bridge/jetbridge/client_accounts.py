"""What a client, or who looks after it, may ask and do about its cursors."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

import msgspec

from jetbridge.client_service import ClientService
from jetbridge.cursor_keys import ClientKey, Wanted
from jetbridge.cursor_registry import CursorRegistry
from jetbridge.cursor_store import CursorStore, StoredCursor
from jetbridge.durable_cursor import DurableCursor
from jetbridge.gaps import StreamState
from jetbridge.link import Link
from jetbridge.lookup import Lookup
from jetbridge_schemas.errors import JetbridgeError
from jetbridge_schemas.timestamps import rfc3339

T = TypeVar("T")


class UnknownClientError(JetbridgeError):
    """There is no cursor of this client."""


class AckError(JetbridgeError):
    """An ack that fits nothing the client can have got."""


class CursorAccount(msgspec.Struct, frozen=True):
    """One cursor of a client. `position` is as stored; `pending` counts the matching events
    after it, null where that is not known. `connected`: to any bridge that answered."""

    cursor: str
    filters: Wanted
    position: int
    pending: int | None
    last_seen: str
    connected: bool


class ClientAccount(msgspec.Struct, frozen=True):
    """A client and all its cursors."""

    client_id: str
    cursors: list[CursorAccount]


class ClientAccounts:
    """Works for clients that are connected here, elsewhere, or nowhere. `others` tells how
    many replicas there are besides this one."""

    def __init__(
        self,
        store: CursorStore,
        registry: CursorRegistry,
        lookup: Lookup,
        *,
        link: Link,
        others: Callable[[], int],
        query_state: Callable[[], Awaitable[StreamState]],
    ) -> None:
        self._store = store
        self._registry = registry
        self._lookup = lookup
        self._query_state = query_state
        self._service = ClientService(link, registry, others=others, forget_here=self.forget_here)

    async def start(self) -> None:
        """Begin to answer other replicas. The connection must stand."""
        await self._service.start()

    async def describe(self, client: ClientKey) -> ClientAccount:
        """All cursors of a client. Raises UnknownClientError if there is none."""
        found = await self._stored(client, None)
        if not found:
            raise unknown(client)
        connected = await self._service.connected(client)
        accounts = [
            await self._account(stored, place, connected=stored.name in connected)
            for stored, place in found
        ]
        return ClientAccount(client.client_id, accounts)

    async def forget(self, client: ClientKey) -> None:
        """Delete all cursors of a client. Its open streams go on, and are not remembered
        again. Raises UnknownClientError if there is none."""
        stored = await self._store.list_cursors(client)
        await self._service.tell_to_forget(client)
        held = await self.forget_here(client.token)
        for cursor in stored:
            await self._store.delete(cursor.name)
        if not stored and not held:
            raise unknown(client)

    async def forget_here(self, token: str) -> int:
        """Forget a client that is connected here, or was just now; how many cursors it had."""
        held = self._registry.of_client(token)
        for cursor in held:
            cursor.forgotten = True
            self._registry.drop(cursor)
            await self._store.delete(cursor.key.name)
        return len(held)

    async def ack(self, client: ClientKey, sequence: int, name: str | None) -> None:
        """Move a client's cursor to `sequence`, never backwards. `name` says which, if it
        has several. Raises UnknownClientError; AckError if it cannot have got this event yet,
        or if it is not clear which cursor is meant."""
        held = self._candidates(client, name)
        if held:
            ack_held(only(held, lambda cursor: cursor.key.name), sequence)
            return
        found = await self._stored(client, name)
        if not found:
            raise unknown(client)
        stored, _ = only(found, lambda pair: pair[0].name)
        state = await self._query_state()
        if sequence > state.last_sequence:
            raise not_sent(sequence, state.last_sequence)
        await self._store.advance(stored.name, sequence, state, renew=False)

    def _candidates(self, client: ClientKey, name: str | None) -> list[DurableCursor]:
        held = [cursor for cursor in self._registry.of_client(client.token) if cursor.connected]
        if name is not None:
            return [cursor for cursor in held if cursor.key.name == name]
        return [cursor for cursor in held if cursor.explicit] or held

    async def _stored(self, client: ClientKey, name: str | None) -> list[tuple[StoredCursor, int]]:
        """The stored cursors that mean something in the stream as it is now."""
        cursors = await self._store.list_cursors(client)
        state = await self._query_state()
        places = [(cursor, cursor.place(state)) for cursor in cursors]
        return [
            (cursor, place)
            for cursor, place in places
            if place is not None and name in {None, cursor.name}
        ]

    async def _account(self, stored: StoredCursor, place: int, *, connected: bool) -> CursorAccount:
        return CursorAccount(
            cursor=stored.name,
            filters=stored.wanted,
            position=place,
            pending=await self._pending(stored, place),
            last_seen=rfc3339(time.time_ns()) if connected else stored.seen,
            connected=connected,
        )

    async def _pending(self, stored: StoredCursor, place: int) -> int | None:
        if stored.pending is not None:
            return stored.pending
        try:
            return await self._lookup.count_after(place, stored.subjects)
        except JetbridgeError:
            return None


def ack_held(cursor: DurableCursor, sequence: int) -> None:
    """Take an ack for a cursor of a client that is connected here."""
    bound = max(cursor.bound(), cursor.stored)
    if sequence > bound:
        raise not_sent(sequence, bound)
    cursor.ack(sequence)


def only(candidates: list[T], name: Callable[[T], str]) -> T:
    """The one cursor that an ack can mean. Raises AckError if there are several."""
    if len(candidates) > 1:
        names = ", ".join(map(name, candidates))
        raise AckError(
            f"this client has several cursors: {names}",
            hint='say which in "cursor"; each stream is told its own in `connected`',
        )
    return candidates[0]


def unknown(client: ClientKey) -> UnknownClientError:
    """The error for a client without cursors."""
    return UnknownClientError(
        f"no cursor of a client {client.client_id!r} is known",
        hint="cursors are made for streams with this client_id, and kept for seven days",
    )


def not_sent(sequence: int, newest: int) -> AckError:
    """The error for an ack of what the client cannot have got."""
    return AckError(f"the event {sequence} has not been sent yet; the newest that was is {newest}")
