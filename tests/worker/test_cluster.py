"""Tasks on a cluster that loses a node."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from jetbridge_publishers.connection import NatsOptions, connect
from jetbridge_publishers.worker import Task, Worker, Yielded
from jetbridge_schemas import TaskStatus
from tests.support.nats_cluster import NatsCluster
from tests.support.waiting import eventually
from tests.worker.desk import AGENT, Desk

TASKS = 12
WORDS = 25


@pytest.mark.slow
async def test_the_loss_of_the_leader_costs_no_task_a_word(tmp_path: Path) -> None:
    cluster = NatsCluster(tmp_path)
    await asyncio.to_thread(cluster.start)
    try:
        await cluster.make_streams()
        client = await connect(NatsOptions(servers=cluster.urls))
        desk = Desk(client)
        said = 0
        worker = Worker(cluster.url, agent=AGENT, concurrency=4)

        @worker.task
        async def talk(task: Task) -> AsyncGenerator[Yielded]:
            nonlocal said
            for number in range(WORDS):
                yield str(number)
                said += 1

        async with worker:
            ids = [await desk.submit() for _ in range(TASKS)]
            await eventually(lambda: said > TASKS)
            leader = await cluster.leader()
            await asyncio.to_thread(leader.kill)
            for id in ids:
                state = await desk.over(id, within=30)
                assert state.status is TaskStatus.COMPLETED
                told = [each for each in await desk.told(id) if each.type == "chat.text"]
                last_start = [
                    number for number, each in enumerate(told) if each.data["content"] == "0"
                ][-1]
                assert [each.data["content"] for each in told[last_start:]] == [
                    str(n) for n in range(WORDS)
                ]
        await client.close()
    finally:
        cluster.kill()
