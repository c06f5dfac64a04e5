"""`ack=explicit`: the place moves when the client says so, and not before."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nats.aio.client import Client

from jetbridge.client_routes import parse_ack, sequence_of
from jetbridge.embedded import NatsServer
from jetbridge.positions import PositionError
from jetbridge.stream_request import RequestError
from tests.durable.clients import CLIENT_ID, SUBJECT, connected, gone, position, settled, stored_at
from tests.support.bridge import PREFIX, live_bridge, publish
from tests.support.raw_http import Answer, send

ACK = f"{PREFIX}/clients/{CLIENT_ID}/ack"
MALFORMED = [
    *(b"{}", b"[]", b"1", b'{"id":-1}', b'{"id":1.5}', b'{"id":"x"}', b'{"id":null}'),
    *(b'{"id":9223372036854775808}', b'{"id":"9223372036854775808"}', b'{"id":1,"cursor":7}'),
]
QUICK = {"cursor_checkpoint_seconds": 0.05}


async def ack(url: str, sequence: object, **more: Any) -> Answer:
    return await send(url, ACK, {"id": sequence, **more})


async def test_the_place_stays_until_the_client_acks(
    nats_server: NatsServer, nats: Client, backend: str
) -> None:
    async with live_bridge(nats_server, cursor_backend=backend, **QUICK) as bridge:
        client, _ = await settled(bridge.url, query="ack=explicit")
        start = connected(client)["cursor"]
        sequences = [await publish(nats, SUBJECT, {"n": n}) for n in range(4)]
        await client.events(4)
        assert (await ack(bridge.url, sequences[1])).status == 204
        await stored_at(bridge.url, sequences[1])
        await client.close()
        await gone(bridge)
        client, replayed = await settled(bridge.url, query="ack=explicit")
        assert [frame.sequence for frame in replayed] == sequences[2:]
        assert start < connected(client)["cursor"] == sequences[1]
        await client.close()


async def test_what_was_never_acked_comes_again(nats_server: NatsServer, nats: Client) -> None:
    async with live_bridge(nats_server) as bridge:
        for expected in (1, 2, 3):
            sequence = await publish(nats, SUBJECT, {"n": 1}) if expected == 1 else None
            client, replayed = await settled(bridge.url, query="ack=explicit&from=earliest")
            assert len(replayed) == 1
            assert sequence in {None, replayed[0].sequence}
            await client.close()
            await gone(bridge)


async def test_an_older_ack_changes_nothing(nats_server: NatsServer, nats: Client) -> None:
    async with live_bridge(nats_server, **QUICK) as bridge:
        client, _ = await settled(bridge.url, query="ack=explicit")
        sequences = [await publish(nats, SUBJECT, {"n": n}) for n in range(3)]
        await client.events(3)
        await ack(bridge.url, sequences[2])
        await stored_at(bridge.url, sequences[2])
        assert (await ack(bridge.url, sequences[0])).status == 204
        await client.close()
        await gone(bridge)
        assert await position(bridge.url) == sequences[2]


async def test_what_was_not_sent_cannot_be_acked(nats_server: NatsServer, nats: Client) -> None:
    async with live_bridge(nats_server) as bridge:
        client, _ = await settled(bridge.url, query="ack=explicit")
        sequence = await publish(nats, SUBJECT, {"n": 1})
        await client.events(1)
        problem = (await ack(bridge.url, sequence + 1)).assert_problem(409)
        assert str(sequence) in problem["detail"]
        await client.close()
        await gone(bridge)
        (await ack(bridge.url, sequence + 1)).assert_problem(409)


async def test_an_ack_may_arrive_at_another_replica_and_is_not_taken_back(
    nats_server: NatsServer, nats: Client, backend: str
) -> None:
    settings = QUICK | {"cursor_backend": backend}
    async with (
        live_bridge(nats_server, **settings) as streaming,
        live_bridge(nats_server, **settings) as other,
    ):
        client, _ = await settled(streaming.url, query="ack=explicit")
        sequences = [await publish(nats, SUBJECT, {"n": n}) for n in range(4)]
        await client.events(4)
        assert (await ack(streaming.url, sequences[0])).status == 204
        await stored_at(other.url, sequences[0])
        assert (await ack(other.url, sequences[2])).status == 204
        assert await position(other.url) == sequences[2]
        assert (await ack(streaming.url, sequences[1])).status == 204
        await client.close()
        await gone(streaming)
        assert await position(other.url) == sequences[2]


async def test_the_id_may_be_text_as_event_source_has_it(
    nats_server: NatsServer, nats: Client
) -> None:
    async with live_bridge(nats_server, **QUICK) as bridge:
        client, _ = await settled(bridge.url, query="ack=explicit")
        sequence = await publish(nats, SUBJECT, {"n": 1})
        await client.events(1)
        assert (await ack(bridge.url, str(sequence))).status == 204
        await stored_at(bridge.url, sequence)
        await client.close()


async def test_with_several_streams_the_ack_must_name_one(
    nats_server: NatsServer, nats: Client
) -> None:
    async with live_bridge(nats_server, **QUICK) as bridge:
        tabs = [
            (await settled(bridge.url, path=f"/agents/{agent}", query="ack=explicit"))[0]
            for agent in "ab"
        ]
        sequence = await publish(nats, SUBJECT, {"n": 1})
        await tabs[0].events(1)
        problem = (await ack(bridge.url, sequence)).assert_problem(409)
        name = connected(tabs[0])["durable_cursor"]
        assert name in problem["detail"]
        assert (await ack(bridge.url, sequence, cursor=name)).status == 204
        for tab in tabs:
            await tab.close()
        await gone(bridge)
        again, replayed = await settled(bridge.url, path="/agents/a", query="ack=explicit")
        assert replayed == []
        await again.close()


async def test_only_the_stream_that_acks_is_meant(nats_server: NatsServer, nats: Client) -> None:
    async with live_bridge(nats_server) as bridge:
        acking, _ = await settled(bridge.url, path="/agents/a", query="ack=explicit")
        other, _ = await settled(bridge.url, path="/agents/b")
        sequence = await publish(nats, SUBJECT, {"n": 1})
        await acking.events(1)
        assert (await ack(bridge.url, sequence)).status == 204
        await acking.close()
        await other.close()


@pytest.mark.parametrize("body", [*MALFORMED, b"", b"[" * 900, b"\xff", b'{"id":1,'])
def test_a_malformed_ack_is_understood_by_nobody(body: bytes) -> None:
    with pytest.raises((RequestError, PositionError)):
        sequence_of(parse_ack(body))


@given(st.binary(max_size=64) | st.from_type(int).map(lambda n: b'{"id":%d}' % n))
def test_an_ack_is_an_event_id_or_an_error(body: bytes) -> None:
    with contextlib.suppress(RequestError, PositionError):
        assert 0 <= sequence_of(parse_ack(body)) < 2**63


async def test_a_malformed_or_endless_ack_is_refused(nats_server: NatsServer) -> None:
    endless = b'{"id":1,"note":"' + b"x" * 100_000 + b'"}'
    async with live_bridge(nats_server) as bridge:
        for body in MALFORMED:
            (await send(bridge.url, ACK, body)).assert_problem(400)
        (await send(bridge.url, ACK, endless)).assert_problem(413)


async def test_an_ack_of_a_client_that_nobody_knows_is_refused(nats_server: NatsServer) -> None:
    async with live_bridge(nats_server) as bridge:
        (await ack(bridge.url, 1)).assert_problem(404)


@pytest.mark.parametrize("query", ["ack=explicit", "ack=yes&client_id=c"])
async def test_a_stream_that_asks_for_acks_wrongly_is_refused(
    nats_server: NatsServer, query: str
) -> None:
    async with live_bridge(nats_server) as bridge, bridge.client(f"/events?{query}") as client:
        assert client.status == 400
