"""A bridge in a process of its own, and somebody who publishes."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from nats.aio.client import Client

from jetbridge.embedded import NatsServer
from tests.support.bridge import plain_client
from tests.support.bridge_process import BridgeProcess

SETTINGS = {
    "max_clients_per_stream": 0,
    "enable_heartbeat": False,
    "drain_seconds": 3,
    # The ring is one for all; these tests are about what clients cost.
    "ring_max_bytes": 8 * 1024**2,
}


@pytest.fixture
async def bridge(nats_server: NatsServer, tmp_path: Path) -> AsyncGenerator[BridgeProcess]:
    """A running bridge that lets in as many as come."""
    process = BridgeProcess(
        nats_server.url, tmp_path / "bridge.log", settings=SETTINGS, inspected=True
    )
    async with process:
        yield process


@pytest.fixture
async def nats(bridge: BridgeProcess, nats_server: NatsServer) -> AsyncGenerator[Client]:
    """A plain NATS client; the stream is there."""
    async with plain_client(nats_server) as client:
        yield client
