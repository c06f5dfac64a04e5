"""When there is no stream just now: browsers are told to wait, others get 503."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from jetbridge.embedded import NatsServer
from tests.support.bridge import PREFIX, LiveBridge, context, live_bridge, plain_client, publish
from tests.support.crowd import watching
from tests.support.raw_http import Answer, ask
from tests.support.sse import Frame, SseClient, parse_frame
from tests.support.waiting import eventually

SSE = "text/event-stream"
JSON = "application/json"
BOTH_PATHS = pytest.mark.usefixtures("both_paths")
RETRY_MS = range(500, 10_001)
"""What `retry` may say: long enough not to hammer, short enough to be back soon."""


async def refusal(bridge: LiveBridge, path: str = "/events", **headers: str) -> Frame:
    """The only frame of a stream that cannot be had."""
    answer = await ask(bridge.url, PREFIX + path, accept=SSE, **headers)
    assert answer.status == 200
    assert answer.header("content-type") == "text/event-stream; charset=utf-8"
    assert answer.header("cache-control") == "no-store, no-transform"
    block, end, rest = answer.body.partition(b"\n\n")
    assert (end, rest) == (b"\n\n", b"")
    frame = parse_frame(block)
    assert frame.event == "unavailable"
    assert frame.json == {"reason": frame.json["reason"], "retry_ms": frame.retry}
    assert frame.retry in RETRY_MS
    return frame


async def problem(bridge: LiveBridge, path: str = "/events", accept: str = "*/*") -> dict[str, Any]:
    """The same for a client that is no browser's `EventSource`."""
    answer: Answer = await ask(bridge.url, PREFIX + path, accept=accept)
    body = answer.assert_problem(503)
    assert 1 <= int(answer.header("retry-after") or "") <= 10
    return body


async def streams_again(bridge: LiveBridge, path: str = "/events") -> bool:
    client = await bridge.client(path).open()
    try:
        return (await client.next()).event == "connected"
    finally:
        await client.close()


@BOTH_PATHS
async def test_a_full_bridge_takes_no_more_until_somebody_leaves(nats_server: NatsServer) -> None:
    async with live_bridge(nats_server, max_clients=2) as bridge:
        async with watching(bridge, ["/events", "/agents/a"]) as (first, _):
            assert (await refusal(bridge, "/jobs/j")).json["reason"] == "capacity"
            body = await problem(bridge)
            assert body["reason"] == "capacity"
            assert body["detail"] == "max_clients=2 are connected"
            await first.close()
            await eventually(lambda: streams_again(bridge, "/jobs/j"))
        await eventually(lambda: not bridge.bridge.hub.subscribers)


@BOTH_PATHS
async def test_a_full_stream_takes_no_more_however_it_is_filtered(nats_server: NatsServer) -> None:
    async with (
        live_bridge(nats_server, max_clients_per_stream=1) as bridge,
        watching(bridge, ["/events", "/agents/a", "/jobs/a"]) as (_, agent, _),
    ):
        for path in ("/events?agents=b", "/agents/a?event_types=x", "/jobs/a?event_types=*"):
            assert (await refusal(bridge, path)).json["reason"] == "capacity"
        assert (await problem(bridge, "/agents/a"))["detail"].endswith("connected to a")
        assert await streams_again(bridge, "/agents/b")
        await agent.close()
        await eventually(lambda: streams_again(bridge, "/agents/a?event_types=x"))


async def test_no_limit_is_zero(nats_server: NatsServer) -> None:
    async with (
        live_bridge(nats_server, max_clients=0, max_clients_per_stream=0) as bridge,
        watching(bridge, ["/events"] * 20),
    ):
        assert len(bridge.bridge.hub.subscribers) == 20


async def test_many_at_once_do_not_slip_past_the_limit(nats_server: NatsServer) -> None:
    async with live_bridge(nats_server, max_clients=5) as bridge:
        clients = [bridge.client() for _ in range(30)]
        try:
            await asyncio.gather(*[client.open() for client in clients])
            first = [(await client.next()).event for client in clients]
        finally:
            await asyncio.gather(*[client.close() for client in clients])
        assert sorted(first) == ["connected"] * 5 + ["unavailable"] * 25


async def test_refused_clients_keep_their_place_and_come_back_spread_out(
    nats_server: NatsServer,
) -> None:
    async with (
        live_bridge(nats_server, max_clients=1) as bridge,
        watching(bridge, ["/events"]),
    ):
        assert (await refusal(bridge, last_event_id="12345")).id == "12345"
        assert (await refusal(bridge)).id is None
        assert (await refusal(bridge, last_event_id="what?")).id is None
        waits = {(await refusal(bridge)).retry for _ in range(12)}
        assert len(waits) > 2


async def test_json_that_is_preferred_is_refused_as_json(nats_server: NatsServer) -> None:
    async with live_bridge(nats_server) as bridge:
        await asyncio.to_thread(nats_server.kill)
        await eventually(lambda: not bridge.bridge.link.up)
        body = await problem(bridge, accept="application/json, text/event-stream;q=0.5")
        assert body["reason"] == "nats_unreachable"


async def test_a_bridge_that_drains_sends_new_clients_elsewhere(nats_server: NatsServer) -> None:
    async with live_bridge(nats_server) as bridge:
        await bridge.bridge.drain()
        assert (await refusal(bridge, "/agents/a")).json["reason"] == "draining"
        assert (await problem(bridge))["reason"] == "draining"


@BOTH_PATHS
async def test_while_nats_is_away_new_clients_wait_and_old_ones_stay(
    nats_server: NatsServer,
) -> None:
    async with (
        live_bridge(nats_server, heartbeat_interval_seconds=0.1) as bridge,
        plain_client(nats_server) as nats,
        watching(bridge, ["/events"]) as (client,),
    ):
        first = await publish(nats, "evt.default.a.-.custom.x", {"n": 1})
        await client.events(1)
        await asyncio.to_thread(nats_server.kill)
        await eventually(lambda: not bridge.bridge.link.up)
        assert (await refusal(bridge)).json["reason"] == "nats_unreachable"
        assert (await problem(bridge))["reason"] == "nats_unreachable"
        assert (await problem(bridge, accept=JSON))["reason"] == "nats_unreachable"
        beat = await client.until_event("heartbeat")
        assert beat.sequence == first
        await asyncio.to_thread(nats_server.start)
        await eventually(lambda: streams_again(bridge))
        await eventually(lambda: nats.is_connected)
        second = await publish(nats, "evt.default.a.-.custom.x", {"n": 2})
        assert [frame.sequence for frame in await client.events(1)] == [second]


async def test_without_the_stream_clients_wait_for_it(nats_server: NatsServer) -> None:
    async with live_bridge(nats_server):
        pass
    async with (
        live_bridge(nats_server, stream_manage="verify") as bridge,
        plain_client(nats_server) as nats,
    ):
        await context(nats).delete_stream("EVT")
        assert (await refusal(bridge)).json["reason"] == "stream_missing"
        assert (await problem(bridge))["reason"] == "stream_missing"
        assert (await problem(bridge, accept=JSON))["reason"] == "stream_missing"
        async with live_bridge(nats_server):
            await eventually(lambda: streams_again(bridge))


async def vanish(client: SseClient, frames: int) -> None:
    """Read a little, or nothing, and cut."""
    await client.open()
    for _ in range(frames):
        await client.next()
    await client.close()


@BOTH_PATHS
async def test_clients_that_vanish_leave_nothing_behind(nats_server: NatsServer) -> None:
    async with live_bridge(nats_server) as bridge, plain_client(nats_server) as nats:
        for n in range(20):
            await publish(nats, "evt.default.a.-.custom.x", {"n": n, "padding": "x" * 100_000})
        paths = ["/events", "/agents/a", "/events?from=earliest", "/jobs/j?from=earliest"]
        crowd = [vanish(bridge.client(paths[n % 4]), n % 2) for n in range(60)]
        await asyncio.gather(*crowd)
        hub = bridge.bridge.hub
        await eventually(lambda: not hub.subscribers and not hub.by_view)
        assert await streams_again(bridge)
