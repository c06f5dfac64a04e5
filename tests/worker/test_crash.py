"""Workers that die, freeze or are stopped in the middle of a task."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

import msgspec
from nats.aio.client import Client

from jetbridge.embedded import NatsServer
from jetbridge_publishers.connection import jetstream
from jetbridge_publishers.worker import Task, Worker, Yielded
from jetbridge_schemas import DeadLetter, DeadLetterReason, TaskStatus
from jetbridge_schemas.task_fold import fold_task
from tests.support.waiting import eventually
from tests.worker.desk import AGENT, Desk
from tests.worker.processes import stuck_agent

ACK_WAIT_SECONDS = 1.0


def able(client: Client, *, max_deliver: int = 3) -> Worker:
    """A worker that finishes what the stuck agent does not."""
    wait = ACK_WAIT_SECONDS
    worker = Worker(client, agent=AGENT, ack_wait_seconds=wait, max_deliver=max_deliver)

    async def finish(task: Task) -> AsyncGenerator[Yielded]:
        yield f"finished {task.attempt}"
        yield worker.result(task.attempt)

    worker.task(finish)
    return worker


async def test_a_task_whose_worker_is_killed_is_finished_by_another_within_the_ack_wait(
    nats_server: NatsServer, desk: Desk
) -> None:
    with stuck_agent(nats_server.url, ack_wait_seconds=ACK_WAIT_SECONDS) as process:
        id = await desk.submit("go on")
        await desk.has_said(id, "more")
        process.kill()
    async with able(desk.client):
        state = await desk.over(id, within=ACK_WAIT_SECONDS + 2)
        await desk.queue_is_empty()
    told = await desk.told(id)
    starts = [event for event in told if event.type == "WorkflowStarted"]
    assert [event.data["attempt"] for event in starts] == [1, 2]
    texts = await desk.texts(id)
    assert texts[0] == "begun 1"
    assert set(texts[1:-1]) == {"more"}
    assert texts[-1] == "finished 2"
    assert told.index(starts[1]) == len(told) - 3
    assert (state.status, state.result, state.attempt) == (TaskStatus.COMPLETED, 2, 2)


async def test_a_worker_that_thaws_after_its_task_was_taken_over_can_tell_nothing_more(
    nats_server: NatsServer, desk: Desk
) -> None:
    with stuck_agent(nats_server.url, ack_wait_seconds=ACK_WAIT_SECONDS) as process:
        id = await desk.submit("go on")
        await desk.has_said(id, "more")
        process.freeze()
        async with able(desk.client):
            await desk.over(id)
            process.thaw()

            async def is_let_go() -> bool:
                return await desk.tasks.ping(AGENT, id) is None

            await eventually(is_let_go)
            await desk.queue_is_empty()
        assert process.terminate() == 0
    assert (await desk.types(id))[-1] == "WorkflowCompleted"
    assert (await desk.over(id)).result == 2


async def test_a_task_that_loses_every_worker_is_given_up(
    nats_server: NatsServer, desk: Desk
) -> None:
    id = ""
    for attempt in (1, 2):
        with stuck_agent(nats_server.url, ack_wait_seconds=0.5) as process:
            id = id or await desk.submit()
            await desk.has_said(id, f"begun {attempt}")
            process.kill()
    async with able(desk.client, max_deliver=2):
        state = await desk.over(id)
        await desk.queue_is_empty()
    assert (state.status, state.error_type) == (TaskStatus.FAILED, "max_deliveries")
    assert state.error == "given up: 2 attempts have lost their worker"
    subject = "dlq.default.max_deliveries"
    stored = await jetstream(desk.client).get_last_msg("DLQ", subject)
    letter = msgspec.json.decode(stored.data or b"", type=DeadLetter)
    assert letter.reason is DeadLetterReason.MAX_DELIVERIES
    assert (letter.sequence, letter.subject) == (state.ended_sequence, f"task.default.{AGENT}")


async def test_a_turn_that_was_complete_when_its_worker_died_is_not_done_again(
    nats_server: NatsServer, desk: Desk
) -> None:
    with stuck_agent(nats_server.url, ack_wait_seconds=ACK_WAIT_SECONDS) as process:
        id = await desk.submit("end the turn first")
        await desk.has_told(id, "chat.complete")
        process.kill()
    async with able(desk.client):
        state = await desk.over(id)
    assert await desk.texts(id) == ["begun 1"]
    assert (state.status, state.ended_by) == (TaskStatus.COMPLETED, "chat.complete")
    assert (await desk.told(id))[-1].data["result"] == {"answer": "42"}


async def test_a_worker_that_is_stopped_finishes_what_it_can(desk: Desk) -> None:
    worker = Worker(desk.client, agent=AGENT)
    gate = asyncio.Event()

    @worker.task
    async def work(task: Task) -> AsyncGenerator[Yielded]:
        yield "begun"
        await gate.wait()
        yield "finished"

    await worker.start()
    id = await desk.submit()
    await desk.has_said(id, "begun")
    stopping = asyncio.create_task(worker.stop())
    later = await desk.submit()
    gate.set()
    await stopping
    assert (await desk.over(id)).status is TaskStatus.COMPLETED
    assert (await desk.tasks.state(AGENT, later)).status is TaskStatus.QUEUED


async def test_a_worker_that_is_stopped_hands_over_what_it_cannot_finish(
    nats_server: NatsServer, desk: Desk
) -> None:
    with stuck_agent(nats_server.url, ack_wait_seconds=30) as process:
        id = await desk.submit()
        await desk.has_said(id, "begun 1")
        assert process.terminate() == 0
    state = await desk.tasks.state(AGENT, id)
    assert (state.status, state.hand_overs, state.used_attempts) == (TaskStatus.PAUSED, 1, 0)
    async with able(desk.client, max_deliver=1):
        state = await desk.over(id, within=5)
    assert (state.status, state.attempt) == (TaskStatus.COMPLETED, 2)
    assert "WorkflowPaused" in await desk.types(id)


async def test_code_that_blocks_the_event_loop_loses_its_task_but_does_not_double_it(
    desk: Desk,
) -> None:
    """The loop of the stuck worker is the test's own: a thread would not show it."""
    with_short_wait = Worker(desk.client, agent=AGENT, ack_wait_seconds=0.3, concurrency=2)
    blocked = asyncio.Event()

    @with_short_wait.task
    async def work(task: Task) -> AsyncGenerator[Yielded]:
        yield f"begun {task.attempt}"
        if task.attempt == 1:
            blocked.set()
            block_for(0.6)
        yield f"finished {task.attempt}"

    async with with_short_wait:
        id = await desk.submit()
        await blocked.wait()
        state = await desk.over(id)
        await desk.queue_is_empty()
    assert state.status is TaskStatus.COMPLETED
    past = await desk.tasks.history(AGENT, id)
    assert fold_task((each.sequence, each.type, each.json) for each in past).closed


def block_for(seconds: float) -> None:
    """What badly written code does."""
    loop = asyncio.get_running_loop()
    until = loop.time() + seconds
    while loop.time() < until:
        pass


async def test_a_task_that_is_paused_stays_so_when_its_worker_dies(
    nats_server: NatsServer, desk: Desk
) -> None:
    with stuck_agent(nats_server.url, ack_wait_seconds=ACK_WAIT_SECONDS) as process:
        id = await desk.submit("go on")
        await desk.has_said(id, "more")
        await desk.tasks.pause(AGENT, id)
        await desk.has_told(id, "WorkflowPaused")
        process.kill()
    async with able(desk.client):
        await desk.has_told(id, "WorkflowPaused", times=2)
        assert (await desk.types(id))[-2:] == ["WorkflowStarted", "WorkflowPaused"]
        reply = await desk.tasks.resume(AGENT, id)
        assert (reply.is_paused, reply.problem) == (False, None)
        state = await desk.over(id)
    assert (state.status, state.attempt) == (TaskStatus.COMPLETED, 2)
