from __future__ import annotations

import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from jetbridge.completeness import Completeness
from jetbridge.embedded import NatsServer
from jetbridge.filters import Filter
from jetbridge.gaps import StreamState
from jetbridge.leader_query import LeaderQuery
from tests.support.bridge import live_bridge, plain_client, publish

EVENTS = "EVT"
OF_A = Filter("default", agents=frozenset(["a"]))
OF_MANY = Filter("default", agents=frozenset(["a", *(f"x{number}" for number in range(200))]))


@dataclass
class Stored:
    """Events of `a` and `b`, and who can be asked about them."""

    a: int
    b: int
    leader: LeaderQuery
    replicas: int = 3
    last: int | None = None

    async def state(self) -> StreamState:
        """As if so many nodes had the stream."""
        last = self.last if self.last is not None else self.b
        return StreamState("now", self.a, last, replicas=self.replicas)

    async def proven(self, wanted: Filter, *, after: int, upto: int) -> bool:
        return await Completeness(self.leader, self.state).proven(wanted, after=after, upto=upto)


@asynccontextmanager
async def stored(server: NatsServer) -> AsyncGenerator[Stored]:
    """One event of `a`, then one of `b`."""
    async with live_bridge(server) as bridge, plain_client(server) as nats:
        a = await publish(nats, "evt.default.a.-.note", {})
        b = await publish(nats, "evt.default.b.-.note", {})
        yield Stored(a, b, LeaderQuery(bridge.bridge.jetstream, EVENTS))


async def test_a_reader_that_left_an_event_out_is_found_out(nats_server: NatsServer) -> None:
    async with stored(nats_server) as events:
        assert not await events.proven(OF_A, after=events.a - 1, upto=events.b)
        assert not await events.proven(OF_MANY, after=events.a - 1, upto=events.b)


async def test_events_of_others_are_no_loss(nats_server: NatsServer) -> None:
    async with stored(nats_server) as events:
        assert await events.proven(OF_A, after=events.a, upto=events.b)
        assert await events.proven(OF_MANY, after=events.a, upto=events.b)


async def test_what_came_after_is_not_asked_for(nats_server: NatsServer) -> None:
    async with stored(nats_server) as events:
        everything = Filter("default")
        assert await events.proven(everything, after=events.a, upto=events.b - 1)
        assert not await events.proven(everything, after=events.a, upto=events.b)


async def test_nothing_is_proven_by_a_leader_that_is_behind_itself(
    nats_server: NatsServer,
) -> None:
    async with stored(nats_server) as events:
        behind = replace(events, last=events.a)
        assert not await behind.proven(OF_A, after=events.a, upto=events.b)


async def test_one_node_is_never_behind(nats_server: NatsServer) -> None:
    async with stored(nats_server) as events:
        alone = replace(events, replicas=1)
        assert await alone.proven(OF_A, after=events.a - 1, upto=events.b)


async def test_the_leader_knows_the_first_event_since_a_time(nats_server: NatsServer) -> None:
    async with stored(nats_server) as events:
        assert await events.leader.first_since(0) == events.a
        assert await events.leader.first_since(time.time_ns() + 10**9) is None
