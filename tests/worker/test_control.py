"""Pausing, resuming and cancelling."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

import msgspec
import pytest
from nats.aio.client import Client

from jetbridge.embedded import NatsServer
from jetbridge_publishers.task_errors import NoSuchTaskError, TaskNotRunningError, TaskOverError
from jetbridge_publishers.worker import Task, TaskStoppedError, Worker, Yielded
from jetbridge_schemas import TaskControlReply, TaskStatus
from tests.support.waiting import eventually
from tests.worker.desk import AGENT, Desk
from tests.worker.processes import stuck_agent


class Counting:
    """A worker whose task counts, one number each time it may go on."""

    def __init__(self, client: Client, *, ack_wait_seconds: float = 30.0) -> None:
        self.worker = Worker(client, agent=AGENT, ack_wait_seconds=ack_wait_seconds)
        self.cleaned_up = False
        self.may_go_on = asyncio.Semaphore(0)
        self.worker.task(self.count)

    async def count(self, task: Task) -> AsyncGenerator[Yielded]:
        try:
            for number in range(1000):
                yield str(number)
                await self.may_go_on.acquire()
        finally:
            self.cleaned_up = True


async def test_a_paused_task_waits_and_goes_on_where_it_was(desk: Desk) -> None:
    counting = Counting(desk.client)
    async with counting.worker:
        id = await desk.submit()
        await desk.has_said(id, "0")
        assert (await desk.tasks.pause(AGENT, id, reason="lunch")).is_paused
        for _ in range(5):
            counting.may_go_on.release()
        await desk.has_told(id, "WorkflowPaused")
        state = await desk.tasks.state(AGENT, id)
        assert (state.status, state.pause_wanted) == (TaskStatus.PAUSED, True)
        before = await desk.told(id)
        assert before[-1].data["reason"] == "lunch"
        reply = await desk.tasks.resume(AGENT, id)
        assert (reply.is_paused, reply.attempt, reply.problem) == (False, 1, None)
        await desk.has_said(id, "5")
        assert await desk.texts(id) == ["0", "1", "2", "3", "4", "5"]
        after = (await desk.types(id))[len(before) :]
        assert after[0] == "WorkflowResumed"
        await desk.tasks.cancel(AGENT, id)
        await desk.over(id)


async def test_pausing_twice_is_pausing_once_and_resuming_what_runs_is_a_problem(
    desk: Desk,
) -> None:
    counting = Counting(desk.client)
    async with counting.worker:
        id = await desk.submit()
        await desk.has_said(id, "0")
        assert (await desk.tasks.resume(AGENT, id)).problem == "the task is not paused"
        assert (await desk.tasks.pause(AGENT, id)).problem is None
        assert (await desk.tasks.pause(AGENT, id)).problem is None
        counting.may_go_on.release()
        await desk.has_told(id, "WorkflowPaused")
        await desk.tasks.cancel(AGENT, id)
        state = await desk.over(id)
    assert state.status is TaskStatus.CANCELLED
    assert (await desk.types(id)).count("WorkflowPaused") == 1


async def test_a_running_task_is_cancelled_where_it_waits_and_may_clean_up(desk: Desk) -> None:
    counting = Counting(desk.client)
    async with counting.worker:
        id = await desk.submit()
        await desk.has_said(id, "0")
        await desk.tasks.cancel(AGENT, id, reason="enough")
        state = await desk.over(id)
        await desk.queue_is_empty()
    assert counting.cleaned_up
    assert (state.status, state.error) == (TaskStatus.CANCELLED, "cancelled")
    told = await desk.told(id)
    assert [event.type for event in told[-2:]] == ["task.cancelled", "WorkflowFailed"]
    assert told[-2].data["reason"] == "enough"


async def test_a_task_that_waits_is_cancelled_at_once_and_never_started(desk: Desk) -> None:
    id = await desk.submit()
    state = await desk.tasks.cancel(AGENT, id)
    assert state.status is TaskStatus.CANCELLED
    counting = Counting(desk.client)
    async with counting.worker:
        await desk.queue_is_empty()
    assert await desk.types(id) == ["task.submitted", "task.cancelled", "WorkflowFailed"]


async def test_a_task_whose_worker_has_died_is_cancelled_all_the_same(
    nats_server: NatsServer, desk: Desk
) -> None:
    with stuck_agent(nats_server.url, ack_wait_seconds=0.5) as process:
        id = await desk.submit()
        await desk.has_said(id, "begun 1")
        process.kill()
    state = await desk.tasks.cancel(AGENT, id)
    assert state.status is TaskStatus.CANCELLED
    async with Counting(desk.client, ack_wait_seconds=0.5).worker:
        await desk.queue_is_empty()
    assert (await desk.types(id)).count("WorkflowStarted") == 1


async def test_of_cancelling_and_starting_at_the_same_moment_one_comes_first(desk: Desk) -> None:
    counting = Counting(desk.client)
    async with counting.worker:
        ids = [await desk.submit() for _ in range(20)]
        cancelling = [desk.tasks.cancel(AGENT, id) for id in ids]
        await asyncio.gather(*cancelling)
        states = [await desk.over(id) for id in ids]
        await desk.queue_is_empty()
    assert {state.status for state in states} == {TaskStatus.CANCELLED}


async def test_what_is_over_or_was_never_there_cannot_be_cancelled(desk: Desk) -> None:
    with pytest.raises(NoSuchTaskError):
        await desk.tasks.cancel(AGENT, "never")
    id = await desk.submit()
    await desk.tasks.cancel(AGENT, id)
    with pytest.raises(TaskOverError, match="cancelled already"):
        await desk.tasks.cancel(AGENT, id)


async def test_only_a_task_that_a_worker_has_can_be_paused(desk: Desk) -> None:
    id = await desk.submit()
    with pytest.raises(TaskNotRunningError):
        await desk.tasks.pause(AGENT, id)


async def test_code_that_ignores_its_cancelling_can_tell_nothing_more(desk: Desk) -> None:
    worker = Worker(desk.client, agent=AGENT)
    refused = asyncio.Event()

    @worker.task
    async def ignore(task: Task) -> AsyncGenerator[Yielded]:
        yield "begun"
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            assert task.cancelled
        try:
            await task.checkpoint()
        except TaskStoppedError:
            refused.set()
        yield "still here"
        yield "and on"

    async with worker:
        id = await desk.submit()
        await desk.has_said(id, "begun")
        await desk.tasks.cancel(AGENT, id)
        state = await desk.over(id)
    assert refused.is_set()
    assert state.status is TaskStatus.CANCELLED
    assert "and on" not in await desk.texts(id)


async def test_a_control_message_that_cannot_be_understood_is_answered(desk: Desk) -> None:
    counting = Counting(desk.client)
    async with counting.worker:
        id = await desk.submit()
        await desk.has_said(id, "0")
        subject = f"ctl.default.{AGENT}.{id}"
        answer = await desk.client.request(subject, b'{"action":"dance"}')
        reply = msgspec.json.decode(answer.data, type=TaskControlReply)
        assert "dance" in (reply.problem or "")
        await desk.client.publish(subject, b'{"action":"cancel"}')
        state = await desk.over(id)
    assert state.status is TaskStatus.CANCELLED
    assert "task.cancelled" in await desk.types(id)


async def test_the_worker_that_has_a_task_says_so(desk: Desk) -> None:
    counting = Counting(desk.client)
    async with counting.worker:
        assert await desk.tasks.ping(AGENT, "none") is None
        id = await desk.submit()
        await desk.has_said(id, "0")
        reply = await desk.tasks.ping(AGENT, id)
        assert reply is not None
        assert reply.worker_id == counting.worker.worker_id
        await desk.tasks.cancel(AGENT, id)
        await desk.over(id)

        async def is_gone() -> bool:
            return await desk.tasks.ping(AGENT, id) is None

        await eventually(is_gone)
