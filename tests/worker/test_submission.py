"""Submitting: each task once, whoever asks and however often."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import Any, cast

import msgspec
import pytest
from nats.aio.client import Client

from jetbridge_publishers.connection import jetstream
from jetbridge_publishers.publish_errors import (
    PublishRejectedError,
    PublishTimeoutError,
    QueueFullError,
)
from jetbridge_publishers.task_address import TaskAddress, consumer_name, task_id_of
from jetbridge_publishers.task_client import TaskClient
from jetbridge_publishers.task_errors import NoSuchTaskError
from jetbridge_publishers.worker import Task, Worker, Yielded
from jetbridge_schemas import InvalidIdError, TaskRequest, TaskStatus
from tests.support.waiting import eventually
from tests.worker.desk import AGENT, Desk


async def queued(client: Client) -> list[TaskRequest]:
    """The tasks in the queue of the agent, in order."""
    js = jetstream(client)
    state = (await js.stream_info("TASKS")).state
    messages = [
        await js.get_msg("TASKS", sequence)
        for sequence in range(state.first_seq, state.last_seq + 1)
    ]
    return [msgspec.json.decode(each.data or b"", type=TaskRequest) for each in messages]


async def test_a_request_is_submitted_once_however_often_it_is_made(desk: Desk) -> None:
    asking = [desk.tasks.submit(AGENT, "q", request_id="r") for _ in range(10)]
    submissions = await asyncio.gather(*asking)
    assert len({submission.task_id for submission in submissions}) == 1
    assert len({submission.sequence for submission in submissions}) == 1
    assert [submission.repeated for submission in submissions].count(False) == 1
    assert [task.request_id for task in await queued(desk.client)] == ["r"]
    assert await desk.types(submissions[0].task_id) == ["task.submitted"]


async def test_different_requests_are_different_tasks(desk: Desk) -> None:
    one = await desk.tasks.submit(AGENT, "q", request_id="r1")
    two = await desk.tasks.submit(AGENT, "q", request_id="r2")
    three = await desk.tasks.submit(AGENT, "q")
    four = await desk.tasks.submit(AGENT, "q")
    assert len({each.task_id for each in (one, two, three, four)}) == 4
    assert not any(each.repeated for each in (one, two, three, four))


async def test_a_repeated_submission_changes_nothing(desk: Desk) -> None:
    await desk.tasks.submit(AGENT, "first", task_id="t", user_id="u")
    again = await desk.tasks.submit(AGENT, "second", task_id="t")
    assert again.repeated
    (task,) = await queued(desk.client)
    assert (task.query, task.user_id) == ("first", "u")


async def test_a_task_is_created_first_and_queued_when_it_is_to_be_done(desk: Desk) -> None:
    created = await desk.tasks.create(
        AGENT, description="d", user_id="u", task_parameters={"model": "gpt-4", "budget": 1}
    )
    id = created.task_id
    assert (await desk.tasks.state(AGENT, id)).status is TaskStatus.CREATED
    assert await queued(desk.client) == []
    done = await desk.tasks.submit(AGENT, "q", task_id=id, task_parameters={"budget": 2})
    assert not done.repeated
    assert done.sequence > created.sequence
    (task,) = await queued(desk.client)
    assert (task.task_id, task.query, task.description, task.user_id) == (id, "q", "d", "u")
    assert task.task_parameters == {"model": "gpt-4", "budget": 2}
    assert (await desk.tasks.state(AGENT, id)).status is TaskStatus.QUEUED
    assert (await desk.tasks.submit(AGENT, "again", task_id=id)).repeated
    assert (await desk.tasks.create(AGENT, task_id=id)).repeated


async def test_a_submission_that_broke_off_is_completed_by_the_next(desk: Desk) -> None:
    await jetstream(desk.client).delete_stream("TASKS")
    hasty = TaskClient(desk.client, within_seconds=0.1)
    with pytest.raises(PublishTimeoutError, match=r"task\.default"):
        await hasty.submit(AGENT, "q", request_id="r")
    await cast("Any", jetstream(desk.client)).add_stream(name="TASKS", subjects=["task.>"])
    assert (await desk.tasks.submit(AGENT, "q", request_id="r")).repeated
    assert [task.query for task in await queued(desk.client)] == ["q"]


async def test_a_task_that_is_in_the_queue_twice_is_done_once(desk: Desk) -> None:
    """As after a second submission later than TASKS remembers the first."""
    worker = Worker(desk.client, agent=AGENT)
    gate = asyncio.Event()

    @worker.task
    async def wait(task: Task) -> AsyncGenerator[Yielded]:
        yield f"begun {task.attempt}"
        await gate.wait()

    body = b'{"task_id":"t","agent_id":"agent:1"}'
    js = jetstream(desk.client)
    async with worker:
        await js.publish(f"task.default.{AGENT}", body)
        await desk.has_said("t", "begun 1")
        other = Worker(desk.client, agent=AGENT)
        other.task(wait)
        async with other:
            await js.publish(f"task.default.{AGENT}", body)
            await eventually(lambda: only_one_is_left(desk))
        gate.set()
        await desk.over("t")
        await js.publish(f"task.default.{AGENT}", body)
        await desk.queue_is_empty()
    assert await desk.texts("t") == ["begun 1"]


async def only_one_is_left(desk: Desk) -> bool:
    return (await jetstream(desk.client).stream_info("TASKS")).state.messages == 1


async def test_a_full_queue_refuses_at_once(desk: Desk) -> None:
    js = jetstream(desk.client)
    config: Any = (await js.stream_info("TASKS")).config
    await cast("Any", js).update_stream(config.evolve(max_msgs_per_subject=2))
    await desk.submit()
    await desk.submit()
    with pytest.raises(QueueFullError, match="maximum messages per subject"):
        await desk.submit()
    await desk.tasks.submit("another agent")


async def test_a_task_that_is_too_large_is_refused(desk: Desk) -> None:
    with pytest.raises(PublishRejectedError, match="bytes"):
        await desk.submit("x" * 2_000_000, task_id="t")
    with pytest.raises(NoSuchTaskError):
        await desk.tasks.state(AGENT, "t")


@pytest.mark.parametrize("id", ["", "x" * 257, "\ud800"])
async def test_what_is_no_id_is_refused(desk: Desk, id: str) -> None:
    with pytest.raises(InvalidIdError):
        await desk.tasks.submit(AGENT, task_id=id)
    with pytest.raises(InvalidIdError):
        await desk.tasks.submit(id)


async def test_tenants_do_not_see_each_others_tasks(desk: Desk) -> None:
    other = TaskClient(desk.client, tenant="t2")
    await other.submit(AGENT, "q", task_id="t")
    with pytest.raises(NoSuchTaskError):
        await desk.tasks.state(AGENT, "t")
    assert await desk.tasks.agents() == []
    assert [agent.queued for agent in await other.agents()] == [1]


def test_names_are_readable_fit_and_nobody_elses() -> None:
    assert consumer_name("default", "agent:1") == "default=agent:1"
    assert consumer_name("default", "a b") == "default==YSBi"
    long = consumer_name("t" * 128, "é" * 128)
    assert len(long) <= 255
    assert long != consumer_name("t" * 128, "e" * 128)
    ids = [
        task_id_of(*parts) for parts in (("t", "a", "r"), ("t", "ar", ""), ("ta", "r", "\ud800"))
    ]
    assert len(set(ids)) == 3


def test_a_task_has_one_address_for_everything() -> None:
    address = TaskAddress("default", "a", "t 1")
    assert address.queue == "task.default.a"
    assert address.control == "ctl.default.a.=dCAx"
    assert address.events == "evt.default.a.=dCAx.>"
    assert address.lifecycle == "evt.default.a.=dCAx.*"
    assert address.event("chat.text") == "evt.default.a.=dCAx.chat.text"
