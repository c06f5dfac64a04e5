"""Fixtures for tests of several bridges, and several nats-servers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from tests.support.nats_cluster import NatsCluster


@pytest_asyncio.fixture
async def nats_cluster(tmp_path: Path) -> AsyncIterator[NatsCluster]:
    """Three nodes with the streams EVT and DLQ, each of three replicas."""
    cluster = NatsCluster(tmp_path / "cluster")
    await asyncio.to_thread(cluster.start)
    try:
        await cluster.make_streams()
        yield cluster
    finally:
        cluster.kill()
