"""The bridge as a whole: its parts put together, started, drained and stopped."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Coroutine

import msgspec

from jetbridge.catch_up import CatchUp
from jetbridge.cluster import Cluster, new_replica_id
from jetbridge.completeness import Completeness
from jetbridge.dead_letter_office import DeadLetterOffice
from jetbridge.decode import Decoder
from jetbridge.drain import drain
from jetbridge.durability import Durability
from jetbridge.gaps import StreamState
from jetbridge.history import History
from jetbridge.hub import Hub
from jetbridge.jetstream import JetStream
from jetbridge.leader_query import LeaderQuery
from jetbridge.link import Link
from jetbridge.lookup import Lookup
from jetbridge.pages import Pages
from jetbridge.replica_numbers import count
from jetbridge.ring import Ring
from jetbridge.setting_choices import StreamManage
from jetbridge.settings import Settings
from jetbridge.state_query import StateQuery
from jetbridge.statistics import ReplicaNumbers
from jetbridge.streams import Streams
from jetbridge.subscriber import Subscriber
from jetbridge.tail import Tail
from jetbridge.ticker import Ticker
from jetbridge.watch import Watch
from jetbridge_publishers.connection import NatsOptions
from jetbridge_publishers.streams import EVENTS, StreamSettings, ensure

logger = logging.getLogger("jetbridge")

API_SECONDS = 2.0
"""How long JetStream may take to answer. In a cluster a question that is asked while the
stream has no leader is lost, and the tail comes back so much later than the leader."""

START_SECONDS = 10.0
"""How long a start waits for the ring to fill; after that the bridge serves anyway."""

PING_SECONDS = 1.5
"""A connection to NATS that went dead without a word is given up after three times this."""


class Bridge:
    """Everything between NATS and HTTP. Nothing happens before `start`."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.link = Link(nats_options(settings))
        self.jetstream = JetStream(self.link, timeout_seconds=API_SECONDS)
        self.dead_letters = DeadLetterOffice(self.link)
        decoder = Decoder(settings.validation, self.dead_letters.take)
        ring = Ring(max_events=settings.ring_max_events, max_bytes=settings.ring_max_bytes)
        self.hub = Hub(
            ring=ring,
            decoder=decoder,
            flush_max_seconds=settings.flush_max_ms / 1000,
            on_lagging=self._catch_up_again,
            on_leave=self._forget_connection,
        )
        query_state = StateQuery(self._stream_state, self.hub.know)
        self.history = History(
            self.jetstream,
            EVENTS,
            decoder,
            max_readers=settings.max_replay_readers,
            floor=lambda: ring.floor,
            completeness=Completeness(LeaderQuery(self.jetstream, EVENTS), query_state),
            query_state=query_state,
        )
        self.catch_up = CatchUp(self.hub, self.history, query_state)
        lookup = Lookup(self.jetstream, EVENTS)
        self.replica_id = new_replica_id()
        self.cluster = Cluster(self.link, self._count, self.replica_id)
        self.durability = Durability(
            settings,
            self.jetstream,
            lookup,
            epoch=lambda: self.hub.epoch,
            others=self.cluster.others,
            query_state=query_state,
        )
        self.streams = Streams(
            settings,
            self.hub,
            self.catch_up,
            lookup,
            query_state,
            durable=self.durability.clients,
        )
        self.pages = Pages(self.hub, self.history, self.streams, query_state)
        interval = settings.heartbeat_interval_seconds if settings.enable_heartbeat else None
        self.ticker = Ticker(self.hub, interval_seconds=interval)
        self.tail = Tail(
            self.jetstream,
            EVENTS,
            self.hub,
            history=settings.ring_max_events,
            query_state=query_state,
            keep_stream=self._keep_stream,
        )
        self.watch = Watch(self.hub, self.tail, query_state)
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Connect, see to the streams, fill the ring.

        Raises JetbridgeError, with what to do, if NATS or the stream is not as it must be.
        """
        await self.link.open()
        for warning in await self._ensure_streams(self.settings.stream_manage):
            logger.warning("%s", warning)
        self._run("the tail", self.tail.run())
        self._run("the watch", self.watch.run())
        self._run("the ticker", self.ticker.run())
        self._run("the dead letter office", self.dead_letters.run())
        self._run("the checkpoints", self.durability.checkpoints.run())
        try:
            async with asyncio.timeout(START_SECONDS):
                await self.tail.started.wait()
        except TimeoutError:
            logger.warning("the stream %s cannot be read yet; clients are told to wait", EVENTS)
        await self.cluster.start()
        await self.durability.accounts.start()
        self._run("the presence among replicas", self.cluster.run())

    async def drain(self) -> None:
        """Refuse new clients, and end the streams of those there are, spread over time."""
        self.streams.draining = True
        await drain(self.hub, seconds=self.settings.drain_seconds, random=random.Random())  # noqa: S311

    async def stop(self) -> None:
        """End what still runs, and disconnect."""
        self.streams.draining = True
        self.hub.close()
        await self.catch_up.close()
        await self.durability.flush()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.cluster.stop()
        await self.link.close()

    def _catch_up_again(self, subscriber: Subscriber) -> None:
        self.catch_up.start(subscriber)

    def _forget_connection(self, subscriber: Subscriber) -> None:
        self.durability.clients.leave(subscriber)

    def _count(self) -> ReplicaNumbers:
        numbers = count(
            self.hub,
            self.replica_id,
            draining=self.streams.draining,
            max_history=self.settings.max_event_history,
        )
        return msgspec.structs.replace(numbers, counts=numbers.counts | self.durability.counts())

    async def _stream_state(self) -> StreamState:
        return await self.jetstream.stream_state(EVENTS)

    async def _keep_stream(self) -> None:
        """Make the stream again after it was deleted, if this bridge makes streams."""
        if self.settings.stream_manage is StreamManage.CREATE:
            await self._ensure_streams(StreamManage.CREATE)

    async def _ensure_streams(self, manage: StreamManage) -> list[str]:
        wanted = stream_settings(self.settings)
        return await ensure(self.link.context(), wanted, manage.value)

    def _run(self, name: str, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work, name=name)
        task.add_done_callback(report_failure)
        self._tasks.append(task)


def report_failure(task: asyncio.Task[None]) -> None:
    """A background task must not end in silence."""
    if not task.cancelled() and (error := task.exception()) is not None:
        logger.critical("%s has failed; restart the bridge", task.get_name(), exc_info=error)


def nats_options(settings: Settings) -> NatsOptions:
    """How the settings say to reach NATS."""
    return NatsOptions(
        servers=settings.nats,
        name="jetbridge",
        creds=settings.nats_creds,
        tls_ca=settings.nats_tls_ca,
        ping_interval_seconds=PING_SECONDS,
    )


def stream_settings(settings: Settings) -> StreamSettings:
    """How the settings say the stream should be."""
    return StreamSettings(
        replicas=settings.stream_replicas,
        max_age_hours=settings.stream_max_age_hours,
        max_bytes=settings.stream_max_bytes,
    )
