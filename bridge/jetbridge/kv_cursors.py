"""The store `cursor_backend = kv`: each cursor is a key of a NATS key-value bucket.

A key costs the server far less than a consumer does, and is written faster; what it cannot
do is count the events that wait.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import msgspec

from jetbridge.cursor_keys import ClientKey, CursorKey, Wanted
from jetbridge.cursor_store import StoredCursor
from jetbridge.gaps import StreamState
from jetbridge.jetstream import JetStreamUnavailableError
from jetbridge.kv_bucket import Entry, KvBucket
from jetbridge_schemas.timestamps import rfc3339

CURSORS_BUCKET = "JETBRIDGE_CURSORS"

ATTEMPTS = 10
"""Times that a write is tried again because somebody else was faster."""


class CursorRecord(msgspec.Struct, frozen=True):
    """The value of a key. `stream_created` names the incarnation of the stream."""

    client_id: str
    position: int
    stream_created: str
    last_seen: str
    filters: Wanted
    subjects: list[str]


class KvCursors:
    """A CursorStore. `now_ns` tells the time, in nanoseconds since 1970."""

    def __init__(self, bucket: KvBucket, *, now_ns: Callable[[], int] = time.time_ns) -> None:
        self._bucket = bucket
        self._now_ns = now_ns

    async def load(self, name: str) -> StoredCursor | None:
        """What is stored; `None` if there is nothing."""
        record = parse(await self._bucket.get(key_of(name)))
        if record is None:
            return None
        return StoredCursor(
            name=name,
            client_id=record.client_id,
            position=record.position,
            noted=record.position,
            stream_created=record.stream_created,
            wanted=record.filters,
            seen=record.last_seen,
            subjects=record.subjects,
        )

    async def create(self, key: CursorKey, position: int, state: StreamState) -> int:
        """Write the first value, unless there is one already."""
        fresh = CursorRecord(
            client_id=key.client.client_id,
            position=position,
            stream_created=state.created,
            last_seen=rfc3339(self._now_ns()),
            filters=key.wanted(),
            subjects=key.filter.subjects(),
        )

        def decide(entry: Entry) -> CursorRecord | None:
            return None if current(entry, state) else fresh

        entry = await self._write(key.name, decide)
        record = current(entry, state)
        return position if record is None else record.position

    async def advance(
        self, name: str, position: int, state: StreamState, *, renew: bool
    ) -> int | None:
        """Write a later position. To write is to renew."""

        def decide(entry: Entry) -> CursorRecord | None:
            record = current(entry, state)
            if record is None or (position <= record.position and not renew):
                return None
            reached = max(position, record.position)
            now = rfc3339(self._now_ns())
            return msgspec.structs.replace(record, position=reached, last_seen=now)

        record = current(await self._write(name, decide), state)
        return None if record is None else max(position, record.position)

    async def list_cursors(self, client: ClientKey) -> list[StoredCursor]:
        """Found by their keys, which begin with the client's token."""
        keys = await self._bucket.keys(f"{client.token}.*")
        cursors = [await self.load(name_of(key)) for key in keys]
        return [cursor for cursor in cursors if cursor is not None]

    async def delete(self, name: str) -> None:
        """Mark the key as deleted."""
        for _ in range(ATTEMPTS):
            entry = await self._bucket.get(key_of(name))
            if entry.value is None or await self._bucket.forget(key_of(name), after=entry.revision):
                return
        raise contended(name)

    async def _write(self, name: str, decide: Callable[[Entry], CursorRecord | None]) -> Entry:
        """Write what `decide` makes of the present entry, if anything; returns that entry."""
        for _ in range(ATTEMPTS):
            entry = await self._bucket.get(key_of(name))
            record = decide(entry)
            if record is None:
                return entry
            value = msgspec.json.encode(record)
            if await self._bucket.put(key_of(name), value, after=entry.revision):
                return entry
        raise contended(name)


def key_of(name: str) -> str:
    """The key of a cursor: `sse_<client>_<filter>` is `<client>.<filter>`."""
    return name.partition("_")[2].replace("_", ".")


def name_of(key: str) -> str:
    """The cursor of a key."""
    return "sse_" + key.replace(".", "_")


def parse(entry: Entry) -> CursorRecord | None:
    """The record of an entry; `None` if there is none, or something else."""
    try:
        return msgspec.json.decode(entry.value or b"", type=CursorRecord)
    except ValueError:
        return None


def current(entry: Entry, state: StreamState) -> CursorRecord | None:
    """The record of an entry, if it belongs to the stream as it is now."""
    record = parse(entry)
    return record if record and record.stream_created == state.created else None


def contended(name: str) -> JetStreamUnavailableError:
    """The error when others write the same key all the time."""
    return JetStreamUnavailableError(f"the cursor {name} is written by too many at once")
