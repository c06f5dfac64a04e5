"""What a task goes through from its submission to its end."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator
from typing import Any

import pytest
from nats.aio.client import Client

from jetbridge_publishers.connection import jetstream
from jetbridge_publishers.worker import Task, Worker, WorkerError, Yielded
from jetbridge_schemas import ChatThinking, TaskStatus
from tests.worker.desk import AGENT, Desk


async def test_a_task_is_queued_started_and_completed_with_its_result(desk: Desk) -> None:
    worker = Worker(desk.client, agent=AGENT, worker_id="w1")
    seen: list[Task] = []

    @worker.task
    async def answer(task: Task) -> AsyncGenerator[Yielded]:
        seen.append(task)
        yield "It is "
        yield "42."
        yield worker.result({"answer": 42})

    async with worker:
        asked = {"description": "d", "user_id": "u", "task_parameters": {"model": "gpt-4"}}
        id = await desk.submit("What is it?", **asked)
        state = await desk.over(id)
        await desk.queue_is_empty()
    (task,) = seen
    assert (task.task_id, task.agent_id, task.query) == (id, AGENT, "What is it?")
    assert (task.description, task.user_id, task.task_parameters) == ("d", "u", {"model": "gpt-4"})
    told = await desk.told(id)
    assert [event.type for event in told] == [
        "task.submitted",
        "WorkflowStarted",
        "chat.text",
        "chat.text",
        "WorkflowCompleted",
    ]
    started = told[1].data
    assert (started["attempt"], started["worker_id"], started["model"]) == (1, "w1", "gpt-4")
    assert (state.status, state.result) == (TaskStatus.COMPLETED, {"answer": 42})
    assert state.final_response == "It is 42."


async def test_steps_and_calls_are_timed_and_told(desk: Desk) -> None:
    worker = Worker(desk.client, agent=AGENT)

    @worker.task
    async def work(task: Task) -> AsyncGenerator[Yielded]:
        async with task.step("retrieve", total_steps=2, description="Look it up"):
            async with task.tool("search", {"q": task.query}) as call:
                call.result = ["found"]
                call.cost = 0.25
            async with task.llm("gpt-4", estimated_cost=0.5) as answer:
                answer.input_tokens, answer.output_tokens = 10, 20
                answer.cost = 0.125
        yield ChatThinking(thought="…")

    async with worker:
        id = await desk.submit("q", request_id="r")
        state = await desk.over(id)
    told = {event.type: event.data for event in await desk.told(id)}
    assert list(told) == [
        "task.submitted",
        "WorkflowStarted",
        "WorkflowStepStarted",
        "WorkflowToolCallStarted",
        "WorkflowToolCallCompleted",
        "WorkflowLLMCallStarted",
        "WorkflowLLMCallCompleted",
        "WorkflowStepCompleted",
        "chat.thinking",
        "WorkflowCompleted",
    ]
    assert told["WorkflowToolCallStarted"]["arguments"] == {"q": "q"}
    assert told["WorkflowToolCallStarted"]["step"] == "retrieve"
    assert told["WorkflowToolCallCompleted"]["result"] == ["found"]
    assert told["WorkflowLLMCallStarted"]["estimated_cost"] == 0.5
    assert told["WorkflowLLMCallCompleted"]["output_tokens"] == 20
    assert told["WorkflowStepCompleted"]["cost"] == 0.375
    assert told["WorkflowStepCompleted"]["elapsed_seconds"] >= 0
    assert told["chat.thinking"]["request_id"] == "r"
    assert (state.cost, state.tool_calls, state.llm_calls, state.progress) == (0.375, 1, 1, 100)


async def test_an_error_ends_the_task_and_only_the_log_has_its_traceback(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    worker = Worker(desk.client, agent=AGENT)

    @worker.task
    async def fail(task: Task) -> AsyncGenerator[Yielded]:
        yield "so far"
        async with task.tool("divide"):
            raise ZeroDivisionError("by zero, of all things")

    async with worker:
        id = await desk.submit()
        state = await desk.over(id)
        await desk.queue_is_empty()
    assert (state.status, state.error_type) == (TaskStatus.FAILED, "ZeroDivisionError")
    assert state.error == "by zero, of all things"
    told = {event.type: event.data for event in await desk.told(id)}
    assert told["WorkflowToolCallCompleted"]["error"] == "by zero, of all things"
    assert "Traceback" not in str(told)
    assert any(record.exc_info for record in caplog.records if record.name == "jetbridge.worker")


@pytest.mark.parametrize(
    ("bad", "problem"),
    [
        ({"type": "progress", "progress": 200}, "progress"),
        ({"no": "type"}, "no type"),
        ({"type": "chat..x"}, "empty part"),
        (7, "cannot yield int"),
    ],
)
async def test_an_event_that_is_not_valid_fails_the_task(
    desk: Desk, bad: Yielded, problem: str
) -> None:
    worker = Worker(desk.client, agent=AGENT)

    @worker.task
    async def babble(task: Task) -> AsyncGenerator[Yielded]:
        yield bad

    async with worker:
        state = await desk.over(await desk.submit())
    assert state.status is TaskStatus.FAILED
    assert problem in (state.error or "")


@pytest.mark.parametrize("result", [object(), "x" * 2_000_000])
async def test_a_result_that_cannot_be_told_fails_the_task(desk: Desk, result: object) -> None:
    worker = Worker(desk.client, agent=AGENT)

    @worker.task
    async def overdo(task: Task) -> AsyncGenerator[Yielded]:
        yield worker.result(result)

    async with worker:
        state = await desk.over(await desk.submit())
    assert (state.status, state.error_type) == (TaskStatus.FAILED, "PublishRejectedError")


async def test_long_queries_and_long_errors_do_no_harm(desk: Desk) -> None:
    worker = Worker(desk.client, agent=AGENT)

    @worker.task
    async def complain(task: Task) -> AsyncGenerator[Yielded]:
        yield "so far"
        raise ValueError(task.query * 2)

    async with worker:
        id = await desk.submit("x" * 1_000_000)
        state = await desk.over(id)
    assert (state.query, state.error_type) == ("x" * 1_000_000, "ValueError")
    assert len(state.error or "") == 2_000
    assert "query" not in (await desk.told(id))[1].data


async def test_a_session_has_an_end_of_its_own(desk: Desk) -> None:
    worker = Worker(desk.client, agent=AGENT, worker_id="w1")

    @worker.task
    async def react(task: Task) -> AsyncGenerator[Yielded]:
        yield {"type": "info", "message": "m", "aux": {"info_type": "smiles_init"}}
        if task.query == "fail":
            raise ValueError("no such molecule")

    async with worker:
        good, bad = await desk.submit(), await desk.submit("fail")
        await desk.over(good)
        await desk.over(bad)
    (_, _, info, completion, last) = await desk.told(good)
    assert (info.type, info.data["worker_id"]) == ("session.info", "w1")
    assert completion.data == {"_type": "completion", "status": "completed"}
    assert last.type == "WorkflowCompleted"
    (*_, completion, last) = await desk.told(bad)
    assert completion.data["error"] == "no such molecule"
    assert last.type == "WorkflowFailed"


async def test_a_chat_turn_that_ends_in_error_is_a_failed_task(desk: Desk) -> None:
    worker = Worker(desk.client, agent=AGENT)

    @worker.task
    async def apologise(task: Task) -> AsyncGenerator[Yielded]:
        yield {"type": "error", "error": "I do not know"}

    async with worker:
        state = await desk.over(await desk.submit())
    assert (state.status, state.error, state.ended_by) == ("failed", "I do not know", "chat.error")


async def test_a_task_waits_for_a_worker(desk: Desk) -> None:
    id = await desk.submit()
    assert (await desk.tasks.state(AGENT, id)).status is TaskStatus.QUEUED
    worker = Worker(desk.client, agent=AGENT)

    @worker.task
    async def work(task: Task) -> AsyncGenerator[Yielded]:
        yield "done"

    async with worker:
        assert (await desk.over(id)).status is TaskStatus.COMPLETED


async def test_a_worker_works_on_as_many_tasks_at_once_as_it_may(desk: Desk) -> None:
    worker = Worker(desk.client, agent=AGENT, concurrency=3)
    running, most, gate = 0, 0, asyncio.Event()

    @worker.task
    async def work(task: Task) -> AsyncGenerator[Yielded]:
        nonlocal running, most
        running += 1
        most = max(most, running)
        yield "begun"
        await gate.wait()
        running -= 1

    async with worker:
        ids = [await desk.submit() for _ in range(7)]
        for id in ids[:3]:
            await desk.has_said(id, "begun")
        (agent,) = await desk.tasks.agents()
        assert (agent.running, agent.queued) == (3, 4)
        gate.set()
        for id in ids:
            await desk.over(id)
    assert most == 3


async def test_workers_share_the_queue_of_their_agent(desk: Desk) -> None:
    gate = asyncio.Event()

    async def work(task: Task) -> AsyncGenerator[Yielded]:
        yield "begun"
        await gate.wait()

    workers = [Worker(desk.client, agent=AGENT, worker_id=f"w{n}") for n in range(3)]
    for worker in workers:
        worker.task(work)
        await worker.start()
    ids = [await desk.submit() for _ in range(3)]
    for id in ids:
        await desk.has_said(id, "begun")
    gate.set()
    states = [await desk.over(id) for id in ids]
    assert {state.worker_id for state in states} == {"w0", "w1", "w2"}
    for worker in workers:
        await worker.stop()


async def test_agents_with_ids_of_any_kind_have_their_own_queues(client: Client) -> None:
    agents = ["a", "a b.c", "*", "-", "é" * 100, "=YQ"]
    desks = [Desk(client, agent) for agent in agents]
    workers = [Worker(client, agent=agent) for agent in agents]
    for worker in workers:

        async def echo(task: Task) -> AsyncGenerator[Yielded]:
            yield f"I am {task.agent_id}"

        worker.task(echo)
        await worker.start()
    for desk in desks:
        id = await desk.submit(task_id="a/b *")
        await desk.over(id)
        assert await desk.texts(id) == [f"I am {desk.agent}"]
    for worker in workers:
        await worker.stop()


async def test_events_of_any_type_can_be_told(desk: Desk) -> None:
    worker = Worker(desk.client, agent=AGENT)

    @worker.task
    async def work(task: Task) -> AsyncGenerator[Yielded]:
        await task.emit({"open": True}, type="furnace.door")
        await task.emit({"text": "hello"}, type="note")
        yield {"type": "furnace", "open": False}

    async with worker:
        id = await desk.submit()
        await desk.over(id)
    assert (await desk.types(id))[2:5] == ["furnace.door", "note", "furnace"]


async def test_a_trace_goes_on_in_the_events_of_its_task(desk: Desk) -> None:
    worker = Worker(desk.client, agent=AGENT)
    trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

    @worker.task
    async def work(task: Task) -> AsyncGenerator[Yielded]:
        yield "x"

    async with worker:
        id = await desk.submit(traceparent=trace)
        await desk.over(id)
    subject = f"evt.default.{AGENT}.{id}.chat.text"
    last: Any = await jetstream(desk.client).get_last_msg("EVT", subject)
    assert last.headers["traceparent"] == trace


async def test_what_is_no_task_is_a_dead_letter_and_holds_up_nobody(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL, "jetbridge.worker")
    js = jetstream(desk.client)
    for body in (b"{", b"{}", b'{"task_id":"t","agent_id":"another"}'):
        await js.publish(f"task.default.{AGENT}", body)
    worker = Worker(desk.client, agent=AGENT)

    @worker.task
    async def work(task: Task) -> AsyncGenerator[Yielded]:
        yield "x"

    async with worker:
        await desk.over(await desk.submit())
        await desk.queue_is_empty()
    info = await js.stream_info("DLQ", subjects_filter="dlq.>")
    assert info.state.subjects == {"dlq.default.bad_task": 3}


async def test_a_task_published_by_any_client_is_done(desk: Desk) -> None:
    body = b'{"task_id":"t","agent_id":"agent:1","query":"q"}'
    await jetstream(desk.client).publish(f"task.default.{AGENT}", body)
    worker = Worker(desk.client, agent=AGENT)

    @worker.task
    async def work(task: Task) -> AsyncGenerator[Yielded]:
        yield task.query

    async with worker:
        state = await desk.over("t")
    assert (state.status, state.final_response) == (TaskStatus.COMPLETED, "q")


async def test_a_worker_that_is_set_up_wrongly_says_so(client: Client) -> None:
    async def no_generator(task: Task) -> str:
        return ""

    worker = Worker(client, agent=AGENT)
    with pytest.raises(WorkerError, match="nothing to do"):
        await worker.start()
    with pytest.raises(WorkerError, match="no async generator"):
        worker.task(no_generator)  # pyright: ignore[reportArgumentType] - the mistake in question


@pytest.mark.parametrize(
    "wrong",
    [{"concurrency": 0}, {"max_deliver": 0}, {"timeout_seconds": -1}, {"on_timeout": "x"}],
    ids=str,
)
def test_what_is_out_of_range_is_refused_by_name(wrong: dict[str, Any]) -> None:
    with pytest.raises(WorkerError, match=next(iter(wrong))):
        Worker(agent=AGENT, **wrong)
