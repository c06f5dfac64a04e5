"""The queue of one agent: a durable consumer of the stream TASKS that all its workers share."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
from collections.abc import Awaitable, Callable
from typing import Any, cast

import nats.errors
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.js.api import AckPolicy, ConsumerConfig
from nats.js.errors import NotFoundError

from jetbridge_publishers.backoff import full_jitter
from jetbridge_publishers.connection import jetstream
from jetbridge_publishers.standing_client import StandingClient
from jetbridge_publishers.stream_config import TASKS
from jetbridge_publishers.task_address import consumer_name
from jetbridge_publishers.worker.delivery import Delivery
from jetbridge_schemas.errors import JetbridgeError
from jetbridge_schemas.subjects import task_subject

logger = logging.getLogger("jetbridge.worker")

PULL_SECONDS = 20.0
"""How long one request for a task stands before it is made anew."""

CLOSE_SECONDS = 2.0
"""How long NATS may take to hear that nothing more is wanted."""

MAX_WAITING = 20_000
"""Requests of all workers together that the server keeps; its default is 512."""

_NOTHING_CAME = {"404", "408"}
_FAILURES = (nats.errors.Error, OSError, TimeoutError, JetbridgeError)


class QueueClosedError(Exception):
    """The queue was closed while a task was waited for."""


class TaskQueue:
    """Hands out the tasks of an agent. What arrives when nobody waits goes back at once."""

    def __init__(
        self, client: StandingClient, tenant: str, agent: str, *, ack_wait_seconds: float
    ) -> None:
        self._client = client
        self._subject = task_subject(tenant, agent)
        self._name = consumer_name(tenant, agent)
        self._metadata = {"tenant": tenant, "agent": agent}
        self._ack_wait_seconds = ack_wait_seconds
        self._numbers = itertools.count(1)
        self._waiting: dict[str, asyncio.Future[Msg]] = {}
        self._setting_up = asyncio.Lock()
        self._ready_on: Client | None = None
        self._listening_on: Client | None = None
        self._inbox = ""
        self._subscription: Subscription | None = None
        self._problem = ""
        self._closed = asyncio.Event()

    async def take(self) -> Delivery:
        """Wait for the next task, over outages too. Raises QueueClosedError."""
        failures = 0
        while not self._closed.is_set():
            try:
                await self._set_up()
                message = None if self._closed.is_set() else await self._pull()
                failures = 0
            except _FAILURES as error:
                failures += 1
                self._complain(error)
                await self._pause(full_jitter(failures))
                continue
            if message is not None:
                return Delivery(self._client, message)
        raise QueueClosedError

    async def close(self) -> None:
        """Hand out nothing more; `take` raises QueueClosedError."""
        self._closed.set()
        for waiting in self._waiting.values():
            waiting.cancel()
        self._waiting.clear()
        with contextlib.suppress(*_FAILURES):
            async with asyncio.timeout(CLOSE_SECONDS), self._setting_up:
                if self._subscription is not None and self._client().is_connected:
                    await self._subscription.drain()

    async def _set_up(self) -> None:
        """Listen for answers on this connection, and see that the consumer is there."""
        async with self._setting_up:
            client = self._client()
            if client is not self._listening_on:
                await self._listen(client)
            if client is not self._ready_on:
                await cast("Any", jetstream(client)).add_consumer(TASKS, self._consumer())
                self._ready_on = client
                self._problem = ""

    async def _listen(self, client: Client) -> None:
        subscribe: Callable[..., Awaitable[Subscription]] = cast("Any", client).subscribe
        self._inbox = client.new_inbox()
        self._subscription = await subscribe(f"{self._inbox}.*", cb=self._on_message)
        self._listening_on = client

    def _consumer(self) -> ConsumerConfig:
        return ConsumerConfig(
            name=self._name,
            durable_name=self._name,
            filter_subject=self._subject,
            ack_policy=AckPolicy.EXPLICIT,
            ack_wait=self._ack_wait_seconds,
            max_deliver=-1,  # the workers count, since only they can tell what became of it
            max_ack_pending=-1,
            max_waiting=MAX_WAITING,
            metadata=self._metadata,
        )

    async def _pull(self) -> Msg | None:
        """Ask for one task; None when none came in time."""
        client, mark = self._client(), self._client.mark
        number = str(next(self._numbers))
        coming: asyncio.Future[Msg] = asyncio.get_running_loop().create_future()
        self._waiting[number] = coming
        try:
            request = b'{"batch":1,"expires":%d}' % int(PULL_SECONDS * 1e9)
            pull = f"$JS.API.CONSUMER.MSG.NEXT.{TASKS}.{self._name}"
            await client.publish(pull, request, reply=f"{self._inbox}.{number}")
            await self._answer(coming, mark)
        finally:
            self._waiting.pop(number, None)
        return self._task_in(coming.result()) if coming.done() and not coming.cancelled() else None

    async def _answer(self, coming: asyncio.Future[Msg], mark: tuple[int, int]) -> None:
        """Wait for the answer as long as one may come over the connection asked over."""
        changed = asyncio.ensure_future(self._client.changed(mark))
        try:
            await asyncio.wait(
                {coming, changed},
                timeout=PULL_SECONDS + 2.0,
                return_when=asyncio.FIRST_COMPLETED,
            )
            if not coming.done() and not changed.done():
                self._ready_on = None
        finally:
            changed.cancel()

    def _task_in(self, message: Msg) -> Msg | None:
        if message.reply.startswith("$JS.ACK."):
            return message
        headers = message.headers or {}
        status = headers.get("Status", "")
        if status not in _NOTHING_CAME:
            self._ready_on = None
            raise JetbridgeError(headers.get("Description") or f"the queue answers {status}")
        return None

    async def _on_message(self, message: Msg) -> None:
        """Give the answer to who asked. A task does not say which request it answers, but
        the server answers them in their order; what ended instead does say."""
        is_task = message.reply.startswith("$JS.ACK.")
        asked = "" if is_task else message.subject.rpartition(".")[2]
        number = asked if asked in self._waiting else next(iter(self._waiting), "")
        waiting = self._waiting.pop(number, None)
        if waiting is not None and not waiting.done():
            waiting.set_result(message)
        elif is_task:
            await Delivery(self._client, message).hand_back()

    def _complain(self, error: Exception) -> None:
        if isinstance(error, NotFoundError):
            text = f"there is no stream {TASKS}; `jetbridge serve --stream-manage create` makes it"
        else:
            text = str(error).removeprefix("nats: ") or type(error).__name__
        client = self._client()
        if (client.is_connected or client.is_closed) and text != self._problem:
            self._problem = text
            logger.warning("no tasks can be had for %s: %s", self._subject, text)

    async def _pause(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._closed.wait()
