"""All replicas as seen from one of them, over NATS services.

Every bridge is an instance of the service `jetbridge`, so that `nats micro ls` shows
them, and answers with its numbers. Nothing is shared and nobody is in charge: each
replica says now and then that it is there, and so knows who ought to answer.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import re
import secrets
import socket
import time
from collections.abc import Awaitable, Callable
from typing import Any, cast

import msgspec
import nats.errors
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.micro.request import Request
from nats.micro.service import EndpointConfig, Service, ServiceConfig

from jetbridge.link import Link
from jetbridge.peers import PRESENCE_SECONDS, Peers
from jetbridge.statistics import ReplicaNumbers, Survey, fitting
from jetbridge_schemas.version import __version__

logger = logging.getLogger("jetbridge.cluster")

SERVICE = "jetbridge"
NUMBERS = "$SRV.jetbridge.numbers"
HERE = "$SRV.jetbridge.here"
GONE = "$SRV.jetbridge.gone"
"""Below `$SRV`, so that one permission covers all of the services API."""

ANSWER_SECONDS = 0.7
"""How long replicas may take to answer: those who ask for the status wait no longer."""

MIN_PRESENCE_SECONDS = 0.2
"""Least time between two signs of life, however many replicas turn up."""

ENVELOPE_BYTES = 4096
"""Room left in a NATS message for its subject and headers."""

_FAILURES = (nats.errors.Error, OSError)


class ReplicaService(Service):
    """A NATS service instance whose id says where it runs."""

    def __init__(self, client: Client, config: ServiceConfig, replica_id: str) -> None:
        super().__init__(client, config)
        self._id = replica_id


class Cluster:
    """This replica among the others. Nothing happens before `start`."""

    def __init__(self, link: Link, count: Callable[[], ReplicaNumbers], replica_id: str) -> None:
        self.id = replica_id
        self._link = link
        self._count = count
        self._peers = Peers()
        self._service: ReplicaService | None = None
        self._called = asyncio.Event()
        self._asking: asyncio.Task[Survey] | None = None

    async def start(self) -> None:
        """Become an instance of the service. The connection must stand."""
        client = self._link.client
        config = ServiceConfig(SERVICE, __version__, "NATS JetStream to Server-Sent Events")
        self._service = ReplicaService(client, config, self.id)
        with contextlib.suppress(*_FAILURES):  # of its last step, a round trip; it may be late
            await self._service.start()
        await self._service.add_endpoint(
            # A queue group of its own: every replica is to answer, not one of them.
            EndpointConfig("numbers", self._answer, queue_group=self.id, subject=NUMBERS)
        )
        await subscribe(client, f"{HERE}.*", self._on_here)
        await subscribe(client, f"{GONE}.*", self._on_gone)
        self._link.subscribe(self._called.set)

    async def run(self) -> None:
        """Say for ever that this replica is there; ends only when cancelled."""
        while True:
            self._called.clear()
            await self._say(f"{HERE}.{self.id}")
            await asyncio.sleep(MIN_PRESENCE_SECONDS)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(PRESENCE_SECONDS):
                    await self._called.wait()

    async def stop(self) -> None:
        """Say goodbye, so that nobody waits for this replica's answers.

        The subscriptions end with the connection: to end each by itself asks NATS for an
        answer every time, and takes minutes when there is none.
        """
        self._link.unsubscribe(self._called.set)
        if self._asking is not None:
            self._asking.cancel()
        if self._service is not None:
            await self._say(f"{GONE}.{self.id}")

    async def survey(self) -> Survey:
        """The numbers of all replicas that answer within ANSWER_SECONDS; this one's own at
        least. Those who ask meanwhile share one survey."""
        if not self._link.up:
            alone = "NATS is away: these are the numbers of this replica alone"
            return Survey([self._numbers()], [alone])
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._ask())
        return await asyncio.shield(self._asking)

    def others(self) -> int:
        """How many other replicas there are, as far as they were heard of."""
        return len(self._peers.known(time.monotonic()) - {self.id})

    def alone(self) -> Survey:
        """The numbers of this replica, as if there were no other."""
        return Survey([self._count()])

    async def _ask(self) -> Survey:
        own = self._numbers()
        answers: dict[str, ReplicaNumbers] = {}
        wanted = set(own.peers)
        if not wanted:
            return Survey([own])
        complete = asyncio.Event()

        async def take(message: Msg) -> None:
            numbers = read_numbers(message)
            if numbers is None or numbers.id == self.id:
                return
            answers[numbers.id] = numbers
            wanted.update(numbers.peers)
            if wanted <= {self.id, *answers}:
                complete.set()

        with contextlib.suppress(TimeoutError, *_FAILURES):
            async with asyncio.timeout(ANSWER_SECONDS):
                await self._question(take, complete)
        return Survey([own, *answers.values()])

    async def _question(
        self, take: Callable[[Msg], Awaitable[None]], complete: asyncio.Event
    ) -> None:
        client = self._link.client
        inbox = client.new_inbox()
        subscription = await subscribe(client, inbox, take)
        try:
            await client.publish(NUMBERS, b"", reply=inbox)
            await complete.wait()
        finally:
            with contextlib.suppress(*_FAILURES):
                await subscription.unsubscribe()

    def _numbers(self) -> ReplicaNumbers:
        peers = self._peers.known(time.monotonic())
        return msgspec.structs.replace(self._count(), peers=sorted(peers))

    async def _answer(self, request: Request) -> None:
        limit = self._link.client.max_payload - ENVELOPE_BYTES
        await request.respond(fitting(self._numbers(), limit))

    async def _on_here(self, message: Msg) -> None:
        peer = message.subject.rpartition(".")[2]
        if peer != self.id and self._peers.heard(peer, time.monotonic()):
            logger.info("the replica %s is there", peer)
            self._called.set()

    async def _on_gone(self, message: Msg) -> None:
        peer = message.subject.rpartition(".")[2]
        if peer != self.id:
            self._peers.left(peer)
            logger.info("the replica %s has gone", peer)

    async def _say(self, subject: str) -> None:
        if self._link.up:
            with contextlib.suppress(*_FAILURES):
                await self._link.client.publish(subject, b"")


async def subscribe(
    client: Client, subject: str, handler: Callable[[Msg], Awaitable[None]]
) -> Subscription:
    """nats-py's `subscribe`, typed."""
    typed: Callable[..., Awaitable[Subscription]] = cast("Any", client).subscribe
    return await typed(subject, cb=handler)


def read_numbers(message: Msg) -> ReplicaNumbers | None:
    """A replica's answer; None for one that cannot be understood."""
    try:
        return msgspec.json.decode(message.data, type=ReplicaNumbers)
    except msgspec.DecodeError as error:
        logger.debug("a replica's answer cannot be understood: %s", error)
        return None


def new_replica_id() -> str:
    """An id that no other replica has: host, process, and a random end."""
    host = re.sub(r"[^A-Za-z0-9_-]", "-", socket.gethostname())[:48] or "host"
    return f"{host}-{os.getpid()}-{secrets.token_hex(3)}"
