"""A client may be killed anywhere: with its last id it has, in the end, every event once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from nats.aio.client import Client

from jetbridge.embedded import NatsServer
from tests.support.bridge import PREFIX, LiveBridge, live_bridge, plain_client, publish_many
from tests.support.watcher import Watcher

pytestmark = pytest.mark.usefixtures("both_paths")

AGENTS = ("agent:001", "agent:002")
HISTORY = 60
LIVE = 12

STREAMS: dict[str, Callable[[str, str], bool]] = {
    "/events": lambda agent, job: bool(agent and job),
    "/agents/agent:001": lambda agent, _: agent == "agent:001",
    "/jobs/job:1?event_types=*": lambda _, job: job == "job:1",
    "/events?event_types=custom.*&agents=agent:002": lambda agent, _: agent == "agent:002",
}


@dataclass
class World:
    """A bridge, somebody who publishes, and all that was published: sequence, agent, job."""

    bridge: LiveBridge
    nats: Client
    published: list[tuple[int, str, str]]

    async def publish(self, count: int) -> None:
        """Publish so many events of several agents and jobs."""
        start = len(self.published)
        keys = [(AGENTS[n % 2], f"job:{n % 3}") for n in range(start, start + count)]
        subjects = [f"evt.default.{agent}.{job}.custom.tick" for agent, job in keys]
        bodies = [b'{"n":%d}' % (start + n) for n in range(count)]
        sequences = await publish_many(self.nats, subjects, bodies)
        self.published += [(s, *key) for s, key in zip(sequences, keys, strict=True)]

    def wanted(self, path: str, *, after: int) -> list[int]:
        """The sequences that a client of this stream is to get."""
        belongs = STREAMS[path]
        return [s for s, agent, job in self.published if s > after and belongs(agent, job)]


@pytest_asyncio.fixture(params=[20_000, 25], ids=["ring", "small-ring"])
async def world(
    request: pytest.FixtureRequest, nats_server: NatsServer, both_paths: None
) -> AsyncGenerator[World]:
    """One bridge for all examples of a test; the small ring makes replays read JetStream."""
    async with (
        live_bridge(nats_server, ring_max_events=request.param) as bridge,
        plain_client(nats_server) as nats,
    ):
        world = World(bridge, nats, [])
        await world.publish(HISTORY)
        yield world


cuts = st.lists(st.integers(0, 3000) | st.sampled_from([0, 1, 130, 250]), max_size=5)


@settings(
    max_examples=100,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(path=st.sampled_from(sorted(STREAMS)), start=st.integers(0, HISTORY), cuts=cuts)
async def test_a_client_that_is_cut_anywhere_has_every_event_once(
    world: World, path: str, start: int, cuts: list[int]
) -> None:
    after = world.published[-start][0] if start else world.published[0][0] - 1
    client = Watcher(world.bridge.url, PREFIX + path, last_id=after)
    publishing = asyncio.create_task(world.publish(LIVE))

    def complete() -> bool:
        return publishing.done() and client.events == world.wanted(path, after=after)

    for size in cuts:
        await client.connect()
        await client.read_bytes(size, unless=complete)
        client.cut()
    await client.connect()
    await publishing
    await client.read_until(lambda: len(client.events) >= len(world.wanted(path, after=after)))
    client.cut()
    assert client.events == world.wanted(path, after=after)
    assert client.gaps == []
    assert client.connections == len(cuts) + 1
