"""The few calls of the JetStream API that the bridge needs, typed by what it reads of them.

nats-py's own manager costs several times as much to decode and leaves out fields that
matter here (`delivered` of a new consumer, `created` of a stream).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any, TypeVar, cast

import msgspec
import nats.errors
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription

from jetbridge.gaps import StreamState
from jetbridge.link import Link
from jetbridge_schemas.errors import JetbridgeError

STREAM_NOT_FOUND = 10059
CONSUMER_NOT_FOUND = 10014
NANOSECONDS = 10**9

T = TypeVar("T")


class JetStreamError(JetbridgeError):
    """The JetStream API answered with an error; `code` is nats-server's `err_code`."""

    def __init__(self, description: str, code: int) -> None:
        super().__init__(description)
        self.code = code


class JetStreamUnavailableError(JetbridgeError):
    """NATS is away, or did not answer in time."""


class ApiError(msgspec.Struct):
    err_code: int = 0
    description: str = ""


class StreamLimits(msgspec.Struct):
    max_age: int = 0
    max_bytes: int = -1
    max_consumers: int = -1


class StreamCounts(msgspec.Struct):
    messages: int
    bytes: int
    first_seq: int
    first_ts: datetime
    last_seq: int
    last_ts: datetime


class StreamInfo(msgspec.Struct):
    """The parts of STREAM.INFO that the bridge reads."""

    config: StreamLimits
    created: str
    state: StreamCounts

    def snapshot(self, now: datetime) -> StreamState:
        """The state in the bridge's terms."""
        counts, limits = self.state, self.config
        oldest = counts.first_ts if counts.messages else counts.last_ts
        age_ns = (now - oldest).total_seconds() * NANOSECONDS
        return StreamState(
            created=self.created,
            first_sequence=counts.first_seq if counts.messages else counts.last_seq + 1,
            last_sequence=counts.last_seq,
            age_share=age_ns / limits.max_age if limits.max_age > 0 and counts.last_seq else 0.0,
            bytes_share=counts.bytes / limits.max_bytes if limits.max_bytes > 0 else 0.0,
        )


class Delivered(msgspec.Struct):
    consumer_seq: int
    stream_seq: int


class ConsumerInfo(msgspec.Struct):
    """The parts of a CONSUMER.CREATE reply that the bridge reads."""

    name: str
    delivered: Delivered
    num_pending: int


class _Answer(msgspec.Struct):
    error: ApiError | None = None


class JetStream:
    """The JetStream API over one NATS connection.

    Every method raises JetStreamUnavailableError when NATS is away or silent for
    `timeout_seconds`, and JetStreamError when the server refuses.
    """

    def __init__(self, link: Link, *, timeout_seconds: float = 5.0) -> None:
        self.link = link
        self._timeout = timeout_seconds

    async def stream_state(self, stream: str) -> StreamState:
        """First and last sequence of the stream, its incarnation, how full it is."""
        info = await self.request(f"$JS.API.STREAM.INFO.{stream}", b"", StreamInfo)
        return info.snapshot(datetime.now(UTC))

    async def create_consumer(
        self, stream: str, name: str, config: dict[str, object]
    ) -> ConsumerInfo:
        """Make an ephemeral consumer that needs no acks, kept in the server's memory."""
        fixed = {"name": name, "ack_policy": "none", "mem_storage": True, "num_replicas": 1}
        body = {"stream_name": stream, "action": "create", "config": {**fixed, **config}}
        return await self.request(
            f"$JS.API.CONSUMER.CREATE.{stream}.{name}", msgspec.json.encode(body), ConsumerInfo
        )

    async def delete_consumer(self, stream: str, name: str) -> None:
        """Delete a consumer. One that is gone already is as good."""
        try:
            await self.request(f"$JS.API.CONSUMER.DELETE.{stream}.{name}", b"", _Answer)
        except JetStreamError as error:
            if error.code not in {CONSUMER_NOT_FOUND, STREAM_NOT_FOUND}:
                raise

    async def request(self, subject: str, body: bytes, answer: type[T]) -> T:
        """One API request; the answer decoded as `answer`."""
        reply = await self._ask(subject, body)
        error = msgspec.json.decode(reply.data, type=_Answer).error
        if error is not None:
            raise JetStreamError(error.description, error.err_code)
        return msgspec.json.decode(reply.data, type=answer)

    async def publish(self, subject: str, body: bytes, *, reply: str) -> None:
        """Publish without waiting for anything, answers going to `reply`."""
        try:
            await self.link.client.publish(subject, body, reply=reply)
        except (nats.errors.Error, OSError) as error:
            raise _unavailable(subject, error) from error

    async def listen(self, inbox: str, handler: Callable[[Msg], Awaitable[None]]) -> Subscription:
        """Subscribe without nats-py's limits, past which it would drop messages silently."""
        try:
            client = cast("Any", self.link.client)
            subscribe: Callable[..., Awaitable[Subscription]] = client.subscribe
            return await subscribe(inbox, cb=handler, pending_msgs_limit=0, pending_bytes_limit=0)
        except (nats.errors.Error, OSError) as error:
            raise _unavailable(inbox, error) from error

    def new_name(self) -> str:
        """A name that nobody else has, fit for a consumer."""
        return self.new_inbox().rpartition(".")[2]

    def new_inbox(self) -> str:
        """A subject of our own for answers."""
        return self.link.client.new_inbox()

    async def _ask(self, subject: str, body: bytes) -> Msg:
        if not self.link.up:
            raise JetStreamUnavailableError("NATS is away", hint="reconnecting until it is back")
        try:
            return await self.link.client.request(subject, body, timeout=self._timeout)
        except (nats.errors.Error, OSError, TimeoutError) as error:
            raise _unavailable(subject, error) from error


def _unavailable(subject: str, error: Exception) -> JetStreamUnavailableError:
    match error:
        case nats.errors.NoRespondersError():
            why = "JetStream does not answer there; is it on, and has this account got it?"
        case nats.errors.TimeoutError() | TimeoutError():
            why = "no answer in time; a missing permission looks like this too"
        case _:
            why = str(error) or type(error).__name__
    return JetStreamUnavailableError(f"{subject}: {why}", hint="`jetbridge doctor` tells more")
