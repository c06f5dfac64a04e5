"""In whatever encoding events come, they go out as JSON, or as CloudEvents."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, unquote

import msgspec
import pytest

from jetbridge.embedded import NatsServer
from jetbridge_schemas.subjects import event_subject
from tests.support.bridge import PREFIX, live_bridge, plain_client, publish
from tests.support.cloudevents import assert_cloudevent
from tests.support.crowd import delivered, watching
from tests.support.raw_http import ask

STATUS = {"agent_id": "a", "status": "RUNNING", "progress_percent": 33.5, "extra": {"é": [1, None]}}
COMPACT = json.dumps(STATUS, separators=(",", ":"), ensure_ascii=False)

BINARY = {
    "ce-specversion": "1.0",
    "ce-id": "1",
    "ce-source": "/agents/a",
    "ce-type": "agent.status",
}
ENVELOPE = {"specversion": "1.0", "id": "1", "source": "/agents/a", "type": "agent.status"}
WAYS: dict[str, tuple[bytes, dict[str, str]]] = {
    "json": (json.dumps(STATUS, indent=2, ensure_ascii=False).encode(), {}),
    "said to be json": (COMPACT.encode(), {"Content-Type": "application/json"}),
    "msgpack": (msgspec.msgpack.encode(STATUS), {"Content-Type": "application/msgpack"}),
    "msgpack, header in capitals": (
        msgspec.msgpack.encode(STATUS),
        {"CONTENT-TYPE": "Application/MsgPack; version=5"},
    ),
    "cloudevent, binary": (COMPACT.encode(), BINARY),
    "cloudevent, binary, msgpack": (
        msgspec.msgpack.encode(STATUS),
        {**BINARY, "ce-datacontenttype": "application/msgpack"},
    ),
    "cloudevent, structured": (
        json.dumps({**ENVELOPE, "data": STATUS}, ensure_ascii=False).encode(),
        {"Content-Type": "application/cloudevents+json; charset=utf-8"},
    ),
}


@pytest.mark.parametrize("ring_max_events", [20_000, 0], ids=["ring", "jetstream"])
async def test_every_encoding_arrives_as_the_same_json_live_and_replayed(
    nats_server: NatsServer, ring_max_events: int
) -> None:
    async with (
        live_bridge(nats_server, ring_max_events=ring_max_events) as bridge,
        plain_client(nats_server) as nats,
        watching(bridge, ["/events"]) as (live,),
    ):
        for body, headers in WAYS.values():
            await publish(nats, "evt.default.a.-.agent.status", body, **headers)
        events = await live.events(len(WAYS))
        assert [frame.data for frame in events] == [COMPACT] * len(WAYS)
        async with watching(bridge, ["/agents/a?from=earliest"]) as (late,):
            assert delivered(late) == events


IDS: list[tuple[str, str | None]] = [
    ("agent:001", None),
    ("agent:001", "job:1"),
    ("a b/ü?#%", "job \u2028 1"),
    ("😀", "-"),
]


async def test_cloudevents_go_out_as_the_specification_asks(nats_server: NatsServer) -> None:
    async with (
        live_bridge(nats_server) as bridge,
        plain_client(nats_server) as nats,
        watching(bridge, ["/events?format=cloudevents", "/events"]) as (client, plain),
    ):
        before = datetime.now(UTC)
        for agent, job in IDS:
            subject = event_subject(tenant="default", agent=agent, job=job, type="agent.status")
            await publish(nats, subject, STATUS)
        frames = await client.events(len(IDS))
        for frame, (agent, job), native in zip(
            frames, IDS, await plain.events(len(IDS)), strict=True
        ):
            event: dict[str, Any] = frame.json
            assert_cloudevent(event)
            assert frame.event == native.event == event["type"] == "agent.status"
            assert frame.id == native.id == event["id"]
            assert unquote(event["source"]) == f"/agents/{agent}"
            assert event.get("subject") == job
            assert event["data"] == native.json == STATUS
            assert before <= datetime.fromisoformat(event["time"]) <= datetime.now(UTC)
        page = await ask(
            bridge.url, f"{PREFIX}/events?format=cloudevents", accept="application/json"
        )
        assert page.json["events"] == [frame.json for frame in frames]


async def test_a_cloudevent_from_the_bridge_can_be_published_again(nats_server: NatsServer) -> None:
    async with (
        live_bridge(nats_server) as bridge,
        plain_client(nats_server) as nats,
        watching(bridge, ["/events?format=cloudevents"]) as (client,),
    ):
        await publish(nats, "evt.default.a.-.agent.status", STATUS)
        (first,) = await client.events(1)
        headers = {"Content-Type": "application/cloudevents+json"}
        await publish(nats, "evt.default.b.-.agent.status", first.data.encode(), **headers)
        (second,) = await client.events(1)
        assert second.json["data"] == first.json["data"]
        assert second.json["source"] == f"/agents/{quote('b')}"
