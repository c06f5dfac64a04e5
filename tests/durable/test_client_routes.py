"""Looking at a client, and forgetting it."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import quote

import pytest
from nats.aio.client import Client

from jetbridge.embedded import NatsServer
from tests.durable.clients import SUBJECT, account, connected, gone, settled, stored_at
from tests.support.bridge import PREFIX, live_bridge, publish
from tests.support.raw_http import ask
from tests.support.sse import SseClient
from tests.support.waiting import eventually

CLIENT = f"{PREFIX}/clients/panel-7"
QUICK = {"cursor_checkpoint_seconds": 0.05}


async def only_cursor(url: str) -> dict[str, Any]:
    (cursor,) = (await account(url))["cursors"]
    return cursor


async def test_a_client_is_shown_with_all_its_cursors(
    nats_server: NatsServer, nats: Client, backend: str
) -> None:
    async with live_bridge(nats_server, cursor_backend=backend, **QUICK) as bridge:
        everything, _ = await settled(bridge.url)
        alarms, _ = await settled(bridge.url, path="/agents/a", query="event_types=alarm.*")
        last = await publish(nats, SUBJECT, {"n": 1})
        await everything.events(1)
        await everything.close()
        await eventually(lambda: len(bridge.bridge.durability.registry) == 1)
        for n in range(3):
            await publish(nats, SUBJECT, {"n": n})
        shown = await account(bridge.url)
        assert shown["client_id"] == "panel-7"
        found = {cursor["cursor"]: cursor for cursor in shown["cursors"]}
        assert found.keys() == {connected(c)["durable_cursor"] for c in (everything, alarms)}
        one = found[connected(everything)["durable_cursor"]]
        assert (one["position"], one["pending"], one["connected"]) == (last, 3, False)
        assert one["filters"] == {}
        other = found[connected(alarms)["durable_cursor"]]
        assert (other["pending"], other["connected"]) == (0, True)
        assert other["filters"] == {"agents": ["a"], "event_types": ["alarm.*"]}
        assert one["last_seen"] < other["last_seen"]
        await alarms.close()


async def test_a_client_can_be_looked_at_from_any_replica(
    nats_server: NatsServer, nats: Client, backend: str
) -> None:
    settings = QUICK | {"cursor_backend": backend}
    async with (
        live_bridge(nats_server, **settings) as one,
        live_bridge(nats_server, **settings) as other,
    ):
        client, _ = await settled(one.url)
        last = await publish(nats, SUBJECT, {"n": 1})
        await client.events(1)
        await stored_at(other.url, last)
        await eventually(lambda: other.bridge.cluster.others() == 1)
        for bridge in (one, other):
            assert (await only_cursor(bridge.url))["connected"] is True
        await client.close()
        await gone(one)
        for bridge in (one, other):
            assert (await only_cursor(bridge.url))["connected"] is False


async def test_a_client_that_is_forgotten_begins_anew(
    nats_server: NatsServer, nats: Client, backend: str
) -> None:
    settings = QUICK | {"cursor_backend": backend}
    async with (
        live_bridge(nats_server, **settings) as one,
        live_bridge(nats_server, **settings) as other,
    ):
        client, _ = await settled(one.url)
        await client.close()
        await gone(one)
        assert (await ask(other.url, CLIENT, method="DELETE")).status == 204
        (await ask(one.url, CLIENT)).assert_problem(404)
        (await ask(one.url, CLIENT, method="DELETE")).assert_problem(404)
        await publish(nats, SUBJECT, {"n": 1})
        client, replayed = await settled(one.url)
        assert replayed == []
        assert connected(client)["resumed"] is False
        await client.close()


async def test_a_stream_of_a_client_that_is_forgotten_goes_on_and_is_not_remembered_again(
    nats_server: NatsServer, nats: Client, backend: str
) -> None:
    async with live_bridge(nats_server, cursor_backend=backend, **QUICK) as bridge:
        client, _ = await settled(bridge.url)
        assert (await ask(bridge.url, CLIENT, method="DELETE")).status == 204
        sequence = await publish(nats, SUBJECT, {"n": 1})
        assert (await client.events(1))[0].sequence == sequence
        checkpoints = bridge.bridge.durability.checkpoints
        rounds = checkpoints.rounds
        await eventually(lambda: checkpoints.rounds > rounds + 2)
        await client.close()
        await gone(bridge)
        (await ask(bridge.url, CLIENT)).assert_problem(404)


async def test_a_client_that_is_forgotten_elsewhere_is_not_remembered_again(
    nats_server: NatsServer, nats: Client, backend: str
) -> None:
    settings = QUICK | {"cursor_backend": backend}
    async with (
        live_bridge(nats_server, **settings) as one,
        live_bridge(nats_server, **settings) as other,
    ):
        client, _ = await settled(one.url)
        assert (await ask(other.url, CLIENT, method="DELETE")).status == 204
        await eventually(lambda: not len(one.bridge.durability.registry))
        sequence = await publish(nats, SUBJECT, {"n": 1})
        assert (await client.events(1))[0].sequence == sequence
        await client.close()
        await gone(one)
        (await ask(one.url, CLIENT)).assert_problem(404)


async def test_clients_of_one_name_beginning_are_not_confused(nats_server: NatsServer) -> None:
    async with live_bridge(nats_server) as bridge:
        for client_id in ("a", "a/ack", "a/b", "é\n", "ack"):
            path = f"{PREFIX}/events?client_id={quote(client_id, safe='')}"
            client = await SseClient(bridge.url, path).open()
            await client.until_event("caught-up")
            await client.close()
            shown = await account(bridge.url, quote(client_id, safe=""))
            assert shown["client_id"] == client_id
        answer = await ask(bridge.url, f"{PREFIX}/clients/a", method="DELETE")
        assert answer.status == 204
        for client_id in ("a/ack", "a/b", "ack"):
            assert await account(bridge.url, quote(client_id, safe=""))


@pytest.mark.parametrize("client_id", ["", "x" * 257, "%ff"])
async def test_a_client_that_cannot_be_is_refused(nats_server: NatsServer, client_id: str) -> None:
    async with live_bridge(nats_server) as bridge:
        assert (await ask(bridge.url, f"{PREFIX}/clients/{client_id}")).status in {400, 404}
        if client_id:
            stream = await SseClient(bridge.url, f"{PREFIX}/events?client_id={client_id}").open()
            assert stream.status == 400
            await stream.close()


async def test_while_nats_is_away_the_answer_is_to_come_back(nats_server: NatsServer) -> None:
    async with live_bridge(nats_server) as bridge:
        await asyncio.to_thread(nats_server.kill)
        await eventually(lambda: not bridge.bridge.link.up)
        for method in ("GET", "DELETE"):
            answer = await ask(bridge.url, CLIENT, method=method)
            assert answer.assert_problem(503)["reason"] == "nats_unreachable"
            assert answer.header("retry-after")
