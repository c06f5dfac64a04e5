"""Fixtures of the durable clients: both stores, each with what it needs."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import pytest
from nats.aio.client import Client

from jetbridge.consumer_cursors import ConsumerCursors
from jetbridge.cursor_store import CursorStore
from jetbridge.embedded import NatsServer
from jetbridge.jetstream import JetStream
from jetbridge.kv_bucket import KvBucket
from jetbridge.kv_cursors import CURSORS_BUCKET, KvCursors
from jetbridge.link import Link
from jetbridge_publishers.connection import NatsOptions
from jetbridge_publishers.streams import EVENTS
from tests.support.bridge import plain_client

MakeStore = Callable[..., CursorStore]


@pytest.fixture
async def nats(nats_server: NatsServer) -> AsyncIterator[Client]:
    """A client that knows nothing of Jetbridge."""
    async with plain_client(nats_server) as client:
        yield client


@pytest.fixture
async def jetstream(nats_server: NatsServer) -> AsyncIterator[JetStream]:
    """The JetStream API as the bridge uses it."""
    link = Link(NatsOptions(servers=nats_server.url))
    await link.open()
    yield JetStream(link, timeout_seconds=2.0)
    await link.close()


@pytest.fixture(params=["consumer", "kv"])
def backend(request: pytest.FixtureRequest) -> str:
    """Each value of `cursor_backend`."""
    return str(request.param)


@pytest.fixture
def make_store(backend: str, jetstream: JetStream) -> MakeStore:
    """Makes a store that keeps cursors for `kept_seconds`."""

    def consumers(kept_seconds: float = 3600.0) -> CursorStore:
        return ConsumerCursors(jetstream, EVENTS, kept_seconds=kept_seconds)

    def bucket(kept_seconds: float = 3600.0) -> CursorStore:
        return KvCursors(
            KvBucket(jetstream, CURSORS_BUCKET, kept_seconds=kept_seconds, replicas=1, create=True)
        )

    return consumers if backend == "consumer" else bucket


@pytest.fixture
def store(make_store: MakeStore) -> CursorStore:
    """A store."""
    return make_store()
