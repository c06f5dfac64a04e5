"""Clients get what their filters say, live, from memory and from JetStream alike."""

from __future__ import annotations

import random
from urllib.parse import urlencode

import pytest
from nats.aio.client import Client
from starlette.datastructures import QueryParams

from jetbridge.embedded import NatsServer
from jetbridge.event import Event
from jetbridge.filters import Filter
from jetbridge.stream_request import parse_stream_request
from jetbridge.views import JOB_DEFAULT_TYPES, agent_view, global_view, job_view
from tests.support.bridge import live_bridge, plain_client, publish_many
from tests.support.crowd import delivered, drained, watching
from tests.support.events import IDS, PATTERNS, make_event, subject_of

PROGRESS = b'{"job_id":"j","agent_id":"a","progress_percent":1}'
STATUS = b'{"agent_id":"a","status":"IDLE"}'
TYPES = {"calculation.progress": PROGRESS, "agent.status": STATUS} | dict.fromkeys(
    ["agent.alarm", "agent.a.b", "Workflowish", "Work", "custom.x"], b"{}"
)
NAMES = [id for id in IDS if "\n" not in id]


def some(rng: random.Random, choice: list[str], most: int) -> list[str]:
    return rng.sample(choice, rng.randint(1, most))


def random_path(rng: random.Random) -> str:
    """A stream, with or without filters, in one of the ways to write them."""
    route = rng.choice(["/events", "/events", "/agents/a", "/agents/agent%3A1", "/jobs/b"])
    query: list[tuple[str, str]] = []
    if rng.random() < 0.5:
        query.append(("agents", ",".join(some(rng, NAMES, 4))))
    if rng.random() < 0.4:
        query += [("jobs", id) for id in some(rng, NAMES, 4)]
    if rng.random() < 0.6:
        patterns = [*TYPES, *PATTERNS]
        query.append(("event_types", ",".join(some(rng, patterns, 3))))
    return f"{route}?{urlencode(query)}"


def filter_of(path: str) -> Filter:
    """The filter that a path stands for."""
    route, _, query = path.partition("?")
    views = {
        "/events": global_view("default"),
        "/agents/a": agent_view("default", "a"),
        "/agents/agent%3A1": agent_view("default", "agent:1"),
        "/jobs/b": job_view("default", "b"),
    }
    default = JOB_DEFAULT_TYPES if route.startswith("/jobs") else None
    request = parse_stream_request(
        views[route], QueryParams(query), {}, default_types=default, now_ns=0
    )
    return request.view.filter


def random_event(rng: random.Random) -> Event:
    type = rng.choice(list(TYPES))
    agent, job = rng.choice(NAMES), rng.choice([None, *NAMES])
    return make_event(agent=agent, job=job, type=type, data=TYPES[type])


async def publish_events(nats: Client, events: list[Event]) -> None:
    """Publish them, and note the sequences that they got."""
    bodies = [event.data for event in events]
    sequences = await publish_many(nats, [subject_of(event) for event in events], bodies)
    for event, sequence in zip(events, sequences, strict=True):
        event.sequence = sequence


@pytest.mark.parametrize("seed", range(2))
async def test_random_filters_deliver_exactly_what_matches_live_from_memory_and_from_jetstream(
    nats_server: NatsServer, seed: int
) -> None:
    rng = random.Random(seed)
    paths = sorted({random_path(rng) for _ in range(24)})
    events = [random_event(rng) for _ in range(300)]
    async with (
        live_bridge(nats_server) as bridge,
        live_bridge(nats_server, ring_max_events=0) as without_ring,
        plain_client(nats_server) as nats,
        watching(bridge, paths) as live,
    ):
        await publish_events(nats, events)
        replayed = [f"{path}&from=earliest" for path in paths]
        async with (
            watching(bridge, replayed) as from_memory,
            watching(without_ring, replayed) as from_jetstream,
        ):
            await drained(bridge, live, upto=events[-1].sequence)
            for client in (*live, *from_memory, *from_jetstream):
                wanted = [event.sequence for event in matching(events, client.path)]
                assert [frame.sequence for frame in delivered(client)] == wanted, client.path


def matching(events: list[Event], path: str) -> list[Event]:
    """The events that a client of this path below the API prefix is to get."""
    below = path.removeprefix("/api/v1/stream").removesuffix("&from=earliest")
    return [event for event in events if filter_of(below).matches(event)]


async def test_a_job_stream_shows_progress_unless_asked_for_more(nats_server: NatsServer) -> None:
    async with (
        live_bridge(nats_server) as bridge,
        plain_client(nats_server) as nats,
        watching(
            bridge,
            ["/jobs/j", "/jobs/j?event_types=*", "/jobs/j?event_types=agent.*", "/agents/a"],
        ) as clients,
    ):
        types = ["calculation.progress", "agent.status", "custom.x"]
        subjects = [f"evt.default.a.j.{type}" for type in types]
        sequences = await publish_many(nats, subjects, [TYPES[type] for type in types])
        await drained(bridge, clients, upto=sequences[-1])
        seen = [[frame.event for frame in delivered(client)] for client in clients]
    assert seen == [["calculation.progress"], types, ["agent.status"], types]


async def test_more_ids_than_fit_into_a_consumer_are_filtered_all_the_same(
    nats_server: NatsServer,
) -> None:
    many = ",".join(f"a{number}" for number in range(0, 900, 3))
    async with (
        live_bridge(nats_server, ring_max_events=0) as bridge,
        plain_client(nats_server) as nats,
    ):
        agents = [f"a{number}" for number in range(900)]
        await publish_many(nats, [f"evt.default.{a}.j.custom.x" for a in agents], [b"{}"] * 900)
        path = f"/events?from=earliest&agents={many}&jobs=j,k&event_types=custom.x,custom.y"
        async with watching(bridge, [path]) as (client,):
            assert len(delivered(client)) == 300
