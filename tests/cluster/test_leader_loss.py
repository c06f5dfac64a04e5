"""The node that leads the stream dies; nobody who publishes or watches notices but for a wait."""

from __future__ import annotations

import asyncio

import msgspec

from jetbridge_publishers.publisher import Publisher
from tests.support.bridge import PREFIX, live_bridge
from tests.support.nats_cluster import NatsCluster
from tests.support.waiting import eventually
from tests.support.watcher import Watcher

CLIENTS = 10
EVENTS_AFTER = 200


class Tick(msgspec.Struct):
    n: int


class Counting:
    """Publishes 1, 2, 3 … until told to stop."""

    def __init__(self, publisher: Publisher) -> None:
        self._publisher = publisher
        self._stop = asyncio.Event()
        self.count = 0

    async def run(self) -> None:
        while not self._stop.is_set():
            self.count += 1
            await self._publisher.emit({"n": self.count}, agent="counter", type="custom.tick")

    def stop(self) -> None:
        self._stop.set()


async def test_a_killed_stream_leader_costs_no_event(nats_cluster: NatsCluster) -> None:
    async with (
        live_bridge(nats_cluster, stream_replicas=3) as one,
        live_bridge(nats_cluster, stream_replicas=3) as other,
        Publisher(nats_cluster.url, ack_timeout_seconds=1.0) as publisher,
    ):
        clients = [
            await Watcher(bridge.url, PREFIX + "/events").connect()
            for bridge in (one, other)
            for _ in range(CLIENTS // 2)
        ]
        counting = Counting(publisher)
        publishing = asyncio.create_task(counting.run())
        everything: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        following = [
            asyncio.create_task(
                client.read_until(
                    lambda c=client: everything.done() and len(c.events) >= everything.result(),
                    within=40,
                )
            )
            for client in clients
        ]
        await eventually(lambda: all(len(client.events) > 50 for client in clients))
        leader = await nats_cluster.leader()
        await asyncio.to_thread(leader.kill)
        at_kill = counting.count
        await eventually(lambda: counting.count > at_kill + EVENTS_AFTER, within=30)
        counting.stop()
        await publishing
        everything.set_result(counting.count)
        await asyncio.gather(*following)
        for client in clients:
            numbers = [msgspec.json.decode(data, type=Tick).n for data in client.payloads]
            assert numbers == list(range(1, counting.count + 1))
            assert client.gaps == []
            assert client.connections == 1
            client.cut()
