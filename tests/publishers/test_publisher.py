from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest
from nats.aio.client import Client
from nats.aio.msg import Msg

from jetbridge.embedded import NatsServer
from jetbridge_publishers.publish_errors import PublishBufferFullError, PublishRejectedError
from jetbridge_publishers.publisher import Publisher
from jetbridge_schemas.process_heat import AgentStatus, AgentStatusEnum, AlarmSeverityEnum
from tests.publishers.stored import numbers_by_agent, stored_events

pytestmark = pytest.mark.usefixtures("streams")

RUNNING = AgentStatus(agent_id="agent:001", status=AgentStatusEnum.RUNNING)
CONTEXT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


async def test_an_event_is_stored_as_compact_json_under_its_subject(
    nats_server: NatsServer, client: Client
) -> None:
    async with Publisher(nats_server.url) as publisher:
        sequence = await publisher.emit(RUNNING, agent="agent:001", job="job:1")
    (event,) = await stored_events(client)
    assert event.sequence == sequence
    assert event.subject == "evt.default.agent:001.job:1.agent.status"
    assert event.payload == b'{"agent_id":"agent:001","status":"RUNNING"}'


async def test_the_four_events_of_the_process_heat_guide_are_sent_by_name(
    nats_server: NatsServer, client: Client
) -> None:
    async with Publisher(nats_server.url) as publisher:
        await publisher.send_agent_status(
            agent_id="agent:001",
            status=AgentStatusEnum.RUNNING,
            current_step="Thermal Analysis",
            progress_percent=33,
            metadata={"steam_flow": 25.5},
        )
        await publisher.send_job_progress(
            job_id="job:1",
            agent_id="agent:001",
            progress_percent=20,
            current_step="Step 1: Thermal Analysis",
            step_number=1,
            total_steps=5,
            elapsed_seconds=1,
            estimated_total_seconds=5,
            details={"processed_records": 100},
        )
        await publisher.send_alarm_update(
            alarm_id="alarm:1",
            agent_id="agent:001",
            severity=AlarmSeverityEnum.CRITICAL,
            message="Pressure exceeded maximum safe operating limit",
            parameter="steam_pressure",
            current_value=9.5,
            threshold_value=9.0,
            metadata={"unit": "bar"},
        )
        await publisher.send_metrics(
            source_id="agent:001", metrics={"steam_pressure": 8.5}, unit="SI", metadata={"q": 1}
        )
    status, progress, alarm, metrics = await stored_events(client)
    assert status.subject == "evt.default.agent:001.-.agent.status"
    assert status.data["progress_percent"] == 33
    assert progress.subject == "evt.default.agent:001.job:1.calculation.progress"
    assert progress.data["details"] == {"processed_records": 100}
    assert alarm.subject == "evt.default.agent:001.-.alarm.update"
    assert alarm.data["severity"] == "CRITICAL"
    assert metrics.subject == "evt.default.agent:001.-.metrics.update"
    assert metrics.data["metrics"] == {"steam_pressure": 8.5}


async def test_status_and_severity_may_be_plain_words_but_not_any_words(
    nats_server: NatsServer, client: Client
) -> None:
    async with Publisher(nats_server.url) as publisher:
        await publisher.send_agent_status("a", "PAUSED")
        await publisher.send_alarm_update("x", "a", "ALERT", "hot")
        with pytest.raises(PublishRejectedError, match="'ASLEEP' is no status"):
            await publisher.send_agent_status("a", "ASLEEP")
        with pytest.raises(PublishRejectedError, match="'LOUD' is no severity"):
            await publisher.send_alarm_update("x", "a", "LOUD", "hot")
    assert len(await stored_events(client)) == 2


async def test_events_of_one_id_are_stored_once_and_share_the_sequence(
    nats_server: NatsServer, client: Client
) -> None:
    async with Publisher(nats_server.url) as one, Publisher(nats_server.url) as another:
        first = await one.emit({"n": 1}, agent="a", type="x", id="order-7")
        second = await another.emit({"n": 2}, agent="a", type="x", id="order-7")
    assert first == second
    assert [event.data for event in await stored_events(client)] == [{"n": 1}]


async def test_every_event_has_an_id_of_its_own(nats_server: NatsServer, client: Client) -> None:
    async with Publisher(nats_server.url) as one, Publisher(nats_server.url) as another:
        for publisher in (one, another, one):
            await publisher.emit({}, agent="a", type="x")
    ids = {event.headers["Nats-Msg-Id"] for event in await stored_events(client)}
    assert len(ids) == 3


async def test_messagepack_and_a_trace_context_are_told_in_headers(
    nats_server: NatsServer, client: Client
) -> None:
    async with Publisher(nats_server.url, encoding="msgpack", tenant="t1") as publisher:
        await publisher.emit({"n": 1}, agent="a", type="x", traceparent=CONTEXT)
    (event,) = await stored_events(client)
    assert event.subject == "evt.t1.a.-.x"
    assert event.payload == b"\x81\xa1n\x01"
    assert event.headers["Content-Type"] == "application/msgpack"
    assert event.headers["traceparent"] == CONTEXT


async def test_many_events_under_way_at_once_are_stored_in_the_order_of_emitting(
    nats_server: NatsServer, client: Client
) -> None:
    async with Publisher(nats_server.url, max_in_flight=64) as publisher:
        futures = [
            publisher.emit_nowait({"n": n}, agent=f"a{n % 3}", type="x") for n in range(3000)
        ]
        await publisher.flush()
        assert publisher.pending == 0
    events = await stored_events(client)
    assert [event.data["n"] for event in events] == list(range(3000))
    assert [future.result() for future in futures] == [event.sequence for event in events]


async def test_leaving_the_context_stores_what_is_pending(
    nats_server: NatsServer, client: Client
) -> None:
    async with Publisher(nats_server.url) as publisher:
        for n in range(500):
            publisher.emit_nowait({"n": n}, agent="a", type="x")
    assert numbers_by_agent(await stored_events(client)) == {"a": list(range(500))}


async def test_an_open_client_may_be_used_and_stays_open(client: Client) -> None:
    async with Publisher(client) as publisher:
        await publisher.emit({"n": 1}, agent="a", type="x")
    assert client.is_connected
    assert len(await stored_events(client)) == 1


async def test_a_full_buffer_is_an_error_and_not_silence(
    nats_server: NatsServer, client: Client
) -> None:
    async with Publisher(nats_server.url, max_pending=10) as publisher:
        for n in range(10):
            publisher.emit_nowait({"n": n}, agent="a", type="x")
        with pytest.raises(PublishBufferFullError, match="10 events wait"):
            publisher.emit_nowait({"n": 10}, agent="a", type="x")
        await publisher.flush()
        await publisher.emit({"n": 11}, agent="a", type="x")
    assert numbers_by_agent(await stored_events(client)) == {"a": [*range(10), 11]}


async def test_a_buffer_is_full_by_bytes_too(nats_server: NatsServer) -> None:
    async with Publisher(nats_server.url, max_pending_bytes=1000) as publisher:
        publisher.emit_nowait({"pad": "x" * 900}, agent="a", type="x")
        with pytest.raises(PublishBufferFullError):
            publisher.emit_nowait({"pad": "x" * 900}, agent="a", type="x")


async def test_giving_up_on_an_event_that_is_not_under_way_takes_it_back(
    nats_server: NatsServer, client: Client
) -> None:
    async with Publisher(nats_server.url) as publisher:
        kept = publisher.emit_nowait({"n": 1}, agent="a", type="x")
        publisher.emit_nowait({"n": 2}, agent="a", type="x").cancel()
        await kept
        await publisher.flush()
        assert publisher.pending == 0
    assert numbers_by_agent(await stored_events(client)) == {"a": [1]}


async def test_waiting_for_one_event_does_not_hold_up_others(
    nats_server: NatsServer, client: Client
) -> None:
    async with Publisher(nats_server.url) as publisher, asyncio.TaskGroup() as agents:
        for agent in ("a", "b", "c"):
            agents.create_task(emit_numbers(publisher, agent, 100))
    expected = {agent: list(range(100)) for agent in ("a", "b", "c")}
    assert numbers_by_agent(await stored_events(client)) == expected


async def emit_numbers(publisher: Publisher, agent: str, count: int) -> None:
    for n in range(count):
        await publisher.emit({"n": n}, agent=agent, type="x")


async def test_a_reply_that_is_no_acknowledgement_does_not_count_as_one(
    nats_server: NatsServer, client: Client
) -> None:
    async def chatter(message: Msg) -> None:
        await client.publish(message.reply, b"hello")

    await cast("Any", client).subscribe("evt.>", cb=chatter)
    await client.flush()
    async with Publisher(nats_server.url) as publisher:
        sequence = await publisher.emit({"n": 1}, agent="a", type="x")
    assert sequence > 1
    assert numbers_by_agent(await stored_events(client)) == {"a": [1]}
