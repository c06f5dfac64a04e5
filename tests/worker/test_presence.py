"""Who is there, and what there is to do."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

import msgspec
import pytest
from nats.aio.client import Client

from jetbridge_publishers.connection import jetstream
from jetbridge_publishers.task_errors import TaskError
from jetbridge_publishers.worker import Task, Worker, Yielded
from tests.support.waiting import eventually
from tests.worker.desk import AGENT, Desk


def waiting_worker(client: Client, gate: asyncio.Event, agent: str = AGENT) -> Worker:
    worker = Worker(client, agent=agent, concurrency=2)

    @worker.task
    async def wait(task: Task) -> AsyncGenerator[Yielded]:
        yield "begun"
        await gate.wait()

    return worker


async def test_agents_are_listed_with_their_workers_and_queues(desk: Desk) -> None:
    gate = asyncio.Event()
    await desk.tasks.submit("lazy")
    async with waiting_worker(desk.client, gate) as worker:
        ids = [await desk.submit() for _ in range(3)]
        for id in ids[:2]:
            await desk.has_said(id, "begun")
        busy, lazy = await desk.tasks.agents()
        assert (busy.agent_id, busy.running, busy.queued) == (AGENT, 2, 1)
        (found,) = busy.workers
        assert (found.worker_id, found.concurrency) == (worker.worker_id, 2)
        assert found.tasks == sorted(ids[:2])
        assert (lazy.agent_id, lazy.has_active_worker, lazy.queued) == ("lazy", False, 1)
        gate.set()
        await desk.over(ids[2])


async def test_workers_of_one_agent_can_be_asked_alone(desk: Desk) -> None:
    gate = asyncio.Event()
    one = waiting_worker(desk.client, gate)
    two = waiting_worker(desk.client, gate, agent="other")
    async with one, two:
        assert len(await desk.tasks.workers()) == 2
        assert [found.agent_id for found in await desk.tasks.workers("other")] == ["other"]
        assert await desk.tasks.workers("nobody") == []
    assert await desk.tasks.workers() == []


async def test_a_worker_that_stops_says_so(desk: Desk) -> None:
    gate = asyncio.Event()
    worker = waiting_worker(desk.client, gate)
    await worker.start()
    id = await desk.submit()
    await desk.has_said(id, "begun")
    stopping = asyncio.create_task(worker.stop())

    async def is_stopping() -> bool:
        return [found.is_stopping for found in await desk.tasks.workers()] == [True]

    await eventually(is_stopping)
    (agent,) = await desk.tasks.agents()
    assert not agent.has_active_worker
    gate.set()
    await stopping


async def test_workers_are_a_nats_service(desk: Desk) -> None:
    async with waiting_worker(desk.client, asyncio.Event()) as worker:
        answer = await desk.client.request("$SRV.INFO.jetbridge-worker", b"")
        info = msgspec.json.decode(answer.data)
    assert info["metadata"]["agent"] == AGENT
    assert info["metadata"]["worker"] == worker.worker_id


async def test_a_missing_stream_is_explained(desk: Desk) -> None:
    await jetstream(desk.client).delete_stream("TASKS")
    with pytest.raises(TaskError, match="no stream TASKS"):
        await desk.tasks.agents()
