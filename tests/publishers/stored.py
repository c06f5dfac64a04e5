"""What is in the stream EVT, read with plain NATS."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any, cast

import msgspec
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js.api import AckPolicy, ConsumerConfig

from jetbridge_publishers.connection import NatsOptions, connect, jetstream


@dataclass(frozen=True)
class StoredEvent:
    sequence: int
    subject: str
    payload: bytes
    headers: dict[str, str]

    @property
    def data(self) -> dict[str, Any]:
        return msgspec.json.decode(self.payload)

    @property
    def agent(self) -> str:
        return self.subject.split(".")[2]


async def stored_events(client: Client) -> list[StoredEvent]:
    """Every event of EVT, in the stream's order."""
    js = jetstream(client)
    count = (await js.stream_info("EVT")).state.messages
    config = ConsumerConfig(ack_policy=AckPolicy.NONE)
    reader = await cast("Any", js).pull_subscribe("evt.>", stream="EVT", config=config)
    messages: list[Msg] = []
    while len(messages) < count:
        messages += await reader.fetch(min(1000, count - len(messages)), timeout=10)
    await reader.unsubscribe()
    return [_event(message) for message in messages]


async def stored_at(url: str) -> list[StoredEvent]:
    """As `stored_events`, over a connection of its own."""
    client = await connect(NatsOptions(servers=url, connect_wait_seconds=10))
    try:
        return await stored_events(client)
    finally:
        await client.close()


def numbers_by_agent(events: list[StoredEvent]) -> dict[str, list[int]]:
    """The `n` of each event, by agent, in the stream's order."""
    found: dict[str, list[int]] = defaultdict(list)
    for event in events:
        found[event.agent].append(event.data["n"])
    return dict(found)


def _event(message: Msg) -> StoredEvent:
    return StoredEvent(
        message.metadata.sequence.stream,
        message.subject,
        message.data,
        dict(message.headers or {}),
    )
