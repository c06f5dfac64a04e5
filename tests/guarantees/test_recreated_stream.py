"""The stream is deleted and made again: a `gap`, then everything that exists."""

from __future__ import annotations

import shutil
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from jetbridge.embedded import NatsServer
from tests.support.arena import Arena, arena
from tests.support.bridge import plain_client
from tests.support.load import Load
from tests.support.operator import delete_stream, make_stream, stream_exists
from tests.support.stubborn import StubbornPublisher
from tests.support.waiting import eventually
from tests.support.watcher import GapSeen


@dataclass(frozen=True)
class Way:
    """How the stream is made again, and what clients are then told."""

    manage: str
    first_seq: int | None
    reason: str


BY_THE_BRIDGE = Way("create", None, "purged")
BY_AN_OPERATOR = Way("verify", 4_000_000_000_000_000, "purged")
WITHOUT_FIRST_SEQ = Way("off", None, "ahead")
WAYS = [BY_THE_BRIDGE, BY_AN_OPERATOR, WITHOUT_FIRST_SEQ]


@asynccontextmanager
async def world(server: NatsServer, way: Way, **settings: object) -> AsyncGenerator[Arena]:
    async with plain_client(server) as nats:
        if way.manage != "create":
            await make_stream(nats, first_seq=1_000_000 if way.first_seq else None)
    async with arena(server, stream_manage=way.manage, **settings) as place:
        yield place


async def make_again(place: Arena, way: Way) -> Load:
    """Delete the stream, and see that there is a new one; what is published into it next."""
    await delete_stream(place.nats)
    if way.manage != "create":
        await make_stream(place.nats, first_seq=way.first_seq)
    else:
        await eventually(lambda: stream_exists(place.nats))
    return await Load.begin(place.nats)


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.manage)
async def test_clients_that_are_live_are_told_and_go_on(nats_server: NatsServer, way: Way) -> None:
    async with world(nats_server, way) as place:
        old = await Load.begin(place.nats)
        everything, one_agent = await place.live(), await place.live("/agents/agent:1")
        await old.publish(100)
        await everything.up_to(old.last)
        await one_agent.read_until(lambda: len(one_agent.events) == 25)
        new = await make_again(place, way)
        await new.publish(20)
        gap = GapSeen(old.last + 1, new.first, way.reason, before=100)
        await everything.up_to(new.last)
        await one_agent.read_until(lambda: len(one_agent.events) == 30)
        assert everything.gaps == [gap]
        assert everything.events[100:] == list(range(new.first, new.last + 1))
        assert [(g.requested, g.first_available) for g in one_agent.gaps] == [
            (gap.requested, gap.first_available)
        ]
        assert one_agent.events[25:] == [new.first + n for n in range(20) if n % 4 == 1]
        assert everything.connections == one_agent.connections == 1


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.manage)
async def test_clients_that_are_away_are_told_when_they_come_back(
    nats_server: NatsServer, way: Way
) -> None:
    async with world(nats_server, way) as place:
        old = await Load.begin(place.nats)
        await old.publish(100)
        new = await make_again(place, way)
        early, late = place.watcher(after=old.first + 30), place.watcher(after=old.last)
        await early.connect()
        await early.until_told("caught-up")
        await new.publish(20)
        await late.connect()
        for client, place_lost in ((early, old.first + 31), (late, old.last + 1)):
            await client.up_to(new.last)
            assert client.gaps == [GapSeen(place_lost, new.first, way.reason, before=0)]
            assert client.events == list(range(new.first, new.last + 1))


@pytest.mark.parametrize("ring_max_events", [100, 20_000])
@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.manage)
async def test_clients_that_are_replaying_are_told_and_go_on(
    nats_server: NatsServer, way: Way, ring_max_events: int
) -> None:
    async with world(nats_server, way, ring_max_events=ring_max_events) as place:
        old = await Load.begin(place.nats, padding=2000)
        await old.publish(3000)
        client = place.watcher("/events?from=earliest")
        await client.connect(small_buffers=True)
        await client.read_until(lambda: len(client.events) > 10)
        new = await make_again(place, way)
        await new.publish(20)
        await client.until_told("gap")  # an old event may have the sequence of the last new one
        await client.up_to(new.last)
        (gap,) = client.gaps
        assert client.events[: gap.before] == [old.first + n for n in range(gap.before)]
        assert gap == GapSeen(old.first + gap.before, new.first, way.reason, gap.before)
        assert client.events[gap.before :] == list(range(new.first, new.last + 1))
        assert client.connections == 1


async def test_a_client_that_comes_while_there_is_no_stream_is_told_to_come_back(
    nats_server: NatsServer,
) -> None:
    async with world(nats_server, BY_AN_OPERATOR) as place:
        old = await Load.begin(place.nats)
        await old.publish(10)
        await delete_stream(place.nats)
        client = place.watcher(after=old.first)
        await client.connect()
        await client.until_told("unavailable")
        assert client.of_kind("unavailable")[0]["reason"] == "stream_missing"
        assert client.last_id == old.first
        await make_stream(place.nats, first_seq=BY_AN_OPERATOR.first_seq)
        new = await Load.begin(place.nats)
        await new.publish(10)
        await client.up_to(new.last)
        assert client.gaps == [GapSeen(old.first + 1, new.first, "purged", before=0)]
        assert client.events == list(range(new.first, new.last + 1))


async def test_a_server_that_comes_back_with_an_older_copy_begins_anew(
    nats_server: NatsServer, tmp_path: Path
) -> None:
    async with arena(nats_server) as place:
        client = await place.live()
        await publish_some(place, 5)
        nats_server.stop()
        copy = shutil.copytree(nats_server.data_dir, tmp_path / "copy")
        nats_server.start()
        last = await publish_some(place, 5)
        await client.up_to(last)
        nats_server.kill()
        shutil.rmtree(nats_server.data_dir)
        shutil.copytree(copy, nats_server.data_dir)
        nats_server.start()
        newest = await publish_some(place, 2)
        await client.until_told("gap")
        await client.up_to(newest)
        first = last - 9
        assert client.gaps == [GapSeen(last + 1, first, "ahead", before=10)]
        assert client.events[10:] == list(range(first, newest + 1))
        assert newest == first + 6

        away = await place.watcher(after=last).connect()
        await away.until_told("caught-up")
        assert away.gaps == [GapSeen(last + 1, first, "ahead", before=0)]
        assert away.events == list(range(first, newest + 1))


async def publish_some(place: Arena, count: int) -> int:
    """Publish so many events; the sequence of the last."""
    return await StubbornPublisher(place.nats).publish(count)
