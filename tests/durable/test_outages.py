"""Bridges and servers die without a word: events come twice then, but never not at all."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from nats.aio.client import Client

from jetbridge.embedded import NatsServer
from tests.durable.clients import SUBJECT, gone, position, settled, stored_at
from tests.support import operator
from tests.support.bridge import live_bridge, publish
from tests.support.bridge_process import BridgeProcess
from tests.support.sse import CONTROL, Frame
from tests.support.stubborn import StubbornPublisher
from tests.support.waiting import eventually

QUICK = {"cursor_checkpoint_seconds": 0.05}
ONLY_AT_THE_END = {"cursor_checkpoint_seconds": 3600}


@asynccontextmanager
async def publishing(publisher: StubbornPublisher) -> AsyncGenerator[None]:
    """Publish without a pause until the block ends."""
    stop = asyncio.Event()

    async def work() -> None:
        while not stop.is_set():
            await publisher.publish()
            await asyncio.sleep(0.002)

    task = asyncio.create_task(work())
    try:
        yield
    finally:
        stop.set()
        await task


def sequences(frames: list[Frame]) -> list[int]:
    """Of the events among these frames."""
    return [frame.sequence for frame in frames if frame.event not in CONTROL]


async def stored_from(url: str, sequence: int) -> None:
    """Wait until the place is stored at a sequence, or after it."""

    async def check() -> bool:
        return await position(url) >= sequence

    await eventually(check)


async def test_a_bridge_that_is_killed_costs_duplicates_and_no_event(
    nats_server: NatsServer, nats: Client, tmp_path: Path, backend: str
) -> None:
    settings = {"cursor_backend": backend, "cursor_checkpoint_seconds": 0.1}
    publisher = StubbornPublisher(nats, SUBJECT)
    async with BridgeProcess(nats_server.url, tmp_path / "log", settings=settings) as bridge:
        client, _ = await settled(bridge.url)
        async with publishing(publisher):
            seen = sequences(await client.events(20))
            for _ in range(2):
                await stored_from(bridge.url, mark := seen[-1])
                seen += sequences(await client.events(20))
                await bridge.kill()
                # What was written to its socket counts as had, read or not.
                seen += sequences(await client.rest())
                await client.close()
                await bridge.start()
                client, replayed = await settled(bridge.url)
                again = sequences(replayed) + sequences(await client.events(20))
                assert mark < again[0] <= seen[-1] + 1
                assert again == list(range(again[0], again[-1] + 1))
                seen += [sequence for sequence in again if sequence > seen[-1]]
        seen += sequences(await client.events(len(publisher.stored) - len(seen)))
        assert seen == publisher.stored
        await client.close()


async def test_a_bridge_that_drains_stores_every_place_before_it_exits(
    nats_server: NatsServer, nats: Client, tmp_path: Path, backend: str
) -> None:
    settings = ONLY_AT_THE_END | {"cursor_backend": backend, "drain_seconds": 0.2}
    async with BridgeProcess(nats_server.url, tmp_path / "log", settings=settings) as bridge:
        client, _ = await settled(bridge.url)
        last = await publish(nats, SUBJECT, {"n": 1})
        await client.events(1)
        assert await bridge.drain(within=10) == 0
        assert (await client.rest())[-1].event == "draining"
        await client.close()
    async with live_bridge(nats_server, cursor_backend=backend) as successor:
        assert await position(successor.url) == last


async def test_a_server_that_is_killed_forgets_no_place(
    nats_server: NatsServer, nats: Client, backend: str
) -> None:
    async with live_bridge(nats_server, cursor_backend=backend, **QUICK) as bridge:
        client, _ = await settled(bridge.url)
        publisher = StubbornPublisher(nats, SUBJECT)
        before = await publisher.publish(3)
        await stored_at(bridge.url, before)
        await asyncio.to_thread(nats_server.kill)
        await asyncio.to_thread(nats_server.start)
        last = await publisher.publish(3)
        await client.events(6)
        await stored_at(bridge.url, last)
        await client.close()
        await gone(bridge)
        missed = await publisher.publish()
        client, replayed = await settled(bridge.url)
        assert [frame.sequence for frame in replayed] == [missed]
        await client.close()


async def test_a_client_that_leaves_while_nats_is_away_is_stored_when_it_is_back(
    nats_server: NatsServer, nats: Client, caplog: pytest.LogCaptureFixture
) -> None:
    async with live_bridge(nats_server, **QUICK) as bridge:
        durability = bridge.bridge.durability
        client, _ = await settled(bridge.url)
        last = await publish(nats, SUBJECT, {"n": 1})
        await client.events(1)
        await asyncio.to_thread(nats_server.kill)
        await eventually(lambda: not bridge.bridge.link.up)
        await client.close()
        rounds = durability.checkpoints.rounds
        await eventually(lambda: durability.checkpoints.rounds > rounds + 5)
        assert durability.health.failures > 1
        assert len(durability.registry) == 1
        await asyncio.to_thread(nats_server.start)
        await gone(bridge)
        assert await position(bridge.url) == last
    told = [record for record in caplog.records if record.name == "jetbridge.durable"]
    assert [record.levelno for record in told] == [logging.WARNING]


@pytest.mark.parametrize("moves", [True, False], ids=["that moves", "that rests"])
async def test_a_cursor_that_an_operator_deleted_is_made_again(
    nats_server: NatsServer, nats: Client, moves: bool
) -> None:
    async with live_bridge(nats_server, **QUICK) as bridge:
        client, _ = await settled(bridge.url)
        last = await publish(nats, SUBJECT, {"n": 1})
        await client.events(1)
        await stored_at(bridge.url, last)
        await operator.delete_consumers(nats)
        if moves:
            last = await publish(nats, SUBJECT, {"n": 2})
            await client.events(1)
            await stored_at(bridge.url, last)
        await client.close()
        await gone(bridge)
        assert await position(bridge.url) == last
