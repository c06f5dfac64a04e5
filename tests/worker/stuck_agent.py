"""An agent that gets stuck, for a process of its own: URL, ack wait in seconds."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncGenerator

from jetbridge_publishers.worker import Task, Worker, Yielded
from tests.worker.desk import AGENT


async def get_stuck(task: Task) -> AsyncGenerator[Yielded]:
    """Say "begun"; then, as `query` says, wait for ever, or go on telling "more"."""
    yield f"begun {task.attempt}"
    if task.query == "end the turn first":
        yield {"type": "complete", "result": {"answer": "42"}}
    while task.query == "go on":
        yield "more"
        await asyncio.sleep(0.02)
    await asyncio.Event().wait()


def main() -> None:
    url, ack_wait_seconds = sys.argv[1:]
    worker = Worker(
        url, agent=AGENT, ack_wait_seconds=float(ack_wait_seconds), stop_seconds=0.1, max_deliver=2
    )
    worker.task(get_stuck)
    asyncio.run(worker.run())


if __name__ == "__main__":
    main()
