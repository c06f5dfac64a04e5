"""The spine: publish with any NATS client, watch over HTTP."""

from __future__ import annotations

import json
import random

import pytest

from jetbridge.embedded import NatsServer
from tests.support.bridge import live_bridge, plain_client, publish, publish_many
from tests.support.sse import SseClient

pytestmark = pytest.mark.usefixtures("both_paths")

AGENTS = ["agent:001", "agent:002", "a b.c"]
TOKENS = {"agent:001": "agent:001", "agent:002": "agent:002", "a b.c": "=YSBiLmM"}


async def test_each_of_a_thousand_events_reaches_exactly_the_streams_it_belongs_to(
    nats_server: NatsServer,
) -> None:
    rng = random.Random(7)
    async with live_bridge(nats_server) as bridge, plain_client(nats_server) as nats:
        subjects: list[str] = []
        bodies: list[bytes] = []
        for number in range(1000):
            agent = rng.choice(AGENTS)
            job = rng.choice(["-", "job:1", "job:2"])
            subjects.append(f"evt.default.{TOKENS[agent]}.{job}.custom.tick")
            bodies.append(json.dumps({"n": number, "note": "é\u2028"}).encode())
        compact = [json.dumps(json.loads(b), separators=(",", ":")).encode() for b in bodies]
        everything = await bridge.client("/events").open()
        one_agent = await bridge.client("/agents/a%20b.c").open()
        one_job = await bridge.client("/jobs/job:2?event_types=*").open()
        for client in (everything, one_agent, one_job):
            await client.until_event("caught-up")
        sequences = await publish_many(nats, subjects, bodies)

        async def gets_exactly(client: SseClient, wanted: list[int]) -> None:
            frames = await client.events(len(wanted))
            assert [frame.sequence for frame in frames] == [sequences[i] for i in wanted]
            assert [frame.data.encode() for frame in frames] == [compact[i] for i in wanted]
            assert {frame.event for frame in frames} == {"custom.tick"}

        await gets_exactly(everything, list(range(1000)))
        await gets_exactly(one_agent, [i for i, s in enumerate(subjects) if "=YSBiLmM" in s])
        await gets_exactly(one_job, [i for i, s in enumerate(subjects) if ".job:2." in s])
        for client in (everything, one_agent, one_job):
            await client.close()


async def test_a_client_resumes_by_the_id_of_connected_alone(nats_server: NatsServer) -> None:
    async with live_bridge(nats_server) as bridge, plain_client(nats_server) as nats:
        client = await bridge.client().open()
        connected = await client.next()
        assert connected.event == "connected"
        assert connected.retry == 3000
        assert connected.json["cursor"] == connected.sequence
        await client.close()
        sequence = await publish(nats, "evt.default.a.-.custom.x", {"n": 1})
        await client.open()
        (event,) = await client.events(1)
        assert event.sequence == sequence
        assert client.frames[1].json["resumed"] is True
        await client.close()
