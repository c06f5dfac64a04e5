"""Where delivery begins."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from itertools import product
from urllib.parse import quote

import pytest
from nats.aio.client import Client

from jetbridge.embedded import NatsServer
from tests.support.bridge import (
    PREFIX,
    LiveBridge,
    live_bridge,
    plain_client,
    publish,
    publish_many,
)
from tests.support.crowd import delivered, watching
from tests.support.raw_http import ask
from tests.support.sse import SseClient

COUNT = 8


@pytest.fixture(params=[20_000, 0], ids=["ring", "jetstream"])
async def bridge(
    nats_server: NatsServer, request: pytest.FixtureRequest
) -> AsyncGenerator[LiveBridge]:
    async with live_bridge(
        nats_server, ring_max_events=request.param, max_event_history=3
    ) as running:
        yield running


@pytest.fixture
async def nats(nats_server: NatsServer) -> AsyncGenerator[Client]:
    async with plain_client(nats_server) as client:
        yield client


@pytest.fixture
async def history(bridge: LiveBridge, nats: Client) -> list[int]:
    """Sequences of events `{"n": 0}` and on, agents `even` and `odd` in turn."""
    agents = ["even", "odd"] * (COUNT // 2)
    return [
        await publish(nats, f"evt.default.{agent}.-.custom.x", {"n": n})
        for n, agent in enumerate(agents)
    ]


async def seen(bridge: LiveBridge, path: str, **headers: str) -> list[int]:
    """The `n` of all events that come before the stream has caught up."""
    client = await bridge.client(path, **headers).open()
    try:
        await client.until_event("caught-up")
        return [frame.json["n"] for frame in delivered(client)]
    finally:
        await client.close()


async def test_from_is_latest_unless_said_otherwise(
    bridge: LiveBridge, nats: Client, history: list[int]
) -> None:
    async with watching(bridge, ["/events", "/events?from=latest", "/agents/odd"]) as clients:
        for client in clients:
            connected, caught_up = client.frames
            assert connected.sequence == connected.json["cursor"] == history[-1]
            assert caught_up.json == {"last_seq": history[-1], "replayed": 0}
        await publish(nats, "evt.default.odd.-.custom.x", {"n": COUNT})
        for client in clients:
            assert [frame.json for frame in await client.events(1)] == [{"n": COUNT}]


async def test_from_earliest_recent_or_a_sequence(bridge: LiveBridge, history: list[int]) -> None:
    everything = list(range(COUNT))
    assert await seen(bridge, "/events?from=earliest") == everything
    assert await seen(bridge, "/events?from=0") == everything
    assert await seen(bridge, "/events?from=1") == everything
    assert await seen(bridge, "/agents/odd?from=earliest") == [1, 3, 5, 7]
    assert await seen(bridge, "/events?from=recent") == [5, 6, 7]
    assert await seen(bridge, "/agents/even?from=recent") == [2, 4, 6]
    assert await seen(bridge, "/agents/nobody?from=recent") == []
    for n in range(COUNT):
        assert await seen(bridge, f"/events?from={history[n]}") == everything[n:]
    assert await seen(bridge, f"/events?from={history[-1] + 1}") == []


async def test_the_beginning_is_no_gap_but_the_future_is(
    bridge: LiveBridge, history: list[int]
) -> None:
    async with watching(
        bridge, ["/events?from=0", "/events?from=1", "/events?from=earliest", "/events?since=1d"]
    ) as clients:
        for client in clients:
            assert client.frames[0].json["cursor"] == history[0] - 1
            assert "gap" not in [frame.event for frame in client.frames]
    async with watching(bridge, [f"/events?from={history[-1] + 50}"]) as (client,):
        gap = client.frames[1]
        assert gap.event == "gap"
        assert gap.sequence == history[0] - 1
        assert gap.json == {
            "requested": history[-1] + 50,
            "first_available": history[0],
            "reason": "ahead",
        }
        assert len(delivered(client)) == COUNT


@asynccontextmanager
async def load(nats: Client) -> AsyncGenerator[None]:
    """Publish as fast as may be until the block ends."""
    enough = asyncio.Event()

    async def publish_on() -> None:
        while not enough.is_set():
            await publish_many(nats, ["evt.default.a.-.custom.x"] * 20, [b"{}"] * 20)

    publishing = asyncio.create_task(publish_on())
    try:
        yield
    finally:
        enough.set()
        await publishing


async def test_under_load_nobody_who_wants_the_present_is_told_of_a_gap(
    nats_server: NatsServer,
) -> None:
    async with (
        live_bridge(nats_server) as bridge,
        plain_client(nats_server) as nats,
        load(nats),
    ):
        for begin in ("from=latest", "from=recent", "since=0s", "since=2200-01-01T00:00:00Z") * 20:
            async with watching(bridge, [f"/events?{begin}"]) as (client,):
                assert "gap" not in [frame.event for frame in client.frames]
                opening = client.frames[0].json
                assert opening["cursor"] <= opening["last_seq"]


async def times_of(bridge: LiveBridge) -> list[datetime]:
    page = await ask(bridge.url, f"{PREFIX}/events", accept="application/json")
    return [datetime.fromisoformat(event["time"]) for event in page.json["events"]]


async def test_since_is_a_moment_in_any_form(bridge: LiveBridge, history: list[int]) -> None:
    del history
    times = await times_of(bridge)
    third = times[3]
    since_third = [n for n, time in enumerate(times) if time >= third]
    in_india = third.astimezone(tz=None).isoformat()
    assert since_third[0] <= 3
    assert (
        await seen(bridge, f"/events?since={third.isoformat().replace('+00:00', 'Z')}")
        == since_third
    )
    assert await seen(bridge, f"/events?since={quote(in_india)}") == since_third
    assert await seen(bridge, f"/events?since={third.isoformat()}") == since_third
    milliseconds = int(third.timestamp() * 1000)
    assert await seen(bridge, f"/events?since={milliseconds}") == [
        n for n, time in enumerate(times) if time.timestamp() * 1000 >= milliseconds
    ]
    assert await seen(bridge, "/events?since=15m") == list(range(COUNT))
    assert await seen(bridge, "/events?since=0s") == []
    assert await seen(bridge, "/events?since=2200-01-01T00:00:00Z") == []
    assert await seen(bridge, "/events?since=9999-12-31T23:59:59Z") == []
    after_last = (times[-1] + timedelta(microseconds=1)).isoformat()
    assert await seen(bridge, f"/events?since={quote(after_last)}") == []


async def test_an_empty_stream_can_be_asked_for_any_position(bridge: LiveBridge) -> None:
    for position in ("from=earliest", "from=recent", "from=0", "from=7", "since=1h", "since=0s"):
        async with watching(bridge, [f"/events?{position}"]) as (client,):
            assert delivered(client) == []
    assert await seen(bridge, "/events?limit=5&from=earliest") == []


async def test_the_id_of_any_frame_resumes_anywhere(bridge: LiveBridge, history: list[int]) -> None:
    for n in range(COUNT):
        id = str(history[n])
        rest = list(range(n + 1, COUNT))
        assert await seen(bridge, "/events", last_event_id=id) == rest
        assert await seen(bridge, f"/events?last_event_id={id}") == rest
        odd = [each for each in rest if each % 2]
        assert await seen(bridge, "/agents/odd", last_event_id=id) == odd


def resumed(client: SseClient) -> bool:
    return client.frames[0].json["resumed"]


async def test_the_header_wins_over_the_query_and_the_id_over_the_rest(
    bridge: LiveBridge, history: list[int]
) -> None:
    query = f"last_event_id={history[3]}&from=earliest&since=1h"
    assert await seen(bridge, f"/events?{query}") == [4, 5, 6, 7]
    assert await seen(bridge, f"/events?{query}", last_event_id=str(history[5])) == [6, 7]
    assert await seen(bridge, f"/events?from={history[6]}&since=1h") == [6, 7]
    async with watching(
        bridge, [f"/events?{query}", "/events?from=earliest", "/events"]
    ) as clients:
        assert [resumed(client) for client in clients] == [True, False, False]


async def test_a_malformed_header_is_ignored_with_a_line_in_the_log(
    bridge: LiveBridge, history: list[int], caplog: pytest.LogCaptureFixture
) -> None:
    del history
    with caplog.at_level(logging.WARNING, "jetbridge.http"):
        assert await seen(bridge, "/events?from=recent", last_event_id="8f4e3b2a-1c9d") == [5, 6, 7]
        assert await seen(bridge, "/events", last_event_id="-1") == []
    assert len([line for line in caplog.messages if "Last-Event-ID" in line]) == 2


MALFORMED = [
    *("from=soon", "since=yesterday", "until=tomorrow", "limit=0", "limit=x", "format=xml"),
    *("last_event_id=x", "event_types=a..b", "event_types=a*b", "agents=", "jobs=a,"),
]


async def test_a_malformed_parameter_is_400_for_everyone(nats_server: NatsServer) -> None:
    async with live_bridge(nats_server) as bridge:
        for accept, query in product(("text/event-stream", "application/json"), MALFORMED):
            answer = await ask(bridge.url, f"{PREFIX}/events?{query}", accept=accept)
            assert answer.assert_problem(400)["detail"].startswith(query.partition("=")[0])
        assert not bridge.bridge.hub.subscribers
