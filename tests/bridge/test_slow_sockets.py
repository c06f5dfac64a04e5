"""Streams that end by the clock: sockets that take nothing, streams that grow old."""

from __future__ import annotations

import asyncio

import pytest

from jetbridge.embedded import NatsServer
from tests.support.bridge import live_bridge, plain_client, publish_many
from tests.support.waiting import eventually

BODY = b'{"pad":"' + b"x" * 10_000 + b'"}'


@pytest.mark.usefixtures("both_paths")
async def test_a_socket_that_takes_nothing_is_closed_after_the_timeout(
    nats_server: NatsServer,
) -> None:
    async with (
        live_bridge(nats_server, client_timeout_seconds=2, max_queue_size=20) as bridge,
        plain_client(nats_server) as nats,
    ):
        hub = bridge.bridge.hub
        stuck = await bridge.client().open()
        await stuck.until_event("caught-up")
        stuck.stop_reading()
        fine = await bridge.client().open()
        await fine.until_event("caught-up")
        await asyncio.gather(
            publish_many(nats, ["evt.default.a.-.custom.big"] * 2000, [BODY] * 2000),
            fine.events(2000),
        )
        await eventually(lambda: hub.counts["stalled"] == 1)
        await eventually(lambda: len(hub.subscribers) == 1)
        await fine.close()
        await stuck.close()


@pytest.mark.usefixtures("both_paths")
async def test_an_old_stream_is_ended_politely_and_resumes(nats_server: NatsServer) -> None:
    async with (
        live_bridge(nats_server, max_stream_seconds=0.4) as bridge,
        plain_client(nats_server) as nats,
    ):
        client = await bridge.client().open()
        frames = await client.rest()
        assert frames[-1].event == "draining"
        assert frames[-1].retry == frames[-1].json["retry_ms"]
        (sequence,) = await publish_many(nats, ["evt.default.a.-.custom.x"], [b"{}"])
        await client.reopen()
        assert (await client.events(1))[0].sequence == sequence
        await client.close()
