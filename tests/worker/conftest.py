"""A server with its streams, and somebody who submits tasks and reads what becomes of them."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from nats.aio.client import Client

from jetbridge.embedded import NatsServer
from jetbridge_publishers.connection import NatsOptions, connect, jetstream
from jetbridge_publishers.streams import StreamSettings, ensure
from tests.worker.desk import Desk


@pytest.fixture
async def client(nats_server: NatsServer) -> AsyncIterator[Client]:
    """A connection to a server that has the streams."""
    client = await connect(NatsOptions(servers=nats_server.url))
    assert await ensure(jetstream(client), StreamSettings(), "create") == []
    yield client
    await client.close()


@pytest.fixture
async def desk(client: Client) -> Desk:
    """Where tasks of the agent `agent:1` are submitted and watched."""
    return Desk(client)
