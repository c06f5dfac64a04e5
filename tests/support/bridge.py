"""A live bridge for tests: real uvicorn, real sockets, real NATS, in the test's own loop."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Protocol, cast

import msgspec
import nats
from nats.aio.client import Client
from nats.js import JetStreamContext
from nats.js.api import PubAck

from jetbridge.app import create_app
from jetbridge.bridge import Bridge
from jetbridge.embedded import NatsServer
from jetbridge.server import BridgeServer, listen, url_of
from jetbridge.setting_choices import StreamManage
from jetbridge.settings import Settings
from tests.support.sse import SseClient

PREFIX = "/api/v1/stream"


class Reachable(Protocol):
    """A nats-server, or several."""

    @property
    def url(self) -> str: ...


class Paths:
    """Which of the two ways to the socket a bridge takes, unless a test says so itself."""

    direct_writes = True


@dataclass
class LiveBridge:
    """A bridge that serves."""

    url: str
    bridge: Bridge
    nats_url: str

    def client(self, path: str = "/events", **headers: str) -> SseClient:
        """A client of one stream, not yet connected; `path` is below the prefix."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return SseClient(self.url, PREFIX + path, headers=named)


@asynccontextmanager
async def live_bridge(nats_server: Reachable, **settings: Any) -> AsyncGenerator[LiveBridge]:
    """Run a bridge on a free port until the block ends. It makes its stream itself."""
    defaults: dict[str, Any] = {
        "nats": nats_server.url,
        "port": 0,
        "stream_manage": StreamManage.CREATE,
        "drain_seconds": 0,
        "direct_writes": Paths.direct_writes,
    }
    chosen = msgspec.convert(defaults | settings, Settings)
    app = create_app(chosen)
    bridge: Bridge = app.state.bridge
    started = asyncio.Event()
    with listen(chosen.host, 0) as listener:
        server = BridgeServer(app, on_started=started.set, handle_signals=False)
        await bridge.start()
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            await started.wait()
            yield LiveBridge(url_of(listener), bridge, nats_server.url)
        finally:
            await server.drain_and_exit()
            await serving
            await bridge.stop()


@asynccontextmanager
async def plain_client(nats_server: NatsServer) -> AsyncGenerator[Client]:
    """A NATS client that knows nothing of Jetbridge."""

    async def ignore(_: Exception) -> None:
        """What goes wrong is the test's own doing."""

    connect = cast("Any", nats).connect
    client: Client = await connect(
        nats_server.url, error_cb=ignore, max_reconnect_attempts=-1, reconnect_time_wait=0.05
    )
    try:
        yield client
    finally:
        await client.close()


def context(client: Client, **options: Any) -> JetStreamContext:
    """nats-py's JetStream, typed."""
    return cast("Any", client).jetstream(**options)


async def publish(client: Client, subject: str, data: object, **headers: str) -> int:
    """Publish one event, acked; returns its stream sequence."""
    body = data if isinstance(data, bytes) else json.dumps(data, separators=(",", ":")).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    ack = await context(client).publish(subject, body, headers=named or None)
    return ack.seq


async def publish_many(client: Client, subjects: list[str], bodies: list[bytes]) -> list[int]:
    """Publish many events, acked, in order; returns their sequences."""
    publish_async = cast("Any", context(client, publish_async_max_pending=1000)).publish_async
    acks: list[asyncio.Future[PubAck]] = [
        await publish_async(subject, body, wait_stall=10)
        for subject, body in zip(subjects, bodies, strict=True)
    ]
    return [(await ack).seq for ack in acks]
