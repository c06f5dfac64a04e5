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
from nats.js.errors import NotFoundError

from jetbridge_publishers.ack_subject import parse_ack_subject
from jetbridge_publishers.backoff import full_jitter
from jetbridge_publishers.connection import jetstream
from jetbridge_publishers.stream_config import EVENTS
from jetbridge_schemas.codec import to_json
from jetbridge_schemas.errors import JetbridgeError, PayloadError

STILL_SECONDS = 5.0
"""How long nothing may come before reading is given up."""

WHOLE_ATTEMPTS = 20
"""How often to look for events that the stream's leader has: up to ten seconds."""

_FAILURES = (nats.errors.Error, OSError, TimeoutError)
_NO_MESSAGE = 10037  # nats-server, server/errors.json


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

    In a cluster the reader may sit on a node that is behind: the newest events may be
    missing. That does for whoever stores the next event on a condition; see `read_whole`.
    Raises HistoryError when NATS or the stream EVT does not answer.
    """
    reader = _Reader(client)
    try:
        return await reader.read(subjects, after)
    except _FAILURES as error:
        raise _unreadable(subjects, error) from error
    finally:
        await reader.close()


async def read_whole(client: Client, subjects: str, *, after: int = 0) -> list[PastEvent]:
    """As `read_events`, with everything that was stored before the call: the stream's leader
    says what is the last event.

    Raises HistoryError, also when the events do not come to this reader in time.
    """
    events: list[PastEvent] = []
    seen = after
    for attempt in range(1, WHOLE_ATTEMPTS + 1):
        last = await _last_sequence(client, subjects)
        if seen >= last:
            return events
        events += await read_events(client, subjects, after=seen)
        seen = events[-1].sequence if events else after
        if seen >= last:
            return events
        await asyncio.sleep(full_jitter(attempt, cap_seconds=0.5))
    raise HistoryError(f"the events on {subjects} are still on their way", hint="try again")


async def _last_sequence(client: Client, subjects: str) -> int:
    """Ask the stream's leader, which has everything; 0 if there is nothing."""
    try:
        message = await jetstream(client).get_last_msg(EVENTS, subjects)
    except NotFoundError as error:
        if error.err_code == _NO_MESSAGE:
            return 0
        raise _unreadable(subjects, error) from error
    except _FAILURES as error:
        raise _unreadable(subjects, error) from error
    return message.seq or 0


def _unreadable(subjects: str, error: BaseException) -> HistoryError:
    reason = str(error).removeprefix("nats: ") or type(error).__name__
    return HistoryError(
        f"cannot read the events on {subjects}: {reason}",
        hint="is the stream EVT there, and may this user read these subjects?",
    )


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
