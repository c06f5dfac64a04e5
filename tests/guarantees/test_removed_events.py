"""Events that are removed from the stream leave a `gap`, then everything that exists."""

from __future__ import annotations

import pytest

from jetbridge.embedded import NatsServer
from tests.support.arena import arena
from tests.support.bridge import plain_client
from tests.support.complete import assert_complete
from tests.support.load import Load, agent_of
from tests.support.operator import make_stream, purge, stream_state
from tests.support.waiting import eventually
from tests.support.watcher import GapSeen, Watcher

pytestmark = pytest.mark.parametrize("ring_max_events", [20_000, 50], ids=["ring", "small-ring"])


async def test_a_purge_is_no_gap_for_a_client_that_has_everything(
    nats_server: NatsServer, ring_max_events: int
) -> None:
    async with arena(nats_server, ring_max_events=ring_max_events) as place:
        load = await Load.begin(place.nats)
        client = await place.watcher().connect()
        await load.publish(100)
        await client.up_to(load.last)
        await purge(place.nats)
        await load.publish(100)
        await client.up_to(load.last)
        assert_complete(client, after=load.first - 1, last=load.last)
        assert client.gaps == []


async def test_a_client_that_was_away_during_a_purge_is_told_and_gets_what_exists(
    nats_server: NatsServer, ring_max_events: int
) -> None:
    async with arena(nats_server, ring_max_events=ring_max_events) as place:
        load = await Load.begin(place.nats)
        await load.publish(100)
        away = [place.watcher(after=load.first + n) for n in (0, 80, 98)]
        uptodate = place.watcher(after=load.first + 99)
        await purge(place.nats)
        await load.publish(10)
        first = load.first + 100
        for client in away:
            start = client.last_id
            assert start is not None
            await client.connect()
            await client.up_to(load.last)
            assert client.gaps == [GapSeen(start + 1, first, "purged", before=0)]
            assert_complete(client, after=start, last=load.last)
        await uptodate.connect()
        await uptodate.up_to(load.last)
        assert uptodate.gaps == []
        assert uptodate.events == list(range(first, load.last + 1))


async def test_a_client_that_replays_during_a_purge_is_told_and_gets_what_exists(
    nats_server: NatsServer, ring_max_events: int
) -> None:
    async with arena(nats_server, ring_max_events=ring_max_events) as place:
        load = await Load.begin(place.nats, padding=2000)
        await load.publish(4000)
        client = place.watcher("/events?from=earliest")
        await client.connect(small_buffers=True)
        await client.read_until(lambda: len(client.events) > 10)
        await purge(place.nats)
        await eventually(lambda: place.bridge.bridge.hub.state.first_sequence == load.last + 1)
        await load.publish(10)
        await client.up_to(load.last)
        (gap,) = client.gaps
        assert gap.first_available == load.first + 4000
        assert gap.reason == "purged"
        assert_complete(client, after=load.first - 1, last=load.last)


async def test_purging_one_subject_is_a_gap_for_nobody(
    nats_server: NatsServer, ring_max_events: int
) -> None:
    async with arena(nats_server, ring_max_events=ring_max_events) as place:
        load = await Load.begin(place.nats)
        live = await place.watcher().connect()
        await load.publish(100)
        await live.up_to(load.last)
        away = place.watcher(after=load.first + 40)
        await purge(place.nats, subject="evt.default.agent:1.>")
        await load.publish(10)
        await live.up_to(load.last)
        assert live.gaps == []
        assert_complete(live, after=load.first - 1, last=load.last)
        await away.connect()
        await away.up_to(load.last)
        assert away.gaps == []
        kept = [n for n in range(41, 100) if agent_of(n) != 1] + list(range(100, 110))
        assert away.events == [load.first + n for n in kept]


async def test_events_that_expire_by_age_leave_a_gap(
    nats_server: NatsServer, ring_max_events: int
) -> None:
    async with plain_client(nats_server) as nats:
        await make_stream(nats, max_age=1.0, duplicate_window=1.0)
        async with arena(
            nats_server, ring_max_events=ring_max_events, stream_manage="off"
        ) as place:
            load = await Load.begin(nats)
            live = await place.watcher().connect()
            await live.until_told("caught-up")
            await load.publish(100)
            away = place.watcher(after=load.first + 3)
            still_away = place.watcher(after=load.first + 5)

            async def expired() -> bool:
                return (await stream_state(nats)).messages == 0

            await eventually(expired)
            await away.connect()
            await away.until_told("gap")
            await load.publish(10)
            await still_away.connect()
            for client, start in ((away, 3), (still_away, 5)):
                await client.up_to(load.last)
                (gap,) = client.gaps
                assert gap == GapSeen(load.first + start + 1, load.first + 100, "expired", 0)
                assert_complete(client, after=load.first + start, last=load.last)
            await live.up_to(load.last)
            assert live.gaps == []


@pytest.mark.parametrize("limit", [{"max_msgs": 300}, {"max_bytes": 600_000}])
async def test_a_slow_client_of_a_stream_that_forgets_fast_is_told_of_every_loss(
    nats_server: NatsServer, ring_max_events: int, limit: dict[str, int]
) -> None:
    async with plain_client(nats_server) as nats:
        await make_stream(nats, **limit)
        async with arena(
            nats_server,
            ring_max_events=min(ring_max_events, 200),
            stream_manage="off",
            max_queue_size=100,
        ) as place:
            load = await Load.begin(nats, padding=2000)
            client = place.watcher()
            await client.connect(small_buffers=True)
            await client.until_told("caught-up")
            after = client.last_id
            assert after is not None
            for _ in range(10):
                await load.publish(1000)
                await read_some(client, 50)
            await client.up_to(load.last)
            assert_complete(client, after=after, last=load.last)
            assert client.gaps
            assert {gap.reason for gap in client.gaps} == {"expired"}


async def read_some(client: Watcher, count: int) -> None:
    """Read so many events more."""
    wanted = len(client.events) + count
    await client.read_until(lambda: len(client.events) >= wanted)
