"""A NATS key-value bucket over plain subjects: read the leader's copy, write by revision."""

from __future__ import annotations

from typing import NamedTuple, TypeVar

import msgspec

from jetbridge.cursor_store import StoreMissingError
from jetbridge.jetstream import NANOSECONDS, STREAM_NOT_FOUND, JetStream, JetStreamError

MESSAGE_NOT_FOUND = 10037
WRONG_LAST_SEQUENCE = frozenset({10071, 10164})
STREAM_NAME_IN_USE = 10058
FORGOTTEN = {"KV-Operation": "PURGE", "Nats-Rollup": "sub"}


T = TypeVar("T")


class Entry(NamedTuple):
    """The last value of a key, `None` if it was deleted, and its revision."""

    value: bytes | None
    revision: int


NO_ENTRY = Entry(None, 0)


class RawMessage(msgspec.Struct):
    """A stored message as STREAM.MSG.GET gives it."""

    seq: int
    data: bytes = b""
    hdrs: bytes = b""


class GotMessage(msgspec.Struct):
    message: RawMessage


class PubAck(msgspec.Struct):
    seq: int


class SubjectCounts(msgspec.Struct):
    subjects: dict[str, int] | None = None


class SubjectsInfo(msgspec.Struct):
    """The part of STREAM.INFO that lists subjects."""

    state: SubjectCounts


class Done(msgspec.Struct):
    """An answer of which nothing is read."""


class KvBucket:
    """One bucket, that any NATS tool can read.

    Values are forgotten `kept_seconds` after they were written. With `create` the bucket is
    made when it is found missing; without, that raises StoreMissingError. Otherwise the
    methods raise as those of JetStream do.
    """

    def __init__(
        self,
        jetstream: JetStream,
        name: str,
        *,
        kept_seconds: float,
        replicas: int,
        create: bool,
    ) -> None:
        self._jetstream = jetstream
        self._name = name
        self._stream = f"KV_{name}"
        self._kept_seconds = kept_seconds
        self._replicas = replicas
        self._create = create

    async def get(self, key: str) -> Entry:
        """The last value of a key."""
        body = msgspec.json.encode({"last_by_subj": self._subject(key)})
        try:
            got = await self._request(f"$JS.API.STREAM.MSG.GET.{self._stream}", body, GotMessage)
        except JetStreamError as error:
            if error.code == MESSAGE_NOT_FOUND:
                return NO_ENTRY
            raise
        message = got.message
        return Entry(None if b"KV-Operation:" in message.hdrs else message.data, message.seq)

    async def put(self, key: str, value: bytes, *, after: int) -> bool:
        """Write a value, if the last revision of the key is still `after`; else False."""
        return await self._publish(key, value, {}, after)

    async def forget(self, key: str, *, after: int) -> bool:
        """Delete a key, if its last revision is still `after`; else False."""
        return await self._publish(key, b"", FORGOTTEN, after)

    async def keys(self, pattern: str) -> list[str]:
        """The keys that match a pattern with NATS wildcards, deleted ones included."""
        body = msgspec.json.encode({"subjects_filter": self._subject(pattern)})
        info = await self._request(f"$JS.API.STREAM.INFO.{self._stream}", body, SubjectsInfo)
        start = len(self._subject(""))
        return [subject[start:] for subject in info.state.subjects or {}]

    def _subject(self, key: str) -> str:
        return f"$KV.{self._name}.{key}"

    async def _publish(self, key: str, value: bytes, headers: dict[str, str], after: int) -> bool:
        expected = headers | {
            "Nats-Expected-Stream": self._stream,
            "Nats-Expected-Last-Subject-Sequence": str(after),
        }
        try:
            await self._jetstream.request(self._subject(key), value, PubAck, headers=expected)
        except JetStreamError as error:
            if error.code in WRONG_LAST_SEQUENCE:
                return False
            raise
        return True

    async def _request(self, subject: str, body: bytes, answer: type[T]) -> T:
        try:
            return await self._jetstream.request(subject, body, answer)
        except JetStreamError as error:
            if error.code != STREAM_NOT_FOUND:
                raise
        await self._make()
        return await self._jetstream.request(subject, body, answer)

    async def _make(self) -> None:
        if not self._create:
            hours = int(self._kept_seconds // 3600)
            raise StoreMissingError(
                f"there is no key-value bucket {self._name}",
                hint=f"nats kv add {self._name} --history=1 --ttl={hours}h "
                f"--replicas={self._replicas}",
            )
        body = msgspec.json.encode(self._config())
        try:
            await self._jetstream.request(f"$JS.API.STREAM.CREATE.{self._stream}", body, Done)
        except JetStreamError as error:
            if error.code != STREAM_NAME_IN_USE:  # somebody was faster
                raise

    def _config(self) -> dict[str, object]:
        """As the NATS clients make their buckets."""
        kept = int(self._kept_seconds * NANOSECONDS)
        return {
            "name": self._stream,
            "subjects": [self._subject(">")],
            "storage": "file",
            "discard": "new",
            "max_msgs_per_subject": 1,
            "max_age": kept,
            "duplicate_window": min(kept, 120 * NANOSECONDS),
            "num_replicas": self._replicas,
            "allow_rollup_hdrs": True,
            "allow_direct": True,
            "deny_delete": True,
        }
