"""A client that reads slowly loses nothing, holds little, and is nobody else's problem."""

from __future__ import annotations

import pytest

from jetbridge.embedded import NatsServer
from tests.support.arena import Arena, arena
from tests.support.load import Load
from tests.support.waiting import eventually
from tests.support.watcher import Watcher

pytestmark = pytest.mark.usefixtures("both_paths")

MAX_QUEUE = 100


async def stuck(place: Arena, path: str = "/events") -> Watcher:
    """A client that has caught up, and reads no more."""
    client = await place.watcher(path).connect(small_buffers=True)
    await client.until_told("caught-up")
    return client


async def flood(place: Arena, load: Load, neighbour: Watcher) -> None:
    """Publish thousands of events, more than any socket holds. The neighbour gets each part
    before the next is published, and no queue ever grows beyond its limit."""
    for _ in range(24):
        await load.publish(250)
        await neighbour.up_to(load.last)
        waiting = [client.sink.waiting for client in place.bridge.bridge.hub.subscribers]
        assert max(waiting) <= MAX_QUEUE


@pytest.mark.parametrize("ring_max_events", [20_000, 200], ids=["ring", "small-ring"])
async def test_a_client_that_stops_reading_reads_on_later_without_loss(
    nats_server: NatsServer, ring_max_events: int
) -> None:
    async with arena(
        nats_server, ring_max_events=ring_max_events, max_queue_size=MAX_QUEUE
    ) as place:
        load = await Load.begin(place.nats, padding=3000)
        slow, slow_job = await stuck(place), await stuck(place, "/jobs/job:1?event_types=*")
        neighbour = await place.live()
        await flood(place, load, neighbour)
        hub = place.bridge.bridge.hub
        assert hub.counts["lagged"] >= 2, hub.counts
        await slow.up_to(load.last, within=30)
        assert slow.events == neighbour.events == list(range(load.first, load.last + 1))
        await slow_job.read_until(lambda: len(slow_job.events) == load.published // 3)
        assert slow_job.events == [load.first + n for n in range(load.published) if n % 3 == 1]
        for client in (slow, slow_job, neighbour):
            assert client.gaps == []
            assert client.connections == 1
            assert len(client.of_kind("caught-up")) == 1
        await eventually(lambda: {each.state.value for each in hub.subscribers} == {"live"})


async def test_a_limited_stream_of_a_slow_client_has_its_full_length(
    nats_server: NatsServer,
) -> None:
    async with arena(nats_server, max_queue_size=MAX_QUEUE) as place:
        load = await Load.begin(place.nats, padding=3000)
        slow = await stuck(place, "/events?limit=5500")
        neighbour = await place.live()
        await flood(place, load, neighbour)
        await slow.read_until(lambda: len(slow.events) >= 5500, within=30)
        assert await slow.read() == 0
        assert slow.events == neighbour.events[:5500]


async def test_clients_that_are_cut_while_they_are_slow_leave_nothing_behind(
    nats_server: NatsServer,
) -> None:
    async with arena(nats_server, ring_max_events=200, max_queue_size=MAX_QUEUE) as place:
        load = await Load.begin(place.nats, padding=3000)
        slow = [await stuck(place) for _ in range(5)]
        neighbour = await place.live()
        await flood(place, load, neighbour)
        for client in slow:
            client.cut()
        bridge = place.bridge.bridge
        await eventually(lambda: len(bridge.hub.subscribers) == 1)
        await eventually(lambda: bridge.catch_up.running == 0)
        await slow[0].connect()
        await slow[0].up_to(load.last)
        assert slow[0].events == neighbour.events
