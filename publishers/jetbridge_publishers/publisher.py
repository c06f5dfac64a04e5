"""Publishing events to NATS so that each is stored once, outages included."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Sequence
from secrets import token_urlsafe
from types import TracebackType
from typing import Self, get_args

from nats.aio.client import Client

from jetbridge_publishers.connection import NatsOptions, close, connect
from jetbridge_publishers.emitter import Emitter
from jetbridge_publishers.outbox import SendLimits
from jetbridge_publishers.preparing import Encoding, EventData, header_value, prepare
from jetbridge_publishers.publish_errors import PublishError
from jetbridge_publishers.sender import Sender
from jetbridge_schemas.subjects import DEFAULT_TENANT

DEFAULT_SERVER = "nats://127.0.0.1:4222"


class Publisher(Emitter):
    """Publishes the events of agents; an async context manager.

        async with Publisher("nats://127.0.0.1:4222") as publisher:
            await publisher.send_agent_status("agent:001", "RUNNING", progress_percent=33)

    Every event is acknowledged by the stream and carries a `Nats-Msg-Id`. While NATS is
    away, events wait in a bounded buffer and are stored, once and in order, when it is
    back. After an outage longer than the stream's duplicate window (two minutes), those
    that were under way when it began, at most `max_in_flight`, may be stored twice.

    servers: URLs of NATS (commas between them, or a sequence), NatsOptions, or an open
        nats-py client, which stays open and whose owner sees to its reconnecting.
    tenant: whose events they are.
    encoding: "json", or "msgpack" which is smaller; browsers get JSON either way.
    max_pending, max_pending_bytes: how much may wait to be stored, in events and bytes.
    max_in_flight: how many events are sent before the first of them is acknowledged.
    retry_seconds: how long an event may wait for an outage to end, before it fails.
    ack_timeout_seconds: how long one attempt waits for the stream's answer.
    close_seconds: how long leaving the context waits for what is still pending.
    """

    def __init__(
        self,
        servers: str | Sequence[str] | NatsOptions | Client = DEFAULT_SERVER,
        *,
        tenant: str = DEFAULT_TENANT,
        encoding: Encoding = "json",
        max_pending: int = 10_000,
        max_pending_bytes: int = 64 * 1024**2,
        max_in_flight: int = 256,
        retry_seconds: float = 600.0,
        ack_timeout_seconds: float = 5.0,
        close_seconds: float = 10.0,
    ) -> None:
        if encoding not in get_args(Encoding):
            raise PublishError(f"encoding must be json or msgpack, not {encoding!r}")
        self._client = servers if isinstance(servers, Client) else None
        self._options = _options(servers)
        self._tenant = tenant
        self._encoding: Encoding = encoding
        self._limits = SendLimits(
            max_in_flight=max_in_flight,
            max_pending=max_pending,
            max_pending_bytes=max_pending_bytes,
            retry_seconds=retry_seconds,
            ack_timeout_seconds=ack_timeout_seconds,
        )
        self._close_seconds = close_seconds
        self._id_prefix = token_urlsafe(12)
        self._ids = itertools.count(1)
        self._sender: Sender | None = None

    @property
    def pending(self) -> int:
        """How many events are not stored yet."""
        return self._sender.pending if self._sender is not None else 0

    async def __aenter__(self) -> Self:
        if self._sender is not None:
            raise PublishError("the publisher is open already")
        if self._client is not None:
            sender = Sender(self._client, self._limits)
        else:
            sender = Sender(await self._connect(), self._limits, self._connect)
        self._sender = sender
        await sender.start()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        sender, self._sender = self._opened(), None
        try:
            await sender.close(within_seconds=self._close_seconds)
        finally:
            if self._client is None:
                await close(sender.client)

    def emit_nowait(
        self,
        event: EventData,
        *,
        agent: str,
        job: str | None = None,
        type: str | None = None,
        id: str | None = None,
        traceparent: str | None = None,
    ) -> asyncio.Future[int]:
        """As `emit`, but do not wait until the event is stored: the future will say.

        Cheap: many events under way at once are what makes publishing fast. An error that
        nobody awaits is raised by `flush` and written to the log.
        """
        sender = self._opened()
        message = prepare(
            event,
            tenant=self._tenant,
            agent=agent,
            job=job,
            type=type,
            encoding=self._encoding,
            traceparent=traceparent,
        )
        message.headers["Nats-Msg-Id"] = self._new_id() if id is None else header_value(id)
        return sender.put(message.subject, message.payload, message.headers)

    async def flush(self) -> None:
        """Wait until everything emitted so far is stored.

        Raises the PublishError of the first event that could not be.
        """
        await self._opened().flush()

    async def _connect(self) -> Client:
        return await connect(self._options, on_denied=self._denied)

    def _denied(self, text: str) -> None:
        if self._sender is not None:
            self._sender.denied(text)

    def _opened(self) -> Sender:
        if self._sender is None:
            raise PublishError(
                "the publisher is not open", hint="use it as: async with Publisher(…) as publisher"
            )
        return self._sender

    def _new_id(self) -> str:
        return f"{self._id_prefix}-{next(self._ids)}"


def _options(servers: str | Sequence[str] | NatsOptions | Client) -> NatsOptions:
    if isinstance(servers, NatsOptions):
        return servers
    urls = () if isinstance(servers, Client) else servers
    return NatsOptions(servers=urls, name="jetbridge-publisher")
