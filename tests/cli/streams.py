"""Streams for tests of commands that expect them: made, filled, read."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar, cast

import nats
from nats.aio.client import Client
from nats.js import JetStreamContext

from jetbridge.embedded import NatsServer
from jetbridge_publishers.streams import StreamSettings, ensure

T = TypeVar("T")


def with_jetstream(
    server: NatsServer, work: Callable[[JetStreamContext], Awaitable[T]], *, url: str = ""
) -> T:
    """Connect with a plain NATS client, by `url` if it is another, do `work`, disconnect."""

    async def run() -> T:
        connect: Callable[[str], Awaitable[Client]] = cast("Any", nats).connect
        client = await connect(url or server.url)
        try:
            context: JetStreamContext = cast("Any", client).jetstream()
            return await work(context)
        finally:
            await client.close()

    return asyncio.run(run())


def make_streams(server: NatsServer, *, url: str = "") -> None:
    """EVT and DLQ, as the bridge would make them."""
    with_jetstream(server, lambda js: ensure(js, StreamSettings(), "create"), url=url)


def add_events_stream(server: NatsServer, **config: Any) -> None:
    """A stream EVT as somebody else would make it."""

    async def add(js: JetStreamContext) -> None:
        await cast("Any", js).add_stream(name="EVT", subjects=["evt.>"], **config)

    with_jetstream(server, add)


def stored(server: NatsServer, stream: str = "EVT") -> list[tuple[str, bytes]]:
    """Subject and payload of every message in a stream."""

    async def read(js: JetStreamContext) -> list[tuple[str, bytes]]:
        state = (await js.stream_info(stream)).state
        sequences = range(state.first_seq, state.last_seq + 1) if state.messages else range(0)
        messages = [await js.get_msg(stream, sequence) for sequence in sequences]
        return [(str(message.subject), message.data or b"") for message in messages]

    return with_jetstream(server, read)


def store(server: NatsServer, subject: str, payload: bytes) -> int:
    """Publish one message; its sequence."""

    async def publish(js: JetStreamContext) -> int:
        return (await js.publish(subject, payload)).seq

    return with_jetstream(server, publish)
