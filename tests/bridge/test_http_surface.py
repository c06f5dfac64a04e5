"""HTTP around the streams: headers, methods, refusals, CORS."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator
from itertools import product
from typing import Any

import pytest

from jetbridge.embedded import NatsServer
from tests.support.bridge import PREFIX, LiveBridge, live_bridge
from tests.support.crowd import watching
from tests.support.raw_http import Answer, ask

BOTH_PATHS = pytest.mark.usefixtures("both_paths")

SSE = "text/event-stream"
JSON = "application/json"
APP = "https://app.example"
STRANGER = "https://stranger.example"


@pytest.fixture
async def bridge(nats_server: NatsServer) -> AsyncGenerator[LiveBridge]:
    async with live_bridge(nats_server) as running:
        yield running


@pytest.fixture
async def open_bridge(nats_server: NatsServer) -> AsyncGenerator[LiveBridge]:
    """A bridge whose streams pages of APP may read."""
    async with live_bridge(nats_server, allowed_origins=[APP]) as running:
        yield running


@BOTH_PATHS
async def test_a_stream_has_the_headers_of_the_contract_and_no_others(bridge: LiveBridge) -> None:
    async with watching(bridge, ["/events", "/agents/a", "/jobs/j"]) as clients:
        for client in clients:
            headers = dict(client.response_headers)
            assert headers.pop("date")
            assert headers.pop("connection", "keep-alive") == "keep-alive"
            assert headers == {
                "content-type": "text/event-stream; charset=utf-8",
                "cache-control": "no-store, no-transform",
                "x-accel-buffering": "no",
                "transfer-encoding": "chunked",
            }


@BOTH_PATHS
async def test_head_says_what_get_would_and_opens_nothing(bridge: LiveBridge) -> None:
    for path in ("/events", "/agents/a", "/jobs/j?event_types=*"):
        answer = await ask(bridge.url, PREFIX + path, method="HEAD", accept=SSE)
        assert (answer.status, answer.body) == (200, b"")
        assert answer.header("content-type") == "text/event-stream; charset=utf-8"
        assert answer.header("cache-control") == "no-store, no-transform"
    page = await ask(bridge.url, PREFIX + "/events", method="HEAD", accept=JSON)
    assert (page.status, page.body, page.header("content-type")) == (200, b"", JSON)
    wrong = await ask(bridge.url, PREFIX + "/events?limit=0", method="HEAD", accept=SSE)
    assert (wrong.status, wrong.body) == (400, b"")
    for path in ("/health", "/livez", "/readyz", f"{PREFIX}/status", "/"):
        assert (await ask(bridge.url, path, method="HEAD")).status == 200
    assert not bridge.bridge.hub.subscribers


NOWHERE = [
    *("/nope", "/api", "//", "/health/", "/%00", PREFIX, f"{PREFIX}/"),
    *(f"{PREFIX}/agents", f"{PREFIX}/jobs", f"{PREFIX}/events/", f"{PREFIX}/Events"),
]


async def test_what_is_not_there_is_404_for_everyone(bridge: LiveBridge) -> None:
    for accept, path in product((SSE, JSON, "*/*"), NOWHERE):
        (await ask(bridge.url, path, accept=accept)).assert_problem(404)


async def test_other_methods_are_405_with_those_that_are_allowed(bridge: LiveBridge) -> None:
    methods = ("POST", "PUT", "PATCH", "DELETE", "OPTIONS")
    for method, path in product(methods, ("/events", "/agents/a", "/jobs/j", "/status")):
        answer = await ask(bridge.url, PREFIX + path, method=method, accept=SSE)
        answer.assert_problem(405)
        assert set((answer.header("allow") or "").split(", ")) == {"GET", "HEAD"}


async def test_the_prefix_is_a_setting(nats_server: NatsServer) -> None:
    async with live_bridge(nats_server, api_prefix="/plant") as bridge:
        answer = await ask(bridge.url, "/plant/events?until=0s", accept=SSE)
        assert (answer.status, b"event: connected" in answer.body) == (200, True)
        assert (await ask(bridge.url, "/plant/status")).status == 200
        (await ask(bridge.url, f"{PREFIX}/events", accept=SSE)).assert_problem(404)


async def cors_answers(bridge: LiveBridge, origin: str) -> list[Answer]:
    """One answer of every kind to a page of this origin."""
    kinds = [
        (f"{PREFIX}/events?until=0s", SSE),
        (f"{PREFIX}/events", JSON),
        (f"{PREFIX}/events?limit=0", SSE),
        (f"{PREFIX}/nope", SSE),
        (f"{PREFIX}/status", JSON),
        ("/health", JSON),
    ]
    return [await ask(bridge.url, path, accept=accept, origin=origin) for path, accept in kinds]


async def test_pages_of_allowed_origins_may_read_answers_and_errors(
    open_bridge: LiveBridge,
) -> None:
    for answer in await cors_answers(open_bridge, APP):
        assert answer.header("access-control-allow-origin") == APP
        assert answer.header("vary") == "Origin"
        assert "Retry-After" in (answer.header("access-control-expose-headers") or "")
    for answer in await cors_answers(open_bridge, STRANGER):
        assert answer.header("access-control-allow-origin") is None


async def test_any_origin_may_be_allowed(nats_server: NatsServer) -> None:
    async with live_bridge(nats_server, allowed_origins=["*"]) as bridge:
        for answer in await cors_answers(bridge, STRANGER):
            assert answer.header("access-control-allow-origin") == "*"


async def test_without_allowed_origins_nothing_is_said_of_origins(bridge: LiveBridge) -> None:
    for answer in await cors_answers(bridge, APP):
        assert not [name for name, _ in answer.headers if name.startswith("access-control")]


async def preflight(bridge: LiveBridge, origin: str, header: str) -> Answer:
    return await ask(
        bridge.url,
        f"{PREFIX}/events",
        method="OPTIONS",
        origin=origin,
        access_control_request_method="GET",
        access_control_request_headers=header,
    )


async def test_a_preflight_is_answered_for_the_headers_that_clients_send(
    open_bridge: LiveBridge,
) -> None:
    for header in ("last-event-id", "cache-control", "authorization"):
        answer = await preflight(open_bridge, APP, header)
        assert answer.status == 200
        assert answer.header("access-control-allow-origin") == APP
        assert "GET" in (answer.header("access-control-allow-methods") or "")
        assert header in (answer.header("access-control-allow-headers") or "").lower()
    assert (await preflight(open_bridge, STRANGER, "last-event-id")).status == 400
    assert (await preflight(open_bridge, APP, "x-strange")).status == 400


@BOTH_PATHS
async def test_a_mistake_of_ours_is_told_without_details_and_logged_with_them(
    open_bridge: LiveBridge, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail(*_: Any) -> None:
        raise RuntimeError("the secret reason")

    monkeypatch.setattr(open_bridge.bridge.streams, "open", fail)
    monkeypatch.setattr(open_bridge.bridge.pages, "read", fail)
    with caplog.at_level(logging.ERROR):
        stream = await ask(open_bridge.url, f"{PREFIX}/events", accept=SSE, origin=APP)
        page = await ask(open_bridge.url, f"{PREFIX}/events", accept=JSON, origin=APP)
    assert (stream.status, stream.header("access-control-allow-origin")) == (200, APP)
    assert b'event: unavailable\ndata: {"reason":"server_error"' in stream.body
    assert page.assert_problem(503)["reason"] == "server_error"
    assert page.header("access-control-allow-origin") == APP
    assert b"secret" not in stream.body + page.body
    assert len(caplog.records) == 2
    assert "the secret reason" in caplog.text
