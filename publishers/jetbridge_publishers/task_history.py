"""The events of one task, read from the stream EVT by a short-lived consumer of its own."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple, cast

import nats.errors
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.js.api import AckPolicy, ConsumerConfig, ConsumerInfo, DeliverPolicy

from jetbridge_publishers.ack_subject import parse_ack_subject
from jetbridge_publishers.connection import jetstream
from jetbridge_publishers.stream_config import EVENTS
from jetbridge_schemas.codec import to_json
from jetbridge_schemas.errors import JetbridgeError, PayloadError

STILL_SECONDS = 5.0
"""How long nothing may come before reading is given up."""

_FAILURES = (nats.errors.Error, OSError, TimeoutError)


class HistoryError(JetbridgeError):
    """The events of a task cannot be read just now."""


class PastEvent(NamedTuple):
    """One event of a task; `json` is empty for a payload that is none, `id` its message id."""

    sequence: int
    type: str
    json: bytes
    id: str


async def read_events(client: Client, subjects: str, *, after: int = 0) -> list[PastEvent]:
    """Return the events on `subjects` with sequences above `after`, in order.

    In a cluster the newest ones may be missing for a moment.
    Raises HistoryError when NATS or the stream EVT does not answer.
    """
    reader = _Reader(client)
    try:
        return await reader.read(subjects, after)
    except _FAILURES as error:
        reason = str(error).removeprefix("nats: ") or type(error).__name__
        raise HistoryError(
            f"cannot read the events on {subjects}: {reason}",
            hint="is the stream EVT there, and may this user make consumers of these subjects?",
        ) from error
    finally:
        await reader.close()


class _Reader:
    def __init__(self, client: Client) -> None:
        self._client = client
        self._inbox: str = client.new_inbox()
        self._name = self._inbox.rpartition(".")[2]
        self._news: asyncio.Queue[Msg] = asyncio.Queue()
        self._subscription: Subscription | None = None

    async def read(self, subjects: str, after: int) -> list[PastEvent]:
        subscribe: Callable[..., Awaitable[Subscription]] = cast("Any", self._client).subscribe
        self._subscription = await subscribe(
            self._inbox, cb=self._news.put, pending_msgs_limit=0, pending_bytes_limit=0
        )
        count = (await self._make_consumer(subjects, after)).num_pending or 0
        if not count:
            return []
        pull = f"$JS.API.CONSUMER.MSG.NEXT.{EVENTS}.{self._name}"
        await self._client.publish(pull, b'{"batch":%d,"no_wait":true}' % count, reply=self._inbox)
        return await self._collect(count)

    async def close(self) -> None:
        with contextlib.suppress(*_FAILURES):
            if self._subscription is not None:
                await self._subscription.unsubscribe()
                await self._client.publish(f"$JS.API.CONSUMER.DELETE.{EVENTS}.{self._name}", b"")

    async def _make_consumer(self, subjects: str, after: int) -> ConsumerInfo:
        config = ConsumerConfig(
            name=self._name,
            ack_policy=AckPolicy.NONE,
            deliver_policy=DeliverPolicy.BY_START_SEQUENCE,
            opt_start_seq=after + 1,
            filter_subject=subjects,
            mem_storage=True,
            num_replicas=1,
            inactive_threshold=STILL_SECONDS,
        )
        return await cast("Any", jetstream(self._client)).add_consumer(EVENTS, config)

    async def _collect(self, count: int) -> list[PastEvent]:
        events: list[PastEvent] = []
        while len(events) < count:
            async with asyncio.timeout(STILL_SECONDS):
                message = await self._news.get()
            if not message.reply.startswith("$JS.ACK."):
                return events  # the rest was removed meanwhile
            events.append(_event(message))
        return events


def _event(message: Msg) -> PastEvent:
    headers = message.headers or {}
    try:
        json = to_json(message.data, headers)
    except PayloadError:
        json = b""
    return PastEvent(
        parse_ack_subject(message.reply).stream_sequence,
        message.subject.split(".", 4)[4],
        json,
        headers.get("Nats-Msg-Id", ""),
    )
