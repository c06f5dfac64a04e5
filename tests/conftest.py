"""Fixtures shared by every test: a real nats-server, fresh for each test that asks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

from jetbridge.embedded import NatsServer
from tests.support.bridge import Paths

# A busy machine is slow, which is no bug in what is tested.
hypothesis.settings.register_profile("jetbridge", deadline=None)
hypothesis.settings.load_profile("jetbridge")


@pytest.fixture
def nats_server(tmp_path: Path) -> Iterator[NatsServer]:
    """A running nats-server with an empty JetStream store and a free port."""
    server = NatsServer(tmp_path / "nats").start()
    yield server
    server.kill()


@pytest.fixture(params=[True, False], ids=["direct", "asgi"])
def both_paths(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run a test twice: with direct writes, and through sse-starlette's response.

    For a module: `pytestmark = pytest.mark.usefixtures("both_paths")`.
    """
    monkeypatch.setattr(Paths, "direct_writes", request.param)
