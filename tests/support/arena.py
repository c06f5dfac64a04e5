"""A bridge, a publisher's connection, and clients that are all cut off in the end."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from nats.aio.client import Client

from jetbridge.embedded import NatsServer
from tests.support.bridge import PREFIX, LiveBridge, live_bridge, plain_client
from tests.support.watcher import Watcher


@dataclass
class Arena:
    """Where a guarantee is put to the test."""

    server: NatsServer
    bridge: LiveBridge
    nats: Client
    watchers: list[Watcher] = field(default_factory=list[Watcher])

    def watcher(self, path: str = "/events", *, after: int | None = None) -> Watcher:
        """A client that is not yet connected; `after` is its last id."""
        watcher = Watcher(self.bridge.url, PREFIX + path, last_id=after)
        self.watchers.append(watcher)
        return watcher

    async def live(self, path: str = "/events") -> Watcher:
        """A client that has caught up."""
        watcher = await self.watcher(path).connect()
        await watcher.until_told("caught-up")
        return watcher


@asynccontextmanager
async def arena(nats_server: NatsServer, **settings: Any) -> AsyncGenerator[Arena]:
    """Run a bridge with these settings until the block ends."""
    async with live_bridge(nats_server, **settings) as bridge, plain_client(nats_server) as nats:
        place = Arena(nats_server, bridge, nats)
        try:
            yield place
        finally:
            for watcher in place.watchers:
                watcher.cut()
