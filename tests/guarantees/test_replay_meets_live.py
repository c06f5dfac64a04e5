"""Replay meets live under load: nothing missing, nothing doubled, nothing out of order."""

from __future__ import annotations

import asyncio
import logging
import random
import secrets
from collections.abc import Callable

import pytest

from jetbridge.embedded import NatsServer
from tests.support.arena import Arena, arena
from tests.support.load import Load, agent_of, job_of
from tests.support.waiting import eventually

logger = logging.getLogger(__name__)

HISTORY = 5_000
EVENTS_PER_SECOND = 2_000
SECONDS = 2.5
CLIENTS = 50

STREAMS: dict[str, Callable[[int], bool]] = {
    "/events": lambda n: n >= 0,
    "/agents/agent:1": lambda n: agent_of(n) == 1,
    "/jobs/job:2?event_types=*": lambda n: job_of(n) == 2,
    "/events?agents=agent:0,agent:3&event_types=custom.t*": lambda n: agent_of(n) in {0, 3},
}


@pytest.mark.parametrize("ring_max_events", [500, 20_000])
async def test_clients_that_come_and_are_cut_at_random_moments_miss_nothing(
    nats_server: NatsServer, ring_max_events: int
) -> None:
    seed = secrets.randbits(32)
    logger.warning("seed %d", seed)
    rng = random.Random(seed)
    async with arena(nats_server, ring_max_events=ring_max_events) as place:
        load = await Load.begin(place.nats)
        await load.publish(HISTORY)
        publishing = asyncio.create_task(
            load.publish_steadily(per_second=EVENTS_PER_SECOND, seconds=SECONDS)
        )
        lives = [random.Random(rng.random()) for _ in range(CLIENTS)]
        await asyncio.gather(*(follow(place, load, publishing, life) for life in lives))
        await eventually(lambda: not place.bridge.bridge.hub.subscribers)
        await eventually(lambda: place.bridge.bridge.catch_up.running == 0)


async def follow(
    place: Arena, load: Load, publishing: asyncio.Task[None], rng: random.Random
) -> None:
    """One client's life: it comes at some moment, is cut at some moments, and has everything."""
    path, belongs = rng.choice(sorted(STREAMS.items()))
    await asyncio.sleep(rng.uniform(0, SECONDS))
    client = place.watcher(path, after=load.first - 1)
    while not publishing.done():
        await client.connect()
        await client.read_bytes(rng.randrange(400_000), unless=publishing.done)
        client.cut()
    await client.connect()
    wanted = [load.first + n for n in range(load.published) if belongs(n)]
    await client.up_to(wanted[-1], within=30)
    client.cut()
    assert client.events == wanted
    assert client.payloads == [load.payload(sequence) for sequence in wanted]
    assert client.gaps == []
