"""Agents that emit without end, and publishers over either kind of connection."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any, cast

import nats
from nats.aio.client import Client

from jetbridge_publishers.publish_errors import PublishBufferFullError
from jetbridge_publishers.publisher import Publisher

AGENTS: tuple[str, ...] = ("agent:001", "agent:002", "agent:003")


class Numbers:
    """Agents that go on emitting 0, 1, 2 … each, as fast as the buffer lets them."""

    def __init__(self, publisher: Publisher) -> None:
        self.emitted = dict.fromkeys(AGENTS, 0)
        self._publisher = publisher
        self._tasks = [asyncio.create_task(self._emit(agent)) for agent in AGENTS]

    async def stop(self) -> dict[str, list[int]]:
        """End, and say what has to be in the stream."""
        for task in self._tasks:
            task.cancel()
        await asyncio.wait(self._tasks)
        return {agent: list(range(count)) for agent, count in self.emitted.items()}

    async def _emit(self, agent: str) -> None:
        while True:
            try:
                event = {"n": self.emitted[agent], "pad": "x" * 300}
                self._publisher.emit_nowait(event, agent=agent, type="x")
                self.emitted[agent] += 1
                await asyncio.sleep(0)
            except PublishBufferFullError:
                await asyncio.sleep(0.001)


@asynccontextmanager
async def any_client(url: str) -> AsyncGenerator[Client]:
    """A client as a user would make it, with nats-py's own buffer of 2 MiB."""

    async def ignore(_: Exception) -> None:
        pass

    client = await cast("Any", nats).connect(
        url, reconnect_time_wait=0, max_reconnect_attempts=-1, error_cb=ignore
    )
    yield client
    await client.close()


@asynccontextmanager
async def publisher_of(kind: str, url: str) -> AsyncGenerator[Publisher]:
    """A publisher with its own connection, or over a client that the user made."""
    if kind == "own":
        async with Publisher(url, max_pending=2000, close_seconds=20) as publisher:
            yield publisher
        return
    async with (
        any_client(url) as client,
        Publisher(client, max_pending=2000, close_seconds=20) as publisher,
    ):
        yield publisher
