"""A client that waits for little costs little: while it is there, and when it comes back."""

from __future__ import annotations

from jetbridge.embedded import NatsServer
from tests.support.arena import Arena, arena
from tests.support.load import Load
from tests.support.operator import Advisories, consumer_names
from tests.support.waiting import eventually
from tests.support.watcher import Watcher

QUIET = "/agents/quiet?event_types=custom.*"
HEARTBEAT = 0.1


def heartbeat_ids(client: Watcher) -> list[int]:
    return [id_ or 0 for name, id_, _ in client.controls if name == "heartbeat"]


async def test_the_heartbeats_of_a_quiet_client_advance_with_the_stream(
    nats_server: NatsServer,
) -> None:
    async with arena(nats_server, heartbeat_interval_seconds=HEARTBEAT) as place:
        load = await Load.begin(place.nats)
        client = await place.live(QUIET)
        for _ in range(3):
            await load.publish(500)
            await client.read_until(lambda: heartbeat_ids(client)[-1:] == [load.last])
        ids = heartbeat_ids(client)
        assert ids == sorted(ids)
        assert client.events == []


async def test_a_quiet_client_that_comes_back_replays_nothing_and_asks_nothing_of_nats(
    nats_server: NatsServer,
) -> None:
    async with arena(
        nats_server, heartbeat_interval_seconds=HEARTBEAT, ring_max_events=50
    ) as place:
        load = await Load.begin(place.nats)
        client = await place.live(QUIET)
        await load.publish(2000)
        await client.read_until(lambda: heartbeat_ids(client)[-1:] == [load.last])
        client.cut()
        await load.publish(30)
        async with Advisories(place.nats) as advisories:
            await client.connect()
            await client.read_until(lambda: len(client.of_kind("caught-up")) == 2)
            assert client.of_kind("caught-up")[-1] == {"last_seq": load.last, "replayed": 0}
            assert await advisories.consumers_created() == 0

            # Its first id, as a bridge without moving heartbeats would have left it.
            careless = await place.watcher(QUIET, after=load.first - 1).connect()
            await careless.until_told("caught-up")
            assert await advisories.consumers_created() == 1


async def test_fifty_live_clients_are_one_consumer(nats_server: NatsServer) -> None:
    async with arena(nats_server) as place:
        load = await Load.begin(place.nats)
        paths = ["/events", "/agents/agent:1", "/jobs/job:2", "/events?agents=a,b,c"]
        async with Advisories(place.nats) as advisories:
            clients = [await place.live(paths[n % 4]) for n in range(50)]
            await load.publish(100)
            for client in clients[::4]:
                await client.up_to(load.last)
            assert await advisories.consumers_created() == 0
        assert len(await consumer_names(place.nats)) == 1


async def test_heartbeats_go_on_while_nats_is_away_and_hold_the_place(
    nats_server: NatsServer,
) -> None:
    async with arena(nats_server, heartbeat_interval_seconds=HEARTBEAT) as place:
        load = await Load.begin(place.nats)
        client = await place.live()
        await load.publish(10)
        await client.up_to(load.last)
        await outlast(place, client)
        assert set(heartbeat_ids(client)[-3:]) == {load.last}
        await load.publish(10)
        await client.up_to(load.last)
        assert client.events == list(range(load.first, load.last + 1))
        assert client.connections == 1


async def outlast(place: Arena, client: Watcher) -> None:
    """Take NATS away for three heartbeats."""
    place.server.kill()
    had = len(heartbeat_ids(client))
    await client.read_until(lambda: len(heartbeat_ids(client)) == had + 3)
    place.server.start()
    await eventually(lambda: place.nats.is_connected)
