"""Clients move between bridges by nothing but the last id, on a cluster of three nodes."""

from __future__ import annotations

import asyncio
import contextlib
import random

from jetbridge_publishers.publisher import Publisher
from tests.support.bridge import PREFIX, live_bridge
from tests.support.nats_cluster import NatsCluster
from tests.support.watcher import Watcher

AGENTS = ["boiler:1", "boiler:2", "a b"]
EVENTS = 3000
CLIENTS = 8
PATHS = ["/events", "/events", "/agents/boiler:1", "/events?agents=boiler:2,a%20b"]
WANTED = [set(AGENTS), set(AGENTS), {"boiler:1"}, {"boiler:2", "a b"}]


async def publish_load(publisher: Publisher) -> list[tuple[int, str]]:
    """Publish all events, as fast as a cluster of three stores them; sequence and agent."""
    stored: list[tuple[int, str]] = []
    for start in range(0, EVENTS, 20):
        agents = [AGENTS[number % 3] for number in range(start, start + 20)]
        events = [
            publisher.emit({"n": start + place}, agent=agent, type="custom.tick")
            for place, agent in enumerate(agents)
        ]
        stored += zip(await asyncio.gather(*events), agents, strict=True)
    return stored


async def read(client: Watcher, at_most: int | None = None) -> None:
    """Read what comes within a moment."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(0.05):
            await client.read(at_most)


async def wander(client: Watcher, urls: list[str], rng: random.Random, done: asyncio.Event) -> None:
    """Read a little here and a little there, cut off in the middle of frames, until `done`."""
    while not done.is_set():
        client.url = rng.choice(urls)
        await client.connect()
        for _ in range(rng.randint(0, 10)):
            await read(client)
        await read(client, at_most=rng.randint(1, 500))
        client.cut()


async def test_clients_that_move_to_and_fro_miss_nothing_and_get_nothing_twice(
    nats_cluster: NatsCluster,
) -> None:
    async with (
        live_bridge(nats_cluster, stream_replicas=3) as one,
        live_bridge(nats_cluster, stream_replicas=3) as other,
        Publisher(nats_cluster.url) as publisher,
    ):
        urls, done = [one.url, other.url], asyncio.Event()
        clients = [
            Watcher(one.url, PREFIX + PATHS[number % 4], last_id=one.bridge.hub.ring.head)
            for number in range(CLIENTS)
        ]
        wanderers = [
            asyncio.create_task(wander(client, urls, random.Random(seed), done))
            for seed, client in enumerate(clients)
        ]
        stored = await publish_load(publisher)
        done.set()
        await asyncio.gather(*wanderers)
        for number, client in enumerate(clients):
            wanted = [sequence for sequence, agent in stored if agent in WANTED[number % 4]]
            await client.come_back()
            await client.read_until(lambda c=client, w=wanted: len(c.events) >= len(w))
            client.cut()
            assert client.events == wanted
            assert client.gaps == []
            assert client.connections > 5
