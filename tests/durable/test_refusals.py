"""What cannot be kept is not kept, and said so; the stream goes on by ids."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from nats.aio.client import Client

from jetbridge.cursor_keys import CursorKey
from jetbridge.embedded import NatsServer
from jetbridge.views import global_view
from tests.durable.clients import SUBJECT, client_key, connected, gone, newcomer, settled
from tests.support import operator
from tests.support.bridge import PREFIX, live_bridge, plain_client, publish
from tests.support.sse import SseClient

NAME = CursorKey(client_key(), global_view("default").filter).name

FORBIDDEN = {
    "consumer": [
        f"$JS.API.CONSUMER.INFO.EVT.{NAME}",
        f"$JS.API.CONSUMER.CREATE.EVT.{NAME}",
        "$JS.API.CONSUMER.RESET.EVT.*",
    ],
    "kv": ["$JS.API.STREAM.MSG.GET.KV_JETBRIDGE_CURSORS", "$KV.JETBRIDGE_CURSORS.>"],
}
CASES = [(backend, subject) for backend, subjects in FORBIDDEN.items() for subject in subjects]


@pytest.fixture
def strict_server(tmp_path: Path, forbidden: str) -> Iterator[NatsServer]:
    """A server where the user `bridge` may publish on everything but one subject."""
    config = tmp_path / "nats.conf"
    config.write_text(
        "accounts { A { jetstream: enabled, users: [\n"
        f'{{user: bridge, password: b, permissions: {{publish: {{deny: ["{forbidden}"]}}}}}},\n'
        "{user: owner, password: o} ]} }\n"
        "no_auth_user: owner\n"
    )
    with NatsServer(tmp_path / "nats", config=config) as server:
        yield server


def bridge_user(server: NatsServer) -> str:
    return server.url.replace("nats://", "nats://bridge:b@")


@pytest.mark.parametrize(("backend", "forbidden"), CASES)
async def test_a_missing_permission_costs_the_place_and_not_the_stream(
    strict_server: NatsServer, backend: str, forbidden: str, caplog: pytest.LogCaptureFixture
) -> None:
    settings = {"nats": bridge_user(strict_server), "cursor_backend": backend}
    async with (
        live_bridge(strict_server, **settings) as bridge,
        plain_client(strict_server) as nats,
    ):
        async with asyncio.timeout(3):
            client, _ = await settled(bridge.url)
        opening = connected(client)
        assert (opening["durable"], opening["durable_reason"]) == (False, "forbidden")
        assert opening["durable_cursor"] is None
        sequence = await publish(nats, SUBJECT, {"n": 1})
        await client.events(1)
        missed = await publish(nats, SUBJECT, {"n": 2})
        assert (await client.events(1))[0].sequence == missed
        client.last_id = str(sequence)
        await client.reopen()
        assert (await client.events(1))[0].sequence == missed
        await client.close()
    told = [record for record in caplog.records if record.name == "jetbridge.durable"]
    assert len(told) == 1
    assert forbidden.partition("*")[0].rstrip(">") in told[0].getMessage()


async def test_clients_beyond_the_room_of_the_stream_stream_without_a_place(
    nats_server: NatsServer, nats: Client
) -> None:
    await operator.make_stream(nats, max_consumers=20)
    sequence = await publish(nats, SUBJECT, {"n": 0})
    async with live_bridge(nats_server, ring_max_events=0) as bridge:
        clients = [
            await SseClient(bridge.url, f"{PREFIX}/events?client_id=c{n}").open() for n in range(20)
        ]
        openings = [(await client.until_event("connected")).json for client in clients]
        durable = [opening["durable"] for opening in openings]
        assert durable == sorted(durable, reverse=True)
        assert 15 <= sum(durable) <= 17
        assert {opening["durable_reason"] for opening in openings} == {None, "capacity"}
        replayed = await newcomer(bridge.url, query="from=earliest").open()
        assert (await replayed.events(1))[0].sequence == sequence
        following = await publish(nats, SUBJECT, {"n": 1})
        for client in (*clients, replayed):
            assert (await client.events(1))[0].sequence == following
            await client.close()


async def test_there_is_room_again_when_clients_are_forgotten(
    nats_server: NatsServer, nats: Client
) -> None:
    await operator.make_stream(nats, max_consumers=2)
    async with live_bridge(nats_server) as bridge:
        client, _ = await settled(bridge.url)
        assert connected(client)["durable_reason"] == "capacity"
        await operator.change_stream(nats, max_consumers=20)
        await client.reopen()
        assert (await client.until_event("connected")).json["durable"] is True
        await client.close()


async def test_a_missing_bucket_is_told_with_the_command_that_makes_it(
    nats_server: NatsServer, nats: Client, caplog: pytest.LogCaptureFixture
) -> None:
    await operator.make_stream(nats)
    settings = {"cursor_backend": "kv", "stream_manage": "off"}
    async with live_bridge(nats_server, **settings) as bridge:
        client, _ = await settled(bridge.url)
        assert connected(client)["durable_reason"] == "unavailable"
        await client.close()
        await gone(bridge)
    (told,) = [record for record in caplog.records if record.name == "jetbridge.durable"]
    assert "nats kv add JETBRIDGE_CURSORS --history=1 --ttl=168h" in told.getMessage()


async def test_a_client_that_is_not_durable_is_nowhere_stored(
    nats_server: NatsServer, nats: Client
) -> None:
    await operator.make_stream(nats, max_consumers=2)
    async with live_bridge(nats_server) as bridge:
        client, _ = await settled(bridge.url)
        assert not len(bridge.bridge.durability.registry)
        await client.close()
        assert NAME not in await operator.consumer_names(nats)
