"""The store `cursor_backend = consumer`: each cursor is a JetStream consumer.

A purge of the whole stream moves every consumer to the new beginning, and so would hide
what it took away. The consumer's metadata hence repeats the position, as of when the
client left.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable

import msgspec

from jetbridge.cursor_consumers import CursorConsumer, CursorConsumers, Note
from jetbridge.cursor_keys import ClientKey, CursorKey, client_prefix
from jetbridge.cursor_store import KEPT_SECONDS, StoredCursor, StoreFullError
from jetbridge.gaps import StreamState
from jetbridge.jetstream import NANOSECONDS, JetStream
from jetbridge_schemas.errors import JetbridgeError
from jetbridge_schemas.timestamps import rfc3339


class ConsumerCursors:
    """A CursorStore. `kept_seconds` is the consumers' threshold of inactivity; `now_ns`
    tells the time, in nanoseconds since 1970."""

    def __init__(
        self,
        jetstream: JetStream,
        stream: str,
        *,
        kept_seconds: float = KEPT_SECONDS,
        now_ns: Callable[[], int] = time.time_ns,
    ) -> None:
        self._consumers = CursorConsumers(jetstream, stream)
        self._kept_seconds = kept_seconds
        self._now_ns = now_ns

    async def load(self, name: str) -> StoredCursor | None:
        """What is stored; `None` if there is nothing."""
        found = await self._consumers.find(name)
        return None if found is None else stored(name, found)

    async def create(self, key: CursorKey, position: int, state: StreamState) -> int:
        """Make a consumer, move it to where it is, and pull nothing: what is not permitted
        shows at once."""
        room = await self._consumers.room()
        if not room.left:
            raise StoreFullError(
                f"{room.state.consumer_count} consumers are there, of at most "
                f"{room.config.max_consumers}; the rest is for those who replay",
                hint="raise max_consumers of the stream, or set cursor_backend = kv",
            )
        if not await self._consumers.create(key.name, self._config(key, position, state)):
            other = await self.load(key.name)
            if other is not None and other.stream_created == state.created:
                return other.place(state) or position
            await self._consumers.delete(key.name)
            await self._consumers.create(key.name, self._config(key, position, state))
        await self._prove(key.name, position)
        return position

    async def advance(
        self, name: str, position: int, state: StreamState, *, renew: bool
    ) -> int | None:
        """Move a consumer, having looked where it is: another bridge may have moved it."""
        found = await self._consumers.find(name)
        kept = found and stored(name, found)
        if not found or not kept or kept.stream_created != state.created:
            return None
        reached = max(position, kept.place(state) or 0)
        if reached > found.delivered.stream_seq:
            await self._consumers.reset(name, reached)
        if renew:
            await self._renew(name, found, reached)
        return reached

    async def list_cursors(self, client: ClientKey) -> list[StoredCursor]:
        """Found by their names, of which JetStream lists a thousand at a time."""
        prefix = client_prefix(client)
        names = [name for name in await self._consumers.names() if name.startswith(prefix)]
        cursors = await asyncio.gather(*(self.load(name) for name in names))
        return [cursor for cursor in cursors if cursor is not None]

    async def delete(self, name: str) -> None:
        """Delete the consumer."""
        await self._consumers.delete(name)

    async def _renew(self, name: str, found: CursorConsumer, position: int) -> None:
        await self._consumers.keep_alive(name)
        note = found.typed.metadata
        renewed = msgspec.structs.replace(note, position=str(position), last_seen=self._now())
        await self._consumers.update(name, found.renewed(renewed))

    def _config(self, key: CursorKey, position: int, state: StreamState) -> dict[str, object]:
        note = Note.make(
            key.client.client_id,
            key.wanted(),
            position=position,
            stream_created=state.created,
            seen=self._now(),
        )
        return {
            "name": key.name,
            "durable_name": key.name,
            "ack_policy": "none",
            "deliver_policy": "by_start_sequence",
            "opt_start_seq": position + 1,
            "filter_subjects": key.filter.subjects(),
            "inactive_threshold": int(self._kept_seconds * NANOSECONDS),
            "metadata": note,
        }

    async def _prove(self, name: str, position: int) -> None:
        try:
            await self._consumers.reset(name, position)
            await self._consumers.keep_alive(name)
        except JetbridgeError:
            with contextlib.suppress(JetbridgeError):  # what cannot be moved is no cursor
                await self._consumers.delete(name)
            raise

    def _now(self) -> str:
        return rfc3339(self._now_ns())


def stored(name: str, found: CursorConsumer) -> StoredCursor:
    """A cursor as its consumer tells it."""
    config = found.typed
    note = config.metadata
    return StoredCursor(
        name=name,
        client_id=note.client_id,
        position=found.delivered.stream_seq,
        noted=int(note.position),
        stream_created=note.stream_created,
        wanted=note.wanted,
        seen=note.last_seen,
        subjects=config.filter_subjects,
        pending=found.num_pending,
    )
