"""Ids that try to break out: of the subject, of the path, of the list, of the header."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from urllib.parse import quote

import pytest
from nats.aio.client import Client

from jetbridge.embedded import NatsServer
from jetbridge_schemas.subjects import event_subject
from tests.support.bridge import PREFIX, live_bridge, plain_client, publish_many
from tests.support.crowd import delivered, drained, watching
from tests.support.raw_http import ask

INJECTION = "a\r\nX-Injected: 1\r\n\r\nid: 9\nevent: forged\ndata: {}\n\n"

ORDINARY = ["a", "b", "x", "agent:001"]

IDS = [
    *("*", ">", ".", "..", "...", "a.b", "a.>", "a.*", "*.*", "evt.default.>"),
    *(" ", " a", "a ", "a b", "a\t", "a\n", "\na", "a\r", "\n", "a\nb", INJECTION),
    *("=abc", "=YQ", "=", "-", "--", "global", "connected", "\x00", "a\x00", "\x7f"),
    *("a/b", "a/../b", "../events", "/", "//", "a//b", "a/", "/a", "\\", '"', "'"),
    *("%", "%2F", "%2e", "%00", "%zz", "a?from=earliest", "a#b", "a&b", "a;b", "a+b", "a=b"),
    *("😀", "é", "e\u0301", "\u2028", "\u0085", "\ufeff", "A", "x" * 128, "x" * 129, "é" * 128),
]
"""Each is somebody's id; none may get what is published for another."""

WAYS: dict[str, Callable[[str], str]] = {
    "agent": lambda id: f"/agents/{quote(id, safe='')}?from=earliest",
    "job": lambda id: f"/jobs/{quote(id, safe='')}?from=earliest&event_types=*",
    "agents": lambda id: f"/events?from=earliest&agents={quote(id, safe='')}",
    "jobs": lambda id: f"/events?from=earliest&jobs={quote(id, safe='')}",
}

KNOWN_HEADERS = {
    *("date", "cache-control", "content-type", "content-length", "transfer-encoding"),
    *("x-accel-buffering", "connection", "link", "allow"),
}


async def publish_for_each(nats: Client, *, as_job: bool) -> int:
    """One event for every id, so that every client has neighbours; returns the last sequence."""
    everyone = [*ORDINARY, *IDS]
    subjects = [
        event_subject(
            tenant="default",
            agent="worker" if as_job else id,
            job=id if as_job else None,
            type="custom.x",
        )
        for id in everyone
    ]
    bodies = [b'{"of":%d}' % number for number in range(len(everyone))]
    return (await publish_many(nats, subjects, bodies))[-1]


@pytest.mark.parametrize("ring_max_events", [20_000, 0], ids=["ring", "jetstream"])
@pytest.mark.parametrize("way", WAYS)
async def test_every_id_gets_what_is_published_for_it_and_nothing_of_its_neighbours(
    nats_server: NatsServer, way: str, ring_max_events: int
) -> None:
    async with (
        live_bridge(nats_server, ring_max_events=ring_max_events) as bridge,
        plain_client(nats_server) as nats,
    ):
        await publish_for_each(nats, as_job=way.startswith("job"))
        async with watching(bridge, [WAYS[way](id) for id in IDS]) as clients:
            last = await publish_for_each(nats, as_job=way.startswith("job"))
            await drained(bridge, clients, upto=last)
            for number, client in enumerate(clients, start=len(ORDINARY)):
                assert [frame.json for frame in delivered(client)] == [{"of": number}] * 2
                assert client.response_headers.keys() <= KNOWN_HEADERS


ACCEPTS = ["text/event-stream", "application/json", "*/*"]
REFUSED = ["", "x" * 257, "é" * 129, "x" * 10_240, "😀" * 2560]
NOT_UTF8 = ["%ff", "a%fe", "%c3%28", "%ed%a0%80", "%f4%90%80%80", "%c0%af", "%e2%82"]


async def test_an_id_that_no_subject_can_carry_is_refused(nats_server: NatsServer) -> None:
    async with live_bridge(nats_server) as bridge:
        for accept, encoded in product(ACCEPTS, [*map(quote, REFUSED), *NOT_UTF8]):
            for path in (
                f"/agents/{encoded}",
                f"/jobs/{encoded}",
                f"/events?agents={encoded}",
                f"/events?jobs={encoded}",
                f"/events?agents=a,{encoded}",
            ):
                answer = await ask(bridge.url, PREFIX + path, accept=accept)
                assert len(answer.assert_problem(400)["detail"]) < 300


NOT_ENCODED = [
    *(b"*", b">", b".", b"..", b"../events", b"a/../b", b"./a", b"//", b"a b", b"a\tb"),
    *(b"\x00", b"a\x00", b"\xff", b"\xf0\x9f\x98\x80", b"a\rb", b"%", b"%0", b"%zz", b"=abc"),
    *(b"{agent_id}", b"a;b", b"<b>", b'"', b"\\..\\a", b"%u002e", b"%252e%252e", b"a%"),
]


async def test_what_is_not_even_encoded_is_isolated_or_refused(nats_server: NatsServer) -> None:
    async with live_bridge(nats_server) as bridge, plain_client(nats_server) as nats:
        neighbours = [f"evt.default.{agent}.-.custom.x" for agent in ORDINARY]
        await publish_many(nats, neighbours, [b'{"secret":1}'] * len(neighbours))
        for id in NOT_ENCODED:
            target = f"{PREFIX}/agents/".encode() + id + b"?from=earliest&until=0s"
            answer = await ask(bridge.url, target, accept="text/event-stream")
            assert answer.status in {200, 400}, id
            assert b"secret" not in answer.body, id


INJECTED_INTO = [
    "/agents/{}?until=0s",
    "/jobs/{}?until=0s&event_types=*",
    "/events?until=0s&agents={}",
    "/events?until=0s&client_id={}",
    "/events?until=0s&event_types={}",
    "/events?until=0s&from={}",
    "/events?until=0s&since={}",
    "/events?until={}",
    "/events?until=0s&limit={}",
    "/events?until=0s&format={}",
    "/events?until=0s&last_event_id={}",
    "/events?until=0s&x={}",
    "/{}",
]


async def test_no_header_and_no_frame_is_injected(nats_server: NatsServer) -> None:
    async with live_bridge(nats_server) as bridge:
        for accept, path in product(ACCEPTS, INJECTED_INTO):
            target = PREFIX + path.format(quote(INJECTION, safe=""))
            answer = await ask(bridge.url, target, accept=accept)
            assert {name for name, _ in answer.headers} <= KNOWN_HEADERS
            assert b"\nevent: forged" not in answer.body
            assert b"\nX-Injected" not in answer.body
