"""What the publisher promises when NATS goes away or freezes."""

from __future__ import annotations

import asyncio
import random

import pytest
from nats.aio.client import Client

from jetbridge.embedded import NatsServer
from jetbridge_publishers.publish_errors import (
    PublishBufferFullError,
    PublishError,
    PublishTimeoutError,
)
from jetbridge_publishers.publisher import Publisher
from tests.publishers.emitting import AGENTS, Numbers, publisher_of
from tests.publishers.stored import numbers_by_agent, stored_at, stored_events
from tests.support.waiting import eventually


async def restart(server: NatsServer) -> None:
    await asyncio.to_thread(server.kill)
    await asyncio.to_thread(server.start)


async def several_attempts(client: Client) -> None:
    before = client.stats["out_msgs"]
    await eventually(lambda: client.stats["out_msgs"] > before + 4)


@pytest.mark.usefixtures("streams")
@pytest.mark.parametrize("kind", ["own", "the user's"])
async def test_events_emitted_over_a_power_cut_are_stored_once_and_in_order(
    nats_server: NatsServer, kind: str
) -> None:
    async with publisher_of(kind, nats_server.url) as publisher:
        numbers = Numbers(publisher)
        await eventually(lambda: min(numbers.emitted.values()) > 500)
        await asyncio.to_thread(nats_server.kill)
        await eventually(lambda: publisher.pending == 2000)
        await asyncio.to_thread(nats_server.start)
        before = dict(numbers.emitted)
        await eventually(lambda: all(numbers.emitted[a] > before[a] + 700 for a in AGENTS))
        expected = await numbers.stop()
        await publisher.flush()
    assert numbers_by_agent(await stored_at(nats_server.url)) == expected


@pytest.mark.usefixtures("streams")
@pytest.mark.parametrize("kind", ["own", "the user's"])
async def test_many_power_cuts_at_random_moments_lose_double_and_reorder_nothing(
    nats_server: NatsServer, kind: str
) -> None:
    seed = random.randrange(10**6)
    print(f"seed {seed}")  # noqa: T201 - to repeat a failure
    chance = random.Random(seed)
    async with publisher_of(kind, nats_server.url) as publisher:
        numbers = Numbers(publisher)
        for _ in range(8):
            goal = sum(numbers.emitted.values()) + chance.randrange(2000, 4000)
            await eventually(lambda goal=goal: sum(numbers.emitted.values()) > goal)
            await restart(nats_server)
        expected = await numbers.stop()
        await publisher.flush()
    assert numbers_by_agent(await stored_at(nats_server.url)) == expected


@pytest.mark.usefixtures("streams")
@pytest.mark.parametrize("kind", ["own", "the user's"])
async def test_a_server_that_freezes_and_then_dies_costs_neither_events_nor_their_order(
    nats_server: NatsServer, kind: str
) -> None:
    async with publisher_of(kind, nats_server.url) as publisher:
        numbers = Numbers(publisher)
        for _ in range(3):
            before = dict(numbers.emitted)
            await eventually(lambda b=before: all(numbers.emitted[a] > b[a] + 800 for a in AGENTS))
            nats_server.pause()
            await eventually(lambda: publisher.pending == 2000)
            await restart(nats_server)
        expected = await numbers.stop()
        await publisher.flush()
    assert numbers_by_agent(await stored_at(nats_server.url)) == expected


@pytest.mark.usefixtures("streams")
async def test_answers_that_come_late_are_not_lost_and_nothing_is_stored_twice(
    nats_server: NatsServer, client: Client
) -> None:
    async with Publisher(client, ack_timeout_seconds=0.05, max_pending=300) as publisher:
        numbers = Numbers(publisher)
        await eventually(lambda: min(numbers.emitted.values()) > 50)
        nats_server.pause()
        await eventually(lambda: publisher.pending == 300)
        expected = await numbers.stop()
        await several_attempts(client)
        nats_server.resume()
        await publisher.flush()
    assert numbers_by_agent(await stored_events(client)) == expected


@pytest.mark.usefixtures("streams")
async def test_an_outage_longer_than_allowed_is_an_error_for_every_event(
    nats_server: NatsServer, caplog: pytest.LogCaptureFixture
) -> None:
    async with Publisher(nats_server.url, retry_seconds=0.2, max_pending=5) as publisher:
        await asyncio.to_thread(nats_server.kill)
        events = [publisher.emit_nowait({"n": n}, agent="a", type="x") for n in range(5)]
        with pytest.raises(PublishTimeoutError, match="NATS is away"):
            await publisher.flush()
        assert all(isinstance(event.exception(), PublishTimeoutError) for event in events)
        assert publisher.pending == 0
    lines = [record for record in caplog.records if record.name == "jetbridge.publisher"]
    assert len(lines) == 1


@pytest.mark.usefixtures("streams")
async def test_a_full_buffer_says_that_nats_is_away(nats_server: NatsServer) -> None:
    async with Publisher(nats_server.url, max_pending=3, close_seconds=0) as publisher:
        await asyncio.to_thread(nats_server.kill)
        for n in range(3):
            publisher.emit_nowait({"n": n}, agent="a", type="x")

        async def full_because_away() -> bool:
            with pytest.raises(PublishBufferFullError) as caught:
                await publisher.emit({}, agent="a", type="x")
            return "NATS is away" in str(caught.value)

        await eventually(full_because_away)


@pytest.mark.usefixtures("streams")
async def test_closing_during_an_outage_waits_as_long_as_told_and_then_fails_the_rest(
    nats_server: NatsServer, caplog: pytest.LogCaptureFixture
) -> None:
    async with Publisher(nats_server.url, close_seconds=0.1) as publisher:
        await asyncio.to_thread(nats_server.kill)
        event = publisher.emit_nowait({"n": 1}, agent="a", type="x")
    with pytest.raises(PublishError, match="closed before the event was stored"):
        await event
    assert "not stored" in caplog.records[-1].message


@pytest.mark.usefixtures("streams")
async def test_closing_waits_for_an_outage_that_ends_in_time(nats_server: NatsServer) -> None:
    async with Publisher(nats_server.url, close_seconds=20) as publisher:
        await asyncio.to_thread(nats_server.kill)
        publisher.emit_nowait({"n": 1}, agent="a", type="x")
        starting = asyncio.create_task(asyncio.to_thread(nats_server.start))
    await starting
    assert numbers_by_agent(await stored_at(nats_server.url)) == {"a": [1]}
