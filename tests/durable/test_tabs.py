"""One client, several connections: the place follows the slowest, and goes on without it."""

from __future__ import annotations

import asyncio

import pytest
from nats.aio.client import Client

from jetbridge.embedded import NatsServer
from tests.durable.clients import SUBJECT, connected, gone, position, settled, stored_at
from tests.support.bridge import live_bridge, publish, publish_many
from tests.support.waiting import eventually

BODY = b'{"pad":"' + b"x" * 10_000 + b'"}'
QUICK = {"cursor_checkpoint_seconds": 0.05}


async def test_both_tabs_get_every_event(nats_server: NatsServer, nats: Client) -> None:
    async with live_bridge(nats_server) as bridge:
        tabs = [(await settled(bridge.url))[0] for _ in range(2)]
        sequences = [await publish(nats, SUBJECT, {"n": n}) for n in range(3)]
        for tab in tabs:
            assert [frame.sequence for frame in await tab.events(3)] == sequences
            assert connected(tab)["durable"] is True
            await tab.close()
        await gone(bridge)
        assert await position(bridge.url) == sequences[-1]


@pytest.mark.usefixtures("both_paths")
async def test_the_place_waits_for_the_tab_that_reads_nothing_until_that_is_gone(
    nats_server: NatsServer, nats: Client
) -> None:
    async with live_bridge(nats_server, **QUICK) as bridge:
        stuck, _ = await settled(bridge.url)
        fine, _ = await settled(bridge.url)
        stuck.stop_reading()
        sequences = await publish_many(nats, [SUBJECT] * 2000, [BODY] * 2000)
        await fine.events(2000)
        written = bridge.bridge.durability.checkpoints
        rounds = written.rounds
        await eventually(lambda: written.rounds > rounds + 2)
        assert await position(bridge.url) < sequences[-1]
        await stuck.close()
        await stored_at(bridge.url, sequences[-1])
        await fine.close()


@pytest.mark.usefixtures("both_paths")
async def test_a_connection_that_broke_is_stored_up_to_what_its_socket_took(
    nats_server: NatsServer, nats: Client
) -> None:
    async with live_bridge(nats_server, **QUICK) as bridge:
        stuck, _ = await settled(bridge.url)
        start = await position(bridge.url)
        stuck.stop_reading()
        sequences = await publish_many(nats, [SUBJECT] * 2000, [BODY] * 2000)
        await eventually(lambda: bridge.bridge.hub.ring.head == sequences[-1])
        await stuck.close()
        await gone(bridge)
        assert start <= await position(bridge.url) < sequences[-1]


async def test_a_tab_that_closes_does_not_take_the_place_of_the_other_back(
    nats_server: NatsServer, nats: Client
) -> None:
    async with live_bridge(nats_server, **QUICK) as bridge:
        early, _ = await settled(bridge.url)
        last = await publish(nats, SUBJECT, {"n": 1})
        await early.events(1)
        late, replayed = await settled(bridge.url, query=f"last_event_id={last - 1}")
        assert [frame.sequence for frame in replayed] == [last]
        await early.close()
        await stored_at(bridge.url, last)
        await late.close()
        await gone(bridge)
        assert await position(bridge.url) == last


async def test_two_tabs_that_open_at_once_share_one_place(
    nats_server: NatsServer, nats: Client, backend: str
) -> None:
    async with live_bridge(nats_server, cursor_backend=backend) as bridge:
        tabs = await asyncio.gather(*[settled(bridge.url) for _ in range(10)])
        names = {connected(tab)["durable_cursor"] for tab, _ in tabs}
        assert len(names) == 1
        last = await publish(nats, SUBJECT, {"n": 1})
        for tab, _ in tabs:
            await tab.events(1)
            await tab.close()
        await gone(bridge)
        assert await position(bridge.url) == last


async def test_a_tab_on_another_replica_does_not_take_the_place_back(
    nats_server: NatsServer, nats: Client, backend: str
) -> None:
    settings = QUICK | {"cursor_backend": backend}
    async with (
        live_bridge(nats_server, **settings) as one,
        live_bridge(nats_server, **settings) as other,
    ):
        last = await publish(nats, SUBJECT, {"n": 1})
        ahead, _ = await settled(one.url)
        behind, _ = await settled(other.url, query=f"last_event_id={last - 1}&ack=explicit")
        assert await position(other.url) == last
        following = await publish(nats, SUBJECT, {"n": 2})
        await stored_at(one.url, following)
        await behind.close()
        await gone(other)
        assert await position(other.url) == following
        await ahead.close()
