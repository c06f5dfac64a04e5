"""What cannot be delivered is skipped, announced once, and stops nobody."""

from __future__ import annotations

import logging
from pathlib import Path

import msgspec
import pytest
from nats.aio.client import Client

from jetbridge.dead_letter_office import tenant_of
from jetbridge.embedded import NatsServer
from jetbridge_schemas.codec import MAX_EVENT_BYTES
from jetbridge_schemas.dead_letters import DeadLetter
from tests.support.bad_messages import BAD_SUBJECT, SCHEMA, TOO_LARGE, WRONG, publish_bad
from tests.support.bridge import LiveBridge, context, live_bridge, plain_client, publish
from tests.support.crowd import delivered, watching
from tests.support.raw_http import ask
from tests.support.waiting import eventually


async def letters(nats: Client) -> list[DeadLetter]:
    """All dead letters announced so far, in order of announcement."""
    js = context(nats)
    last = (await js.stream_info("DLQ")).state.last_seq
    found: list[DeadLetter] = []
    for sequence in range(1, last + 1):
        message = await js.get_msg("DLQ", sequence)
        letter = msgspec.json.decode(message.data or b"", type=DeadLetter)
        assert message.subject == f"dlq.{tenant_of(letter)}.{letter.reason}"
        found.append(letter)
    return found


async def announced(nats: Client, count: int) -> list[DeadLetter]:
    async def all_there() -> bool:
        return (await context(nats).stream_info("DLQ")).state.last_seq >= count

    await eventually(all_there)
    return await letters(nats)


async def neighbour(nats: Client, number: int) -> int:
    return await publish(nats, "evt.default.a.-.custom.x", {"n": number})


async def test_every_kind_is_announced_with_its_reason_while_its_neighbours_are_delivered(
    nats_server: NatsServer,
) -> None:
    async with (
        live_bridge(nats_server) as bridge,
        plain_client(nats_server) as nats,
        watching(bridge, ["/events"]) as (live,),
    ):
        first = await neighbour(nats, 0)
        for number, bad in enumerate(WRONG, 1):
            await publish_bad(nats_server, bad)
            await neighbour(nats, number)
        events = await live.events(len(WRONG) + 1)
        assert [frame.json["n"] for frame in events] == list(range(len(WRONG) + 1))
        assert [frame.sequence - first for frame in events] == [2 * n for n in range(len(events))]
        found = await announced(nats, len(WRONG))
        assert [letter.sequence - first for letter in found] == [
            2 * number - 1 for number in range(1, len(WRONG) + 1)
        ]
        for letter, bad in zip(found, WRONG, strict=True):
            assert bad.explains(letter), (letter, bad)
            assert letter.timestamp.endswith("Z")
        reasons = {bad.reason for bad in WRONG}
        counts = bridge.bridge.dead_letters.counts
        assert counts == {r: sum(bad.reason is r for bad in WRONG) for r in reasons}


@pytest.fixture
def roomy_server(tmp_path: Path) -> NatsServer:
    config = tmp_path / "roomy.conf"
    config.write_text("max_payload: 8MB\nmax_pending: 64MB\n")
    return NatsServer(tmp_path / "roomy", config=config)


async def test_an_event_may_have_a_mebibyte_and_no_byte_more(roomy_server: NatsServer) -> None:
    with roomy_server:
        async with live_bridge(roomy_server) as bridge, plain_client(roomy_server) as nats:
            frame = b'{"a":""}'
            largest = frame.replace(b'""', b'"' + b"x" * (MAX_EVENT_BYTES - len(frame)) + b'"')
            async with watching(bridge, ["/events"]) as (live,):
                await publish(nats, "evt.default.a.-.custom.x", largest)
                await publish(nats, "evt.default.a.-.custom.x", largest + b" ")
                await publish(nats, "evt.default.a.-.custom.x", b"[" + b"1," * 2_000_000 + b"1]")
                await neighbour(nats, 1)
                events = await live.events(2)
            assert [len(frame.data) for frame in events] == [MAX_EVENT_BYTES, len('{"n":1}')]
            found = await announced(nats, 2)
            assert {letter.reason for letter in found} == {TOO_LARGE}
            async with (
                live_bridge(roomy_server, ring_max_events=0) as replaying,
                watching(replaying, ["/events?from=earliest"]) as (client,),
            ):
                assert [f.data for f in delivered(client)] == [f.data for f in events]
            assert len(await letters(nats)) == 2


async def test_a_dead_letter_is_announced_once_whoever_meets_it(nats_server: NatsServer) -> None:
    async with plain_client(nats_server) as nats:
        async with (
            live_bridge(nats_server) as one,
            live_bridge(nats_server, ring_max_events=0) as other,
        ):
            for bad in WRONG:
                await publish_bad(nats_server, bad)
            await neighbour(nats, 1)
            for bridge in (one, other):
                paths = ["/events?from=earliest", "/agents/a?from=earliest"]
                async with watching(bridge, paths) as clients:
                    assert [len(delivered(client)) for client in clients] == [1, 1]
            await announced(nats, len(WRONG))
        async with live_bridge(nats_server) as restarted:
            total = restarted.bridge.dead_letters.counts.total
            await eventually(lambda: total() == len(WRONG))
            await publish_bad(nats_server, WRONG[0])
            found = await announced(nats, len(WRONG) + 1)
    assert len({letter.sequence for letter in found}) == len(found) == len(WRONG) + 1


async def test_the_cursor_moves_past_dead_letters_at_the_end(nats_server: NatsServer) -> None:
    async with (
        live_bridge(nats_server, heartbeat_interval_seconds=0.05) as bridge,
        plain_client(nats_server) as nats,
        watching(bridge, ["/events"]) as (client,),
    ):
        last = await neighbour(nats, 1)
        await client.events(1)
        await publish_bad(nats_server, WRONG[0])
        await client.until(lambda f: f.event == "heartbeat" and f.sequence == last + 1)
        await client.reopen()
        await client.until_event("caught-up")
        assert client.frames[-1].json == {"last_seq": last + 1, "replayed": 0}
        page = await ask(bridge.url, "/api/v1/stream/events", accept="application/json")
        assert page.json["next"] == last + 2


async def test_off_and_warn_deliver_what_does_not_fit_its_schema(
    nats_server: NatsServer, caplog: pytest.LogCaptureFixture
) -> None:
    misfits = [bad for bad in WRONG if bad.reason is SCHEMA]

    async def lines_of(bridge: LiveBridge) -> list[str]:
        caplog.clear()
        async with watching(bridge, ["/events"]) as (client,):
            for bad in misfits:
                await publish_bad(nats_server, bad)
            await publish_bad(nats_server, WRONG[0])
            frames = await client.events(len(misfits))
        assert [frame.data.encode() for frame in frames] == [bad.body for bad in misfits]
        return [line for line in caplog.messages if "does not fit" in line]

    async with plain_client(nats_server) as nats:
        async with live_bridge(nats_server, validation="off") as bridge:
            assert not await lines_of(bridge)
            assert [letter.reason for letter in await announced(nats, 1)] == [BAD_SUBJECT]
        async with live_bridge(nats_server, validation="warn", ring_max_events=0) as bridge:
            assert len(await lines_of(bridge)) == len(misfits)
            assert [letter.reason for letter in await announced(nats, 2)] == [BAD_SUBJECT] * 2


async def test_without_the_stream_of_dead_letters_events_flow_all_the_same(
    nats_server: NatsServer, caplog: pytest.LogCaptureFixture
) -> None:
    async with (
        live_bridge(nats_server) as bridge,
        plain_client(nats_server) as nats,
        watching(bridge, ["/events"]) as (client,),
    ):
        await context(nats).delete_stream("DLQ")
        with caplog.at_level(logging.WARNING, "jetbridge.dead_letters"):
            await publish_bad(nats_server, WRONG[0])
            await neighbour(nats, 1)
            await client.events(1)
            await eventually(lambda: "no stream DLQ" in caplog.text)


@pytest.mark.parametrize(
    ("subject", "tenant"),
    [
        ("evt.t1.a.-.x.*", "t1"),
        ("evt.=w6k.a", "é"),
        ("evt.*.a.-.x", "default"),
        ("evt.=!.a.-.x", "default"),
        ("evt", "default"),
        ("evt.", "default"),
        ("evt." + "é" * 300, "default"),
    ],
)
def test_a_letter_belongs_to_the_tenant_of_its_subject_if_that_is_one(
    subject: str, tenant: str
) -> None:
    letter = DeadLetter(
        sequence=1, subject=subject, reason=BAD_SUBJECT, message="", timestamp="2026-01-01"
    )
    assert tenant_of(letter) == tenant
