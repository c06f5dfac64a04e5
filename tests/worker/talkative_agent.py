"""An agent that numbers what it says, for a process of its own: URL, ack wait in seconds."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncGenerator

from jetbridge_publishers.connection import NatsOptions
from jetbridge_publishers.worker import Task, Worker, Yielded
from tests.worker.desk import AGENT

WORDS = 60


async def talk(task: Task) -> AsyncGenerator[Yielded]:
    """Say "<attempt>:<number>", 0 to WORDS - 1."""
    for number in range(WORDS):
        yield f"{task.attempt}:{number}"
        await asyncio.sleep(0.02)


def main() -> None:
    url, ack_wait_seconds = sys.argv[1:]
    worker = Worker(
        NatsOptions(servers=url, connect_wait_seconds=10),
        agent=AGENT,
        concurrency=4,
        ack_wait_seconds=float(ack_wait_seconds),
        max_deliver=100,
        stop_seconds=0.1,
    )
    worker.task(talk)
    asyncio.run(worker.run())


if __name__ == "__main__":
    main()
