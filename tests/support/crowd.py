"""Several clients at once, closed whatever happens."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager

from tests.support.bridge import LiveBridge
from tests.support.sse import CONTROL, Frame, SseClient
from tests.support.waiting import eventually


@asynccontextmanager
async def watching(bridge: LiveBridge, paths: Iterable[str]) -> AsyncGenerator[list[SseClient]]:
    """One client for each path below the prefix, all of them caught up."""
    clients = [bridge.client(path) for path in paths]
    try:
        await asyncio.gather(*[caught_up(client) for client in clients])
        yield clients
    finally:
        await asyncio.gather(*[client.close() for client in clients])


async def caught_up(client: SseClient) -> None:
    """Open a client and wait until it has met live."""
    await client.open()
    assert client.status == 200
    await client.until_event("caught-up")


async def drained(bridge: LiveBridge, clients: Iterable[SseClient], *, upto: int) -> None:
    """Let the bridge take everything up to a sequence, then end all streams and read them."""
    await eventually(lambda: bridge.bridge.hub.ring.head >= upto)
    await bridge.bridge.drain()
    for client in clients:
        await client.rest()


def delivered(client: SseClient) -> list[Frame]:
    """All events a client has got, control frames left out."""
    return [frame for frame in client.frames if frame.event not in CONTROL]
