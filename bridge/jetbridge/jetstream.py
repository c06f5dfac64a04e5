"""The few calls of the JetStream API that the bridge needs, typed by what it reads of them.

nats-py's own manager costs several times as much to decode and leaves out fields that
matter here (`delivered` of a new consumer, `created` of a stream).
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TypeVar

import msgspec
import nats.errors
from nats.aio.msg import Msg

from jetbridge.denials import DeniedError
from jetbridge.gaps import StreamState
from jetbridge.link import Link, LinkDownError
from jetbridge_publishers.message_parser import Handler
from jetbridge_publishers.tolerant_client import Listening
from jetbridge_schemas.errors import JetbridgeError

STREAM_NOT_FOUND = 10059
CONSUMER_NOT_FOUND = 10014
NANOSECONDS = 10**9

DOCTOR = "`jetbridge doctor` tells more"

T = TypeVar("T")


class JetStreamError(JetbridgeError):
    """The JetStream API answered with an error; `code` is nats-server's `err_code`."""

    def __init__(self, description: str, code: int) -> None:
        super().__init__(description)
        self.code = code


class JetStreamUnavailableError(JetbridgeError):
    """NATS is away, or did not answer in time."""


class JetStreamDeniedError(JetStreamUnavailableError):
    """NATS does not let the bridge ask: a permission is missing."""


class NobodyAnswersError(JetStreamUnavailableError):
    """Nobody listens there: no JetStream, or not what the subject names."""


class ApiError(msgspec.Struct):
    err_code: int = 0
    description: str = ""


class StreamLimits(msgspec.Struct):
    max_age: int = 0
    max_bytes: int = -1
    max_msgs: int = -1
    max_msgs_per_subject: int = -1
    num_replicas: int = 1


class StreamCounts(msgspec.Struct):
    messages: int
    bytes: int
    first_seq: int
    last_seq: int
    last_ts: datetime
    num_deleted: int = 0


class StreamInfo(msgspec.Struct):
    """The parts of STREAM.INFO that the bridge reads."""

    config: StreamLimits
    created: str
    state: StreamCounts

    def snapshot(self, now: datetime) -> StreamState:
        """The state in the bridge's terms."""
        counts, limits = self.state, self.config
        superseding = limits.max_msgs_per_subject > 0
        return StreamState(
            created=self.created,
            first_sequence=counts.first_seq if counts.messages else counts.last_seq + 1,
            last_sequence=counts.last_seq,
            fullness=self._fullness(now),
            holes=0 if superseding else counts.num_deleted,
            replicas=limits.num_replicas,
        )

    def _fullness(self, now: datetime) -> float:
        """How near the stream is to removing events. By age: how near it can be, since
        nothing tells when what is gone was stored."""
        counts, limits = self.state, self.config
        since = datetime.fromisoformat(self.created)
        if not counts.messages:
            since = max(since, counts.last_ts)
        age_ns = (now - since).total_seconds() * NANOSECONDS
        return max(
            age_ns / limits.max_age if limits.max_age > 0 else 0.0,
            counts.bytes / limits.max_bytes if limits.max_bytes > 0 else 0.0,
            counts.messages / limits.max_msgs if limits.max_msgs > 0 else 0.0,
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

    async def request(
        self, subject: str, body: bytes, answer: type[T], *, headers: dict[str, str] | None = None
    ) -> T:
        """One API request; the answer decoded as `answer`."""
        reply = await self.ask(subject, body, headers=headers)
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

    async def listen(self, inbox: str, handler: Handler) -> Listening:
        """Subscribe without nats-py's queue, whose limits would drop messages silently."""
        try:
            return await self.link.client.listen(inbox, handler)
        except (nats.errors.Error, OSError) as error:
            raise _unavailable(inbox, error) from error

    def new_name(self) -> str:
        """A name that nobody else has, fit for a consumer."""
        return self.new_inbox().rpartition(".")[2]

    def new_inbox(self) -> str:
        """A subject of our own for answers."""
        return self.link.client.new_inbox()

    async def ask(self, subject: str, body: bytes, *, headers: dict[str, str] | None = None) -> Msg:
        """One request; the answer as it comes."""
        try:
            async with self.link.standing(), self.link.denials.watched(subject):
                return await self.link.client.request(
                    subject, body, timeout=self._timeout, headers=headers
                )
        except DeniedError as error:
            raise JetStreamDeniedError(str(error), hint=error.hint) from error
        except LinkDownError as error:
            raise JetStreamUnavailableError(str(error), hint=error.hint) from error
        except (nats.errors.Error, OSError, TimeoutError) as error:
            raise _unavailable(subject, error) from error


def _unavailable(subject: str, error: Exception) -> JetStreamUnavailableError:
    match error:
        case nats.errors.NoRespondersError():
            why = "JetStream does not answer there; is it on, and has this account got it?"
            return NobodyAnswersError(f"{subject}: {why}", hint=DOCTOR)
        case nats.errors.TimeoutError() | TimeoutError():
            why = "no answer in time; a missing permission looks like this too"
        case _:
            why = str(error) or type(error).__name__
    return JetStreamUnavailableError(f"{subject}: {why}", hint=DOCTOR)
