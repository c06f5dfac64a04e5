"""A client of the test's server, and the streams on it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from nats.aio.client import Client

from jetbridge.embedded import NatsServer
from jetbridge_publishers.connection import NatsOptions, connect, jetstream
from jetbridge_publishers.streams import StreamSettings, ensure


@pytest.fixture
async def client(nats_server: NatsServer) -> AsyncIterator[Client]:
    """A connection to the test's server."""
    client = await connect(NatsOptions(servers=nats_server.url))
    yield client
    await client.close()


@pytest.fixture
async def streams(client: Client) -> None:
    """EVT and DLQ, as Jetbridge makes them."""
    assert await ensure(jetstream(client), StreamSettings(), "create") == []
