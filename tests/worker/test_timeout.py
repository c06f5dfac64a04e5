"""Tasks that take longer than their worker allows."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

from jetbridge_publishers.worker import Task, Worker, Yielded
from jetbridge_publishers.worker.clock import WorkClock
from jetbridge_schemas import TaskStatus
from tests.worker.desk import AGENT, Desk


def test_a_clock_stands_still_while_it_is_paused() -> None:
    now = 100.0
    clock = WorkClock(lambda: now)
    now = 103.0
    assert clock.elapsed() == 3
    clock.pause()
    clock.pause()
    now = 200.0
    assert clock.elapsed() == 3
    clock.resume()
    clock.resume()
    now = 201.0
    assert clock.elapsed() == 4


async def test_a_task_out_of_time_is_told_and_goes_on(desk: Desk) -> None:
    worker = Worker(desk.client, agent=AGENT, timeout_seconds=0.05)
    gate = asyncio.Event()

    @worker.task
    async def work(task: Task) -> AsyncGenerator[Yielded]:
        await gate.wait()
        yield "finished"

    async with worker:
        id = await desk.submit(request_id="r")
        await desk.has_told(id, "chat.timeout")
        gate.set()
        state = await desk.over(id)
    assert state.status is TaskStatus.COMPLETED
    (timeout,) = [event for event in await desk.told(id) if event.type == "chat.timeout"]
    assert (timeout.data["action"], timeout.data["request_id"]) == ("continuing", "r")


async def test_a_task_out_of_time_is_told_and_stopped(desk: Desk) -> None:
    worker = Worker(desk.client, agent=AGENT, timeout_seconds=0.05, on_timeout="stop")
    cleaned_up = asyncio.Event()

    @worker.task
    async def work(task: Task) -> AsyncGenerator[Yielded]:
        try:
            await asyncio.Event().wait()
        finally:
            cleaned_up.set()
        yield "finished"

    async with worker:
        id = await desk.submit()
        state = await desk.over(id)
    assert cleaned_up.is_set()
    assert (state.status, state.error_type) == (TaskStatus.FAILED, "timeout")
    assert state.error == "timed out after 0.05 s"
    (_, _, timeout, _) = await desk.told(id)
    assert timeout.data["action"] == "stopping"


async def test_a_task_in_time_is_told_nothing(desk: Desk) -> None:
    worker = Worker(desk.client, agent=AGENT, timeout_seconds=30, on_timeout="stop")

    @worker.task
    async def work(task: Task) -> AsyncGenerator[Yielded]:
        yield "finished"

    async with worker:
        id = await desk.submit()
        await desk.over(id)
    assert "chat.timeout" not in await desk.types(id)


async def test_a_pause_takes_no_time(desk: Desk) -> None:
    worker = Worker(desk.client, agent=AGENT, timeout_seconds=0.3, on_timeout="stop")
    begun = asyncio.Event()

    @worker.task
    async def work(task: Task) -> AsyncGenerator[Yielded]:
        begun.set()
        while True:
            await asyncio.sleep(0.01)
            await task.checkpoint()
        yield "never"

    async with worker:
        id = await desk.submit()
        await begun.wait()
        await desk.tasks.pause(AGENT, id)
        await desk.has_told(id, "WorkflowPaused")
        (paused,) = [each for each in await desk.told(id) if each.type == "WorkflowPaused"]
        await asyncio.wait({asyncio.create_task(desk.has_told(id, "chat.timeout"))}, timeout=0.5)
        assert (await desk.told(id))[-1] == paused
        await desk.tasks.resume(AGENT, id)
        state = await desk.over(id)
    assert state.error_type == "timeout"
