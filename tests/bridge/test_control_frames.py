"""What the bridge itself says on a stream."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from jetbridge.embedded import NatsServer
from tests.support.bridge import PREFIX, context, live_bridge, plain_client, publish
from tests.support.crowd import delivered, drained, watching
from tests.support.raw_http import ask
from tests.support.sse import Frame, SseClient

pytestmark = pytest.mark.usefixtures("both_paths")


def controls(client: SseClient, name: str) -> int:
    return [frame.event for frame in client.frames].count(name)


async def test_a_whole_stream_is_byte_for_byte_what_the_contract_says(
    nats_server: NatsServer,
) -> None:
    async with live_bridge(nats_server) as bridge, plain_client(nats_server) as nats:
        first = await publish(nats, "evt.default.agent:001.job:1.agent.note", {"n": 1})
        last = await publish(nats, "evt.default.agent:001.-.agent.note", {"text": "é\u2028"})
        path = f"{PREFIX}/agents/agent%3A001?from=earliest&until=0s"
        answer = await ask(bridge.url, path, accept="text/event-stream")
        opening, _, rest = answer.body.decode().partition("\n\n")
        head, _, data = opening.partition("data: ")
        assert head == f"retry: 3000\nid: {first - 1}\nevent: connected\n"
        connected = json.loads(data)
        assert connected.pop("client_id")
        contract = {
            "status": "connected",
            "stream": "agent:001",
            "cursor": first - 1,
            "first_seq": first,
            "last_seq": last,
            "resumed": False,
        }
        assert connected.items() >= contract.items()
        assert rest == (
            f"id: {first}\n"
            "event: agent.note\n"
            'data: {"n":1}\n'
            "\n"
            f"id: {last}\n"
            "event: agent.note\n"
            'data: {"text":"\\u00e9\\u2028"}\n'
            "\n"
            f"id: {last}\n"
            "event: caught-up\n"
            f'data: {{"last_seq":{last},"replayed":2}}\n'
            "\n"
        )


async def test_connected_names_the_stream_and_the_client(nats_server: NatsServer) -> None:
    async with live_bridge(nats_server) as bridge:
        paths = {"/events": "global", "/agents/agent:1": "agent:1", "/jobs/a%20b": "a b"}
        async with watching(bridge, paths) as clients:
            openings = [client.frames[0] for client in clients]
        assert [frame.event for frame in openings] == ["connected"] * 3
        assert [frame.retry for frame in openings] == [3000] * 3
        assert [frame.json["stream"] for frame in openings] == list(paths.values())
        assert len({frame.json["client_id"] for frame in openings}) == 3


async def test_caught_up_comes_once_when_replay_meets_live(nats_server: NatsServer) -> None:
    async with live_bridge(nats_server) as bridge, plain_client(nats_server) as nats:
        last = [await publish(nats, f"evt.default.a{n}.-.custom.x", {"n": n}) for n in range(3)][-1]
        async with watching(
            bridge, ["/events?from=earliest", "/events", "/agents/a1?from=earliest"]
        ) as clients:
            met = [client.frames[-1] for client in clients]
            assert [frame.json for frame in met] == [
                {"last_seq": last, "replayed": count} for count in (3, 0, 1)
            ]
            assert [frame.sequence for frame in met] == [last] * 3
            await publish(nats, "evt.default.a1.-.custom.x", {"n": 3})
            for client in clients:
                await client.events(1)
                assert controls(client, "caught-up") == 1


async def heartbeat_at(client: SseClient, sequence: int) -> Frame:
    """The first heartbeat whose id is at least this sequence."""
    frames = await client.until(lambda frame: frame.sequence >= sequence)
    assert {frame.event for frame in frames} == {"heartbeat"}
    return frames[-1]


async def test_heartbeats_move_the_cursor_of_a_client_that_gets_no_events(
    nats_server: NatsServer,
) -> None:
    async with (
        live_bridge(nats_server, heartbeat_interval_seconds=0.05) as bridge,
        plain_client(nats_server) as nats,
        watching(bridge, ["/agents/quiet"]) as (client,),
    ):
        for _ in range(2):
            await heartbeat_at(client, await publish(nats, "evt.default.noisy.-.custom.x", {}))
        last = await publish(nats, "evt.default.noisy.-.custom.x", {})
        beat = await heartbeat_at(client, last)
        assert (beat.sequence, beat.retry) == (last, None)
        assert list(beat.json) == ["timestamp"]
        assert beat.json["timestamp"].endswith("Z")
        age = datetime.now(UTC) - datetime.fromisoformat(beat.json["timestamp"])
        assert 0 <= age.total_seconds() < 30
        await client.reopen()
        await client.until_event("caught-up")
        assert client.frames[-1].json == {"last_seq": last, "replayed": 0}


async def test_heartbeats_come_at_the_interval_of_the_settings(nats_server: NatsServer) -> None:
    async with (
        live_bridge(nats_server, heartbeat_interval_seconds=0.2) as bridge,
        watching(bridge, ["/events"]) as (client,),
    ):
        times = [
            datetime.fromisoformat((await client.until_event("heartbeat")).json["timestamp"])
            for _ in range(4)
        ]
        # A busy machine may be late once, but not early: three pauses of 0.2 s.
        assert (times[-1] - times[0]).total_seconds() >= 0.5


async def test_without_heartbeats_there_are_none(nats_server: NatsServer) -> None:
    async with (
        live_bridge(nats_server, heartbeat_interval_seconds=0.02, enable_heartbeat=False) as silent,
        live_bridge(nats_server, heartbeat_interval_seconds=0.02) as bridge,
        watching(silent, ["/events"]) as (client,),
        watching(bridge, ["/events"]) as (other,),
        plain_client(nats_server) as nats,
    ):
        for _ in range(10):
            await other.until_event("heartbeat")
        await publish(nats, "evt.default.a.-.custom.x", {})
        await client.events(1)
        assert controls(client, "heartbeat") == 0


@pytest.mark.parametrize("ring_max_events", [20_000, 0], ids=["ring", "jetstream"])
async def test_a_gap_says_what_is_gone_and_everything_that_exists_follows(
    nats_server: NatsServer, ring_max_events: int
) -> None:
    async with (
        live_bridge(nats_server, ring_max_events=ring_max_events) as bridge,
        plain_client(nats_server) as nats,
    ):
        sequences = [await publish(nats, "evt.default.a.-.custom.x", {"n": n}) for n in range(10)]
        await context(nats).purge_stream("EVT", seq=sequences[6])
        client = bridge.client("/agents/a", last_event_id=str(sequences[2]))
        async with client:
            await client.until_event("caught-up")
        connected, gap, *rest = client.frames
        assert (connected.sequence, connected.json["resumed"]) == (sequences[2], True)
        assert (gap.event, gap.sequence) == ("gap", sequences[5])
        assert gap.json == {
            "requested": sequences[3],
            "first_available": sequences[6],
            "reason": "purged",
        }
        assert [frame.sequence for frame in rest[:-1]] == sequences[6:]


async def test_holes_made_by_a_filter_are_no_gap(nats_server: NatsServer) -> None:
    async with (
        live_bridge(nats_server, ring_max_events=0) as bridge,
        plain_client(nats_server) as nats,
    ):
        for n in range(20):
            await publish(nats, f"evt.default.a{n % 5}.-.custom.x", {"n": n})
        async with watching(bridge, ["/agents/a3?from=earliest"]) as (client,):
            assert len(delivered(client)) == 4
            assert controls(client, "gap") == 0


async def test_draining_says_when_to_come_back_and_ends_the_stream(
    nats_server: NatsServer,
) -> None:
    async with (
        live_bridge(nats_server) as bridge,
        plain_client(nats_server) as nats,
        watching(bridge, ["/events", "/agents/quiet"]) as clients,
    ):
        last = await publish(nats, "evt.default.a.-.custom.x", {})
        await drained(bridge, clients, upto=last)
        for client in clients:
            goodbye = client.frames[-1]
            assert goodbye.event == "draining"
            assert goodbye.json == {"retry_ms": goodbye.retry}
            assert goodbye.retry is not None
            assert 0 < goodbye.retry <= 10_000
        assert clients[0].frames[-1].sequence == last
