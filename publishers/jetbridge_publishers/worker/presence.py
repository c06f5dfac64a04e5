"""This worker among all others: an instance of the NATS service `jetbridge-worker`."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

import msgspec
import nats.errors
from nats.aio.client import Client
from nats.micro.request import Request
from nats.micro.service import EndpointConfig, Service, ServiceConfig

from jetbridge_publishers.standing_client import StandingClient
from jetbridge_schemas.presence import WORKER_SERVICE, WorkerPresence, presence_subject
from jetbridge_schemas.version import __version__

STOP_SECONDS = 2.0
"""How long NATS may take to hear that this worker answers no more."""

_FAILURES = (nats.errors.Error, OSError, TimeoutError)


class Presence:
    """Answers whoever asks for the workers, of the tenant or of this agent."""

    def __init__(
        self, client: StandingClient, tenant: str, describe: Callable[[], WorkerPresence]
    ) -> None:
        self._client = client
        self._tenant = tenant
        self._describe = describe
        self._service: Service | None = None
        self._answering_on: Client | None = None

    async def start(self) -> None:
        """Answer, on the connection that is in use now."""
        client = self._client()
        if client is self._answering_on:
            return
        worker = self._describe()
        metadata = {
            "tenant": self._tenant,
            "agent": worker.agent_id,
            "worker": worker.worker_id,
            "concurrency": str(worker.concurrency),
        }
        config = ServiceConfig(WORKER_SERVICE, __version__, "Does the tasks of an agent", metadata)
        self._service = Service(client, config)
        with contextlib.suppress(*_FAILURES):  # of its last step, a round trip; it may be late
            await self._service.start()
        for name, agent in (("all", None), ("agent", worker.agent_id)):
            subject = presence_subject(self._tenant, agent)
            await self._service.add_endpoint(
                # A queue group of its own: every worker is to answer, not one of them.
                EndpointConfig(name, self._answer, queue_group=worker.worker_id, subject=subject)
            )
        self._answering_on = client

    async def keep(self) -> None:
        """Answer again whenever the connection is replaced; ends only when cancelled."""
        while True:
            mark = self._client.mark
            with contextlib.suppress(*_FAILURES):
                await self.start()
            await self._client.changed(mark)

    async def stop(self) -> None:
        """Answer no more."""
        if self._service is None or not self._client().is_connected:
            return
        with contextlib.suppress(*_FAILURES):
            async with asyncio.timeout(STOP_SECONDS):
                await self._service.stop()

    async def _answer(self, request: Request) -> None:
        await request.respond(msgspec.json.encode(self._describe()))
