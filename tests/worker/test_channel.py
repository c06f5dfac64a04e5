"""The events of one attempt, and who may come between them."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from nats.aio.client import Client

from jetbridge_publishers.connection import jetstream
from jetbridge_publishers.storing import store
from jetbridge_publishers.task_address import TaskAddress
from jetbridge_publishers.task_history import HistoryError, read_events, read_whole
from jetbridge_publishers.worker.channel import Channel
from jetbridge_publishers.worker.errors import SupersededError
from jetbridge_schemas import TaskState, WorkflowFailed, WorkflowStarted, WorkflowStepStarted

ADDRESS = TaskAddress("default", "a", "t")
STAMP: dict[str, Any] = {"agent_id": "a", "task_id": "t", "timestamp": "2026-01-02T03:04:05Z"}


@pytest.fixture
async def channel(client: Client) -> Channel:
    """The channel of a first attempt."""
    channel = Channel(lambda: client, ADDRESS, TaskState())
    await channel.emit(WorkflowStarted(**STAMP, attempt=1))
    return channel


async def somebody_tells(client: Client, type: str, body: bytes = b"{}", *, id: str = "") -> int:
    headers = {"Nats-Msg-Id": id} if id else {}
    return await store(lambda: client, ADDRESS.event(type), body, headers, within_seconds=5)


async def types(client: Client) -> list[str]:
    return [event.type for event in await read_events(client, ADDRESS.events)]


async def test_events_of_other_publishers_do_not_disturb(client: Client, channel: Channel) -> None:
    await somebody_tells(client, "calculation.progress")
    await channel.emit(WorkflowStepStarted(**STAMP, step="one"))
    await somebody_tells(client, "note")
    await channel.emit({"type": "text", "content": "x"}, type="chat.text")
    await channel.emit(WorkflowStepStarted(**STAMP, step="two"))
    assert channel.state.open_steps == ("one", "two")
    assert (await types(client))[3:] == ["note", "chat.text", "WorkflowStepStarted"]


async def test_another_start_is_the_end_of_this_attempt(client: Client, channel: Channel) -> None:
    other = Channel(lambda: client, ADDRESS, channel.state)
    await other.emit(WorkflowStarted(**STAMP, attempt=2))
    with pytest.raises(SupersededError):
        await channel.emit({"type": "text", "content": "late"}, type="chat.text")
    assert await types(client) == ["WorkflowStarted", "WorkflowStarted"]


async def test_an_end_told_by_somebody_else_is_the_end(client: Client, channel: Channel) -> None:
    other = Channel(lambda: client, ADDRESS, channel.state)
    await other.emit(WorkflowFailed(**STAMP, error="given up"))
    with pytest.raises(SupersededError):
        await channel.emit(WorkflowFailed(**STAMP, error="mine"))
    assert (await types(client)).count("WorkflowFailed") == 1


async def test_an_event_whose_answer_was_lost_is_stored_once(
    client: Client, channel: Channel
) -> None:
    body = b'{"agent_id":"a","task_id":"t","timestamp":"x","step":"one"}'
    stored = await somebody_tells(client, "WorkflowStepStarted", body, id="mine")
    assert await channel.emit(WorkflowStepStarted(**STAMP, step="one"), id="mine") == stored
    await channel.emit(WorkflowStepStarted(**STAMP, step="two"))
    assert (await types(client)).count("WorkflowStepStarted") == 2


async def test_a_task_that_outlives_its_own_events_goes_on(
    client: Client, channel: Channel
) -> None:
    await jetstream(client).purge_stream("EVT")
    await channel.emit({"type": "text", "content": "x"}, type="chat.text")
    await channel.emit(WorkflowStepStarted(**STAMP, step="one"))
    assert await types(client) == ["chat.text", "WorkflowStepStarted"]


async def test_giving_up_waiting_does_not_tear_the_order(client: Client, channel: Channel) -> None:
    step = asyncio.create_task(channel.emit(WorkflowStepStarted(**STAMP, step="one")))
    await asyncio.sleep(0)
    step.cancel()
    await channel.emit(WorkflowStepStarted(**STAMP, step="two"))
    assert channel.state.open_steps == ("one", "two")


async def test_events_that_cannot_be_read_are_an_error_that_says_so(client: Client) -> None:
    await jetstream(client).delete_stream("EVT")
    with pytest.raises(HistoryError, match="stream not found") as error:
        await read_events(client, ADDRESS.events)
    assert "EVT" in error.value.hint


async def test_a_history_that_grows_can_be_read(client: Client, channel: Channel) -> None:
    async def go_on() -> None:
        while True:
            await channel.emit({"type": "text", "content": "x"}, type="chat.text")

    going_on = asyncio.create_task(go_on())
    before = 0
    for _ in range(20):
        events = await read_whole(client, ADDRESS.events)
        assert len(events) >= before
        before = len(events)
        later = await read_whole(client, ADDRESS.events, after=events[-1].sequence)
        assert all(each.sequence > events[-1].sequence for each in later)
    going_on.cancel()
    assert await read_whole(client, "evt.default.nobody.>") == []


async def test_a_history_with_what_is_no_event_in_it_can_be_read(client: Client) -> None:
    first = await somebody_tells(client, "WorkflowStarted", b"not json")
    second = await somebody_tells(client, "note", b'{ "a": 1 }')
    events = await read_events(client, ADDRESS.events)
    assert [(each.sequence, each.json) for each in events] == [(first, b""), (second, b'{"a":1}')]
    assert await read_events(client, ADDRESS.events, after=second) == []
