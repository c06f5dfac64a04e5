"""Workers and the server, killed, frozen and restarted at random; the words count themselves."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest

from jetbridge.embedded import NatsServer
from jetbridge_schemas import TaskStatus
from tests.support.waiting import eventually
from tests.worker.desk import Desk, Told
from tests.worker.processes import WorkerProcess, spawn
from tests.worker.talkative_agent import WORDS

TASKS = 8
FAULTS = 8
ACK_WAIT_SECONDS = 0.5


class Crew:
    """Two workers, replaced when they fall."""

    def __init__(self, url: str) -> None:
        self._url = url
        self.workers = [self._new(), self._new()]

    def replace(self, worker: WorkerProcess) -> None:
        self.workers[self.workers.index(worker)] = self._new()

    def dismiss(self) -> None:
        for worker in self.workers:
            worker.kill()

    def _new(self) -> WorkerProcess:
        return spawn("talkative_agent", self._url, ack_wait_seconds=ACK_WAIT_SECONDS)


@asynccontextmanager
async def crew_of(url: str) -> AsyncGenerator[Crew]:
    crew = Crew(url)
    try:
        yield crew
    finally:
        crew.dismiss()


async def strike(chance: random.Random, crew: Crew, server: NatsServer) -> None:
    """One fault, and what an operator would do about it."""
    worker = chance.choice(crew.workers)
    match chance.choice(["kill", "stop", "freeze", "server"]):
        case "kill":
            worker.kill()
            crew.replace(worker)
        case "stop":
            await asyncio.to_thread(worker.terminate)
            crew.replace(worker)
        case "freeze":
            worker.freeze()
            await asyncio.sleep(1.5 * ACK_WAIT_SECONDS)  # the fault itself
            worker.thaw()
        case _:
            await asyncio.to_thread(server.kill)
            await asyncio.to_thread(server.start)


def check(told: list[Told]) -> None:
    """Each attempt begins with 0 and leaves nothing out; the last one is whole; then the end."""
    attempt, following = 0, 0
    for event in told:
        if event.type == "WorkflowStarted":
            attempt, following = attempt + 1, 0
            assert event.data["attempt"] == attempt
        elif event.type == "chat.text":
            assert event.data["content"] == f"{attempt}:{following}"
            following += 1
    assert following == WORDS
    assert told[-1].type == "WorkflowCompleted"


@pytest.mark.slow
async def test_whatever_befalls_workers_and_server_each_task_is_told_whole_and_ends_once(
    nats_server: NatsServer, desk: Desk
) -> None:
    seed = random.randrange(10**6)
    print(f"seed {seed}")  # noqa: T201 - to repeat a failure
    chance = random.Random(seed)
    async with crew_of(nats_server.url) as crew:
        ids = [await desk.submit() for _ in range(TASKS)]
        for _ in range(FAULTS):
            await asyncio.sleep(chance.random() * ACK_WAIT_SECONDS)  # when the next one strikes
            await strike(chance, crew, nats_server)
        await eventually(lambda: desk.client.is_connected)
        for id in ids:
            assert (await desk.over(id, within=30)).status is TaskStatus.COMPLETED
            check(await desk.told(id))
        await desk.queue_is_empty()
