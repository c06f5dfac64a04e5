"""Streams that end by themselves."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest
from nats.aio.client import Client

from jetbridge.embedded import NatsServer
from tests.support.bridge import LiveBridge, live_bridge, plain_client, publish
from tests.support.crowd import delivered
from tests.support.sse import CONTROL, SseClient
from tests.support.waiting import eventually

pytestmark = pytest.mark.usefixtures("both_paths")


async def publish_numbers(nats: Client, numbers: range) -> list[int]:
    return [await publish(nats, "evt.default.a.-.custom.x", {"n": n}) for n in numbers]


async def whole(bridge: LiveBridge, path: str) -> SseClient:
    """A client that has read a stream to its end."""
    client = await bridge.client(path).open()
    await client.rest()
    await client.close()
    return client


def numbers(client: SseClient) -> list[int]:
    return [frame.json["n"] for frame in delivered(client)]


async def assert_there_is_no_more(client: SseClient) -> None:
    """A browser that comes back with its last id is told to stop."""
    async with client:
        assert client.status == 204
        assert client.response_headers["cache-control"] == "no-store"


async def test_until_a_time_that_is_past_ends_when_all_is_told(nats_server: NatsServer) -> None:
    async with live_bridge(nats_server) as bridge, plain_client(nats_server) as nats:
        await publish_numbers(nats, range(3))
        until = quote(datetime.now(UTC).isoformat())
        await publish_numbers(nats, range(3, 6))
        for path in (f"/events?from=earliest&until={until}", f"/agents/a?since=1h&until={until}"):
            client = await whole(bridge, path)
            assert numbers(client) == [0, 1, 2]
            assert client.frames[-1].event == "caught-up"
            assert client.frames[-1].json["replayed"] == 3
            await assert_there_is_no_more(client)
        nothing = await whole(bridge, f"/events?until={until}")
        assert [frame.event for frame in nothing.frames] == ["connected", "caught-up"]
        await assert_there_is_no_more(nothing)


async def test_a_client_cut_off_before_the_end_gets_the_rest(nats_server: NatsServer) -> None:
    async with live_bridge(nats_server) as bridge, plain_client(nats_server) as nats:
        sequences = await publish_numbers(nats, range(5))
        client = bridge.client("/events?from=earliest&until=0s", last_event_id=str(sequences[2]))
        async with client:
            await client.rest()
        assert numbers(client) == [3, 4]


async def test_until_a_time_to_come_ends_then(nats_server: NatsServer) -> None:
    async with live_bridge(nats_server) as bridge, plain_client(nats_server) as nats:
        await publish_numbers(nats, range(2))
        moment = datetime.now(UTC) + timedelta(seconds=0.8)
        path = f"/events?from=earliest&until={quote(moment.isoformat())}"
        async with bridge.client(path) as client:
            await client.until_event("caught-up")
            await publish_numbers(nats, range(2, 4))
            await client.events(2)
            await eventually(lambda: datetime.now(UTC) > moment)
            await publish_numbers(nats, range(4, 6))
            await client.rest()
            assert numbers(client) == [0, 1, 2, 3]
            assert [f.event for f in client.frames if f.event in CONTROL] == [
                "connected",
                "caught-up",
            ]
        await assert_there_is_no_more(client)


async def test_until_a_time_to_come_ends_without_any_event(nats_server: NatsServer) -> None:
    async with live_bridge(nats_server) as bridge:
        moment = datetime.now(UTC) + timedelta(seconds=0.2)
        client = await whole(bridge, f"/events?until={quote(moment.isoformat())}")
        assert datetime.now(UTC) > moment
        assert numbers(client) == []
        await assert_there_is_no_more(client)


async def test_limit_counts_what_is_replayed_and_what_is_live(nats_server: NatsServer) -> None:
    async with live_bridge(nats_server) as bridge, plain_client(nats_server) as nats:
        await publish_numbers(nats, range(4))
        replayed = await whole(bridge, "/events?from=earliest&limit=3")
        assert numbers(replayed) == [0, 1, 2]
        async with bridge.client("/events?from=earliest&limit=6") as client:
            await client.until_event("caught-up")
            await publish_numbers(nats, range(4, 9))
            await client.rest()
            assert numbers(client) == [0, 1, 2, 3, 4, 5]
        async with bridge.client("/agents/a?limit=1") as live:
            await live.until_event("caught-up")
            await publish_numbers(nats, range(9, 12))
            await live.rest()
            assert numbers(live) == [9]


async def test_a_client_that_comes_back_after_its_limit_gets_as_many_again(
    nats_server: NatsServer,
) -> None:
    async with live_bridge(nats_server) as bridge, plain_client(nats_server) as nats:
        await publish_numbers(nats, range(5))
        client = bridge.client("/events?from=earliest&limit=2")
        for _ in range(2):
            async with client:
                await client.rest()
        assert numbers(client) == [0, 1, 2, 3]


async def test_an_ended_stream_gives_its_place_back(nats_server: NatsServer) -> None:
    async with live_bridge(nats_server, max_clients=1) as bridge:
        for _ in range(3):
            await whole(bridge, "/events?until=0s")
            await eventually(lambda: not bridge.bridge.hub.subscribers)
