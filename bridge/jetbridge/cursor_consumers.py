"""JetStream consumers that hold a place and deliver nothing: the calls, typed."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

import msgspec

from jetbridge.cursor_keys import Wanted
from jetbridge.jetstream import (
    CONSUMER_NOT_FOUND,
    STREAM_NOT_FOUND,
    Delivered,
    JetStream,
    JetStreamError,
    NobodyAnswersError,
)

CONSUMER_EXISTS = 10148
NAMES_PER_PAGE = 1024

SHARE_FOR_CURSORS = 0.9
"""Of the consumers that a stream may have; without the rest nobody could tail or replay."""

NOTHING = msgspec.json.encode({"batch": 1, "no_wait": True, "max_bytes": 1})
"""A pull that delivers nothing: no message is so small."""


class Note(msgspec.Struct, frozen=True):
    """The metadata of a cursor's consumer: texts, as JetStream wants them."""

    client_id: str = ""
    filters: str = "{}"
    position: str = "0"
    stream_created: str = ""
    last_seen: str = ""

    @classmethod
    def make(
        cls, client_id: str, wanted: Wanted, *, position: int, stream_created: str, seen: str
    ) -> Note:
        """The note of a client that was seen at `seen`, RFC 3339, and is at `position`."""
        filters = msgspec.json.encode(wanted).decode()
        return cls(client_id, filters, str(position), stream_created, seen)

    @property
    def wanted(self) -> Wanted:
        """The filter, for people."""
        return msgspec.json.decode(self.filters, type=Wanted)


class CursorConfig(msgspec.Struct):
    """The parts of a consumer's configuration that are read."""

    metadata: Note = Note()
    filter_subjects: list[str] = []


class CursorConsumer(msgspec.Struct, dict=True):
    """A consumer as it is. `config` can be sent back as it came."""

    config: msgspec.Raw
    delivered: Delivered
    num_pending: int

    @cached_property
    def typed(self) -> CursorConfig:
        """The configuration; an empty one if it is none of ours."""
        try:
            config = msgspec.json.decode(self.config, type=CursorConfig)
            int(config.metadata.position)
            _ = config.metadata.wanted
        except ValueError:
            return CursorConfig()
        return config

    def renewed(self, note: Note) -> dict[str, object]:
        """The configuration with another note."""
        config = msgspec.json.decode(self.config, type=dict[str, object])
        return config | {"metadata": msgspec.to_builtins(note)}


class NamesPage(msgspec.Struct):
    """A page of CONSUMER.NAMES."""

    total: int
    consumers: list[str] | None = None


class ConsumerCount(msgspec.Struct):
    consumer_count: int


class ConsumerCap(msgspec.Struct):
    max_consumers: int = -1


class ConsumerRoom(msgspec.Struct):
    """The parts of STREAM.INFO that tell how many consumers there are, and may be."""

    state: ConsumerCount
    config: ConsumerCap

    @property
    def left(self) -> bool:
        """True if another cursor leaves enough for others."""
        cap = self.config.max_consumers
        return cap <= 0 or self.state.consumer_count < int(cap * SHARE_FOR_CURSORS)


class CursorConsumers:
    """The calls. They raise as those of JetStream do."""

    def __init__(self, jetstream: JetStream, stream: str) -> None:
        self._jetstream = jetstream
        self._stream = stream

    async def room(self) -> ConsumerRoom:
        """How many consumers the stream has, and may have."""
        return await self._jetstream.request(
            f"$JS.API.STREAM.INFO.{self._stream}", b"", ConsumerRoom
        )

    async def find(self, name: str) -> CursorConsumer | None:
        """A consumer; `None` if there is none."""
        try:
            return await self._jetstream.request(
                f"$JS.API.CONSUMER.INFO.{self._stream}.{name}", b"", CursorConsumer
            )
        except JetStreamError as error:
            if error.code in {CONSUMER_NOT_FOUND, STREAM_NOT_FOUND}:
                return None
            raise

    async def create(self, name: str, config: Mapping[str, object]) -> bool:
        """Make a consumer; False if there is another one of this name."""
        try:
            await self._configure("create", name, config)
        except JetStreamError as error:
            if error.code == CONSUMER_EXISTS:
                return False
            raise
        return True

    async def update(self, name: str, config: Mapping[str, object]) -> None:
        """Change a consumer. Its place stays."""
        await self._configure("update", name, config)

    async def reset(self, name: str, position: int) -> None:
        """Put a consumer after `position`.

        Needs nats-server 2.14. It takes positions that the stream has not reached, refuses
        those before the one the consumer was made at, and says nothing, until the time is
        up, if there is no such consumer.
        """
        body = msgspec.json.encode({"seq": position + 1})
        subject = f"$JS.API.CONSUMER.RESET.{self._stream}.{name}"
        await self._jetstream.request(subject, body, CursorConsumer)

    async def keep_alive(self, name: str) -> bool:
        """Start a consumer's time of inactivity anew; False if there is none.

        Measured on nats-server 2.15.1: only pulls do, neither RESET nor an update does.
        """
        subject = f"$JS.API.CONSUMER.MSG.NEXT.{self._stream}.{name}"
        try:
            await self._jetstream.ask(subject, NOTHING)
        except NobodyAnswersError:
            return False
        return True

    async def names(self) -> list[str]:
        """The names of all consumers of the stream."""
        subject = f"$JS.API.CONSUMER.NAMES.{self._stream}"
        names: list[str] = []
        while True:
            body = msgspec.json.encode({"offset": len(names)})
            page = await self._jetstream.request(subject, body, NamesPage)
            names += page.consumers or []
            if not page.consumers or len(names) >= page.total:
                return names

    async def delete(self, name: str) -> None:
        """Delete a consumer. One that is gone already is as good."""
        await self._jetstream.delete_consumer(self._stream, name)

    async def _configure(self, action: str, name: str, config: Mapping[str, object]) -> None:
        body = {"stream_name": self._stream, "action": action, "config": config}
        subject = f"$JS.API.CONSUMER.CREATE.{self._stream}.{name}"
        await self._jetstream.request(subject, msgspec.json.encode(body), CursorConsumer)
