"""Fixtures shared by every test: a real nats-server, fresh for each test that asks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from jetbridge.embedded import NatsServer


@pytest.fixture
def nats_server(tmp_path: Path) -> Iterator[NatsServer]:
    """A running nats-server with an empty JetStream store and a free port."""
    server = NatsServer(tmp_path / "nats").start()
    yield server
    server.kill()
