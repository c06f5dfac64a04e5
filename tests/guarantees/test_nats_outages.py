"""What happens to nats-server does not show in a stream, except as a pause."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from jetbridge.embedded import NatsServer
from tests.support.arena import arena
from tests.support.bridge import plain_client
from tests.support.load import Load
from tests.support.operator import consumer_names, delete_consumers, pause_consumers
from tests.support.stubborn import StubbornPublisher
from tests.support.waiting import eventually

OUTAGE_SECONDS = 5.5
"""Longer than the bridge waits for a sign of life from its consumer."""


async def killed(server: NatsServer) -> None:
    await asyncio.to_thread(server.kill)
    await asyncio.to_thread(server.start)


async def stopped(server: NatsServer) -> None:
    await asyncio.to_thread(server.stop)
    await asyncio.to_thread(server.start)


async def frozen(server: NatsServer) -> None:
    server.pause()
    try:
        await asyncio.sleep(OUTAGE_SECONDS)
    finally:
        server.resume()


async def robbed_of_its_consumers(server: NatsServer) -> None:
    async with plain_client(server) as operator:
        await delete_consumers(operator)


async def told_to_pause_its_consumers(server: NatsServer) -> None:
    async with plain_client(server) as operator:
        await pause_consumers(operator, seconds=30)


FAULTS = [killed, stopped, frozen, robbed_of_its_consumers, told_to_pause_its_consumers]


@pytest.mark.parametrize("fault", FAULTS)
async def test_open_streams_go_on_contiguous_when_the_server_is(
    nats_server: NatsServer, fault: Callable[[NatsServer], Awaitable[None]]
) -> None:
    async with arena(nats_server, ring_max_events=100) as place:
        history = await Load.begin(place.nats, padding=1000)
        live = await place.live()
        one_job = await place.live("/jobs/job:1?event_types=*")
        await history.publish(5000)
        replaying = place.watcher("/events?from=earliest")
        await replaying.connect(small_buffers=True)
        await replaying.read_until(lambda: len(replaying.events) > 100)
        publisher = StubbornPublisher(place.nats)
        publishing = asyncio.create_task(publisher.publish_for(0.3))
        await eventually(lambda: len(publisher.stored) > 20)
        await fault(nats_server)
        await publishing
        last = await publisher.publish()
        for client in (live, replaying):
            await client.up_to(last)
            assert client.events == list(range(history.first, last + 1))
        await one_job.up_to(last)
        assert one_job.events[-len(publisher.stored) :] == publisher.stored
        for client in (live, replaying, one_job):
            assert client.gaps == []
            assert client.connections == 1


async def test_a_client_that_comes_during_an_outage_is_told_to_come_back(
    nats_server: NatsServer,
) -> None:
    async with arena(nats_server) as place:
        publisher = StubbornPublisher(place.nats)
        await publisher.publish(10)
        client = place.watcher(after=publisher.stored[3])
        await asyncio.to_thread(nats_server.kill)
        await client.connect()
        await client.until_told("unavailable")
        assert client.of_kind("unavailable")[0]["reason"] == "nats_unreachable"
        await asyncio.to_thread(nats_server.start)
        last = await publisher.publish(10)
        await client.up_to(last)
        assert client.events == publisher.stored[4:]
        assert client.gaps == []


async def test_replays_that_are_cut_leave_no_consumers_behind(nats_server: NatsServer) -> None:
    async with arena(nats_server, ring_max_events=100) as place:
        load = await Load.begin(place.nats)
        await load.publish(2000)
        for _ in range(5):
            client = await place.watcher("/events?from=earliest").connect()
            await client.read_bytes(1000, unless=lambda: False)
            client.cut()

        async def only_the_tail() -> bool:
            return len(await consumer_names(place.nats)) == 1

        await eventually(only_the_tail)
