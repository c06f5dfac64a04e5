"""Durable clients, put together: one store, and everybody who works with it."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

from jetbridge.checkpoints import Checkpoints
from jetbridge.client_accounts import ClientAccounts
from jetbridge.consumer_cursors import ConsumerCursors
from jetbridge.cursor_registry import CursorRegistry
from jetbridge.cursor_store import KEPT_SECONDS, RENEW_SECONDS, CursorStore
from jetbridge.durable_clients import DurableClients
from jetbridge.gaps import StreamState
from jetbridge.jetstream import JetStream
from jetbridge.kv_bucket import KvBucket
from jetbridge.kv_cursors import CURSORS_BUCKET, KvCursors
from jetbridge.lookup import Lookup
from jetbridge.setting_choices import CursorBackend, StreamManage
from jetbridge.settings import Settings
from jetbridge.store_health import StoreHealth
from jetbridge_publishers.streams import EVENTS

logger = logging.getLogger("jetbridge.durable")

FLUSH_SECONDS = 5.0
"""How long the end of the bridge waits for the last places to be stored."""


class Durability:
    """The parts of a bridge that remember where clients are.

    `epoch` tells of which sequences the positions of clients are, `others` how many replicas
    there are besides this one.
    """

    def __init__(
        self,
        settings: Settings,
        jetstream: JetStream,
        lookup: Lookup,
        *,
        epoch: Callable[[], int],
        others: Callable[[], int],
        query_state: Callable[[], Awaitable[StreamState]],
    ) -> None:
        store = make_store(settings, jetstream)
        self.flush_seconds = FLUSH_SECONDS
        self.registry = CursorRegistry()
        self.health = StoreHealth()
        self.checkpoints = Checkpoints(
            store,
            self.registry,
            self.health,
            epoch=epoch,
            query_state=query_state,
            interval_seconds=settings.cursor_checkpoint_seconds,
            renew_seconds=RENEW_SECONDS,
        )
        self.clients = DurableClients(
            store, self.registry, self.health, self.checkpoints, epoch=epoch
        )
        self.accounts = ClientAccounts(
            store,
            self.registry,
            lookup,
            link=jetstream.link,
            others=others,
            query_state=query_state,
        )

    def counts(self) -> dict[str, int]:
        """What is counted: cursors written, not written, and given up."""
        return {
            "cursors_stored": self.checkpoints.written,
            "cursors_failed": self.health.failures,
            "cursors_given_up": self.registry.given_up,
        }

    async def flush(self) -> None:
        """Store every place. The connections of clients must have ended."""
        left = await self.checkpoints.flush(self.flush_seconds)
        if left:
            logger.error(
                "the places of %d durable clients could not be stored; "
                "without an id they get some events again",
                left,
            )


def make_store(settings: Settings, jetstream: JetStream) -> CursorStore:
    """The store that the settings ask for."""
    if settings.cursor_backend is CursorBackend.CONSUMER:
        return ConsumerCursors(jetstream, EVENTS)
    bucket = KvBucket(
        jetstream,
        CURSORS_BUCKET,
        kept_seconds=KEPT_SECONDS,
        replicas=settings.stream_replicas,
        create=settings.stream_manage is StreamManage.CREATE,
    )
    return KvCursors(bucket)
