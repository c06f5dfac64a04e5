"""Places are written down in rounds, however many there are, and all of them at the end."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest
from nats.aio.client import Client

from jetbridge.durable_cursor import DurableCursor
from jetbridge.embedded import NatsServer
from jetbridge_publishers.streams import EVENTS
from tests.durable.clients import SUBJECT, gone
from tests.support.bridge import PREFIX, LiveBridge, context, live_bridge, publish
from tests.support.sse import SseClient
from tests.support.waiting import eventually

ONLY_AT_THE_END = {"cursor_checkpoint_seconds": 3600}


@asynccontextmanager
async def crowd(bridge: LiveBridge, size: int) -> AsyncGenerator[list[SseClient]]:
    """So many durable clients, live, each with a name of its own."""
    clients = [SseClient(bridge.url, f"{PREFIX}/events?client_id=client-{n}") for n in range(size)]
    places = asyncio.Semaphore(50)

    async def enter(client: SseClient) -> None:
        async with places:
            await client.open()
            assert (await client.until_event("connected")).json["durable"] is True
            await client.until_event("caught-up")

    try:
        await asyncio.gather(*map(enter, clients))
        yield clients
    finally:
        await asyncio.gather(*[client.close() for client in clients])


async def positions(nats: Client) -> list[int]:
    """Where all cursors are stored, as NATS itself tells."""
    consumers = await context(nats).consumers_info(EVENTS)
    delivered = [each.delivered for each in consumers if each.name.startswith("sse_")]
    return [each.stream_seq for each in delivered if each is not None]


def is_dirty(cursor: DurableCursor) -> bool:
    return cursor.is_dirty(cursor.epoch)


async def test_a_thousand_durable_clients_are_stored_within_a_round(
    nats_server: NatsServer, nats: Client
) -> None:
    async with live_bridge(nats_server, cursor_checkpoint_seconds=0.2) as bridge:
        durability = bridge.bridge.durability
        async with crowd(bridge, 1000) as clients:
            await eventually(lambda: not any(map(is_dirty, durability.registry)))
            written, started = durability.checkpoints.written, time.monotonic()
            await publish(nats, SUBJECT, {"n": 1})
            await asyncio.gather(*[client.events(1) for client in clients])
            await eventually(lambda: durability.checkpoints.written >= written + 1000)
            assert time.monotonic() - started < 5
            assert durability.health.failures == 0
        await gone(bridge)


async def test_the_end_of_a_bridge_stores_every_place(
    nats_server: NatsServer, nats: Client
) -> None:
    async with (
        live_bridge(nats_server, **ONLY_AT_THE_END) as bridge,
        crowd(bridge, 100) as clients,
    ):
        last = await publish(nats, SUBJECT, {"n": 1})
        await asyncio.gather(*[client.events(1) for client in clients])
        assert last not in await positions(nats)
        await bridge.bridge.drain()
        await bridge.bridge.stop()
        assert await positions(nats) == [last] * 100


async def test_the_end_of_a_bridge_does_not_wait_for_ever_for_nats(
    nats_server: NatsServer, nats: Client, caplog: pytest.LogCaptureFixture
) -> None:
    async with live_bridge(nats_server, **ONLY_AT_THE_END) as bridge:
        bridge.bridge.durability.flush_seconds = 0.5
        async with crowd(bridge, 3) as clients:
            await publish(nats, SUBJECT, {"n": 1})
            await asyncio.gather(*[client.events(1) for client in clients])
            await asyncio.to_thread(nats_server.kill)
            await bridge.bridge.drain()
            await bridge.bridge.stop()
            await asyncio.to_thread(nats_server.start)
    assert "the places of 3 durable clients could not be stored" in caplog.text
