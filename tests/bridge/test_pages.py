"""Streams as JSON pages."""

from __future__ import annotations

import asyncio
import json
from typing import Any
from urllib.parse import urljoin

import pytest
from nats.aio.client import Client

from jetbridge.embedded import NatsServer
from tests.support.bridge import (
    PREFIX,
    LiveBridge,
    context,
    live_bridge,
    plain_client,
    publish,
    publish_many,
)
from tests.support.crowd import delivered, watching
from tests.support.raw_http import Answer, ask

JSON = "application/json"
RINGS = pytest.mark.parametrize(
    "ring_max_events", [20_000, 0, 30], ids=["ring", "jetstream", "both"]
)


async def page(bridge: LiveBridge, path: str, **headers: str) -> Answer:
    answer = await ask(bridge.url, PREFIX + path, accept=JSON, **headers)
    assert answer.status == 200, answer
    assert answer.header("content-type") == JSON
    assert answer.header("cache-control") == "no-store"
    return answer


async def publish_numbers(nats: Client, numbers: range, *, agents: int = 3) -> list[int]:
    subjects = [f"evt.default.a{n % agents}.j{n % 2}.custom.x" for n in numbers]
    return await publish_many(nats, subjects, [b'{"n":%d}' % n for n in numbers])


def link(answer: Answer) -> str:
    """The target of `Link: <…>; rel="next"`."""
    value = answer.header("link")
    assert value is not None
    target, _, relation = value.partition("; ")
    assert relation == 'rel="next"'
    return target.removeprefix("<").removesuffix(">")


async def test_an_event_in_a_page_says_where_it_belongs(nats_server: NatsServer) -> None:
    async with live_bridge(nats_server) as bridge, plain_client(nats_server) as nats:
        sequence = await publish(nats, "evt.default.=YSBi.job:1.custom.x", b'{ "n" : 1.00 }')
        await publish(nats, "evt.default.a.-.custom.y", {})
        answer = await page(bridge, "/events")
        first, second = answer.json["events"]
        assert first.pop("time").endswith("Z")
        assert first == {
            "id": sequence,
            "type": "custom.x",
            "agent": "a b",
            "job": "job:1",
            "data": {"n": 1.0},
        }
        assert b'"data":{"n":1.00}' in answer.body
        assert (second["agent"], second["job"]) == ("a", None)
        assert answer.json["next"] == sequence + 2
        assert answer.json["last_seq"] == sequence + 1
        assert "gap" not in answer.json


@RINGS
async def test_walking_by_next_gives_every_event_once_while_publishing_goes_on(
    nats_server: NatsServer, ring_max_events: int
) -> None:
    async with (
        live_bridge(nats_server, ring_max_events=ring_max_events) as bridge,
        plain_client(nats_server) as nats,
    ):
        total = 0
        for limit in (1000, 7, 1):
            total += 40
            publishing = asyncio.create_task(publish_numbers(nats, range(total - 40, total)))
            found: list[dict[str, Any]] = []
            path = f"/events?limit={limit}"
            while len(found) < total:
                answer = await page(bridge, path)
                assert len(answer.json["events"]) <= limit
                found += answer.json["events"]
                path = f"/events?limit={limit}&from={answer.json['next']}"
            await publishing
            assert [event["data"]["n"] for event in found] == list(range(total))
            ids = [event["id"] for event in found]
            assert ids == sorted(set(ids))
            assert (await page(bridge, path)).json["events"] == []


@RINGS
async def test_walking_by_links_keeps_the_filters(
    nats_server: NatsServer, ring_max_events: int
) -> None:
    async with (
        live_bridge(nats_server, ring_max_events=ring_max_events) as bridge,
        plain_client(nats_server) as nats,
    ):
        await publish_numbers(nats, range(60))
        start = (
            f"{PREFIX}/events?agents=a1,a2&agents=%C3%A9&jobs=j1&event_types=custom.*&limit=4&since=1h"
            "&last_event_id=1"
        )
        target = start
        found: list[int] = []
        while True:
            answer = await ask(bridge.url, target, accept=JSON)
            if not answer.json["events"]:
                break
            found += [event["data"]["n"] for event in answer.json["events"]]
            target = urljoin(target, link(answer))
        assert found == [n for n in range(60) if n % 3 in {1, 2} and n % 2 == 1]


async def test_a_link_of_an_odd_id_leads_to_the_same_stream(nats_server: NatsServer) -> None:
    async with live_bridge(nats_server) as bridge, plain_client(nats_server) as nats:
        for token in ("=YT9iI2MvZCVlIPCfmIANCg", "=YQ0KWDogMQ"):
            await publish_many(nats, [f"evt.default.{token}.-.custom.x"] * 2, [b"{}"] * 2)
        for path in ("/agents/a%3Fb%23c%2Fd%25e%20%F0%9F%98%80%0D%0A", "/agents/a%0D%0AX%3A%201"):
            first = await page(bridge, f"{path}?limit=1")
            assert len(first.json["events"]) == 1
            second = await ask(bridge.url, link(first), accept=JSON)
            assert len(second.json["events"]) == 1
            assert second.json["events"][0]["id"] == first.json["events"][0]["id"] + 1


async def test_a_page_has_one_to_a_thousand_events(nats_server: NatsServer) -> None:
    async with live_bridge(nats_server) as bridge:
        for limit in ("0", "-1", "1001", "x", "1.5", "99999999999999"):
            answer = await ask(bridge.url, f"{PREFIX}/events?limit={limit}", accept=JSON)
            assert answer.assert_problem(400)["detail"].startswith("limit=")


@RINGS
async def test_a_page_has_a_hundred_events_unless_said_otherwise(
    nats_server: NatsServer, ring_max_events: int
) -> None:
    async with (
        live_bridge(nats_server, ring_max_events=ring_max_events) as bridge,
        plain_client(nats_server) as nats,
    ):
        sequences = await publish_numbers(nats, range(1300))
        for query, count in (("", 100), ("?limit=1000", 1000), ("?limit=17", 17)):
            answer = await page(bridge, f"/events{query}")
            assert [event["id"] for event in answer.json["events"]] == sequences[:count]
            assert answer.json["next"] == sequences[count - 1] + 1
            assert answer.json["last_seq"] == sequences[-1]


@RINGS
async def test_positions_mean_in_pages_what_they_mean_in_streams(
    nats_server: NatsServer, ring_max_events: int
) -> None:
    async with (
        live_bridge(nats_server, ring_max_events=ring_max_events, max_event_history=3) as bridge,
        plain_client(nats_server) as nats,
    ):
        sequences = await publish_numbers(nats, range(20))

        async def numbers(query: str, **headers: str) -> list[int]:
            answer = await page(bridge, f"/events?{query}", **headers)
            return [event["data"]["n"] for event in answer.json["events"]]

        assert await numbers("from=latest") == []
        assert await numbers("from=recent") == [17, 18, 19]
        assert await numbers("from=recent&agents=a0") == [12, 15, 18]
        assert await numbers(f"from={sequences[15]}") == [15, 16, 17, 18, 19]
        assert await numbers(f"last_event_id={sequences[15]}") == [16, 17, 18, 19]
        assert await numbers("", last_event_id=str(sequences[17])) == [18, 19]
        assert await numbers("since=1h&limit=2") == [0, 1]
        assert await numbers("until=0s&limit=2") == [0, 1]
        assert await numbers("until=1h") == []


@RINGS
async def test_what_a_page_holds_is_what_the_stream_tells(
    nats_server: NatsServer, ring_max_events: int
) -> None:
    async with (
        live_bridge(nats_server, ring_max_events=ring_max_events) as bridge,
        plain_client(nats_server) as nats,
    ):
        await publish_numbers(nats, range(50))
        paths = [
            "/events?from=earliest",
            "/agents/a1?from=earliest",
            "/jobs/j1?event_types=*&from=earliest",
        ]
        async with watching(bridge, paths) as clients:
            for client, path in zip(clients, paths, strict=True):
                answer = await page(bridge, path)
                assert [(e["id"], json.dumps(e["data"])) for e in answer.json["events"]] == [
                    (frame.sequence, json.dumps(frame.json)) for frame in delivered(client)
                ]


async def test_a_page_tells_of_events_that_are_gone(nats_server: NatsServer) -> None:
    async with live_bridge(nats_server) as bridge, plain_client(nats_server) as nats:
        sequences = await publish_numbers(nats, range(10))
        await context(nats).purge_stream("EVT", seq=sequences[6])
        answer = await page(bridge, f"/events?from={sequences[2]}")
        assert [event["id"] for event in answer.json["events"]] == sequences[6:]
        assert answer.json["gap"] == {
            "requested": sequences[2],
            "first_available": sequences[6],
            "reason": "purged",
        }
        ahead = await page(bridge, f"/events?from={sequences[-1] + 9}")
        assert ahead.json["gap"]["reason"] == "ahead"
        assert [event["id"] for event in ahead.json["events"]] == sequences[6:]
        at_the_end = await page(bridge, f"/events?from={sequences[-1] + 1}")
        assert "gap" not in at_the_end.json


async def test_an_empty_stream_is_an_empty_page_that_can_be_walked_on(
    nats_server: NatsServer,
) -> None:
    async with live_bridge(nats_server) as bridge, plain_client(nats_server) as nats:
        answer = await page(bridge, "/events")
        assert answer.json["events"] == []
        await publish(nats, "evt.default.a.-.custom.x", {})
        following = await ask(bridge.url, link(answer), accept=JSON)
        assert len(following.json["events"]) == 1
        assert "gap" not in following.json


async def test_json_must_be_preferred_to_get_a_page(nats_server: NatsServer) -> None:
    async with live_bridge(nats_server) as bridge:
        for accept, kind in (
            ("application/json", "application/json"),
            ("application/json, text/event-stream;q=0.5", "application/json"),
            ("text/event-stream, application/json", "text/event-stream; charset=utf-8"),
            ("*/*", "text/event-stream; charset=utf-8"),
            ("text/html, */*;q=0.1", "text/event-stream; charset=utf-8"),
        ):
            answer = await ask(bridge.url, f"{PREFIX}/events?until=0s", accept=accept)
            assert answer.header("content-type") == kind, accept
