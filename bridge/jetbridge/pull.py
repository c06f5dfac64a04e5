"""One ordered pull consumer: what JetStream stores, in order, without a hole, or an error.

Contiguity is judged by the consumer's sequence: holes in stream sequences are normal.
On any doubt it raises ConsumerLostError, and its owner opens another one after the
last sequence it has. It never skips, reorders or repeats.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import NamedTuple

import msgspec

from jetbridge.jetstream import NANOSECONDS, JetStream
from jetbridge_publishers.headers import parse_headers
from jetbridge_publishers.tolerant_client import Listening
from jetbridge_schemas.errors import JetbridgeError

INACTIVE_SECONDS = 30
"""After so long without a pull the server removes the consumer of a bridge that died."""

HEARTBEAT_SECONDS = 2.0
MISSED_AFTER_SECONDS = 2.5 * HEARTBEAT_SECONDS
ANSWER_SECONDS = 2.0
"""A pull that does not wait is answered at once, unless the consumer goes at that moment."""


class ConsumerLostError(JetbridgeError):
    """The consumer cannot be trusted any more; open another one."""


class StoredMessage(NamedTuple):
    """A message as JetStream stores it. `time_ns` is nanoseconds since 1970."""

    sequence: int
    time_ns: int
    subject: str
    data: bytes
    headers: dict[str, str] | None


def parse_ack_subject(reply: bytes) -> tuple[int, int, int, int]:
    """What JetStream writes into the reply subject of a message: its sequence in the stream,
    its sequence in the consumer, when it was stored (nanoseconds since 1970), and how many
    the consumer still has to deliver.

    Both forms: `$JS.ACK` and nine tokens in all, or eleven and more with domain and account.
    """
    tokens = reply.decode().split(".")
    at = 5 if len(tokens) == 9 else 7
    stream, consumer, time_ns, pending = tokens[at : at + 4]
    return int(stream), int(consumer), int(time_ns), int(pending)


class PullConsumer:
    """An ephemeral consumer from `start` on; see `open`."""

    def __init__(self, jetstream: JetStream, stream: str, name: str) -> None:
        self._jetstream = jetstream
        self._stream = stream
        self._name = name
        self._inbox = jetstream.new_inbox()
        self._listening: Listening | None = None
        self._generation = jetstream.link.generation
        self._wake = asyncio.Event()
        self._batch: list[StoredMessage] = []
        self._problem: str | None = None
        self._consumer_sequence = 0
        self._patience = MISSED_AFTER_SECONDS
        self._loop = asyncio.get_running_loop()
        self._seen = self._loop.time()
        self.outstanding = 0
        """Messages asked for and not yet come."""
        self.pending = 0
        """Messages the stream holds for this consumer beyond those that came."""
        self.oversized = False
        """The last pull ended because the next message is larger than its `max_bytes`."""

    @classmethod
    async def open(
        cls,
        jetstream: JetStream,
        stream: str,
        *,
        start: int = 1,
        subjects: list[str] | None = None,
        last_per_subject: bool = False,
    ) -> PullConsumer:
        """Make a consumer of everything with a sequence of at least `start`, narrowed to
        `subjects` if given; or of the last message of each of these subjects, as of now.

        Raises JetStreamError or JetStreamUnavailableError.
        """
        consumer = cls(jetstream, stream, f"jetbridge_{jetstream.new_name()}")
        config: dict[str, object] = {"inactive_threshold": INACTIVE_SECONDS * NANOSECONDS}
        if last_per_subject:
            config["deliver_policy"] = "last_per_subject"
        else:
            config |= {"deliver_policy": "by_start_sequence", "opt_start_seq": max(start, 1)}
        if subjects:
            config["filter_subjects"] = subjects
        consumer._listening = await jetstream.listen(consumer._inbox, consumer._on_message)
        try:
            info = await jetstream.create_consumer(stream, consumer._name, config)
        except BaseException:
            await consumer._stop_listening()
            raise
        consumer.pending = info.num_pending
        jetstream.link.subscribe(consumer._on_link)
        consumer._on_link()
        return consumer

    async def pull(self, count: int, *, wait_seconds: float = 0.0, max_bytes: int = 0) -> None:
        """Ask for `count` messages: those there now, or all that come within `wait_seconds`."""
        request: dict[str, object] = {"batch": count}
        self._patience = MISSED_AFTER_SECONDS if wait_seconds else ANSWER_SECONDS
        if wait_seconds:
            request["expires"] = int(wait_seconds * NANOSECONDS)
            request["idle_heartbeat"] = int(HEARTBEAT_SECONDS * NANOSECONDS)
        else:
            request["no_wait"] = True
        if max_bytes:
            request["max_bytes"] = max_bytes
        self.outstanding += count
        self._seen = self._loop.time()
        subject = f"$JS.API.CONSUMER.MSG.NEXT.{self._stream}.{self._name}"
        await self._jetstream.publish(subject, msgspec.json.encode(request), reply=self._inbox)

    async def next_batch(self) -> list[StoredMessage]:
        """Wait for messages, and take all that are there; empty when a pull has ended.

        Raises ConsumerLostError on any doubt, after the messages before the doubt are taken.
        """
        while not self._batch and self._problem is None and not self._wake.is_set():
            await self._wait()
        self._wake.clear()
        batch, self._batch = self._batch, []
        if not batch and self._problem is not None:
            raise ConsumerLostError(self._problem)
        return batch

    async def close(self) -> None:
        """Stop listening, and delete the consumer if NATS is there to be asked."""
        self._jetstream.link.unsubscribe(self._on_link)
        await self._stop_listening()
        with contextlib.suppress(JetbridgeError):
            await self._jetstream.delete_consumer(self._stream, self._name)

    async def _stop_listening(self) -> None:
        if self._listening is not None:
            with contextlib.suppress(Exception):  # the connection may be gone
                await self._listening.unsubscribe()

    async def _wait(self) -> None:
        try:
            async with asyncio.timeout(max(self._patience - self._silence(), 0.0)):
                await self._wake.wait()
        except TimeoutError:
            if self._silence() >= self._patience:
                self.doubt("it shows no sign of life")

    def _silence(self) -> float:
        return self._loop.time() - self._seen

    def _on_link(self) -> None:
        if not self._jetstream.link.up or self._jetstream.link.generation != self._generation:
            self.doubt("the connection to NATS was lost")

    def doubt(self, problem: str) -> None:
        """Trust this consumer no more: `next_batch` raises after what has come already."""
        if self._problem is None:
            self._problem = problem
        self._wake.set()

    def _on_message(self, subject: bytes, reply: bytes, raw_headers: bytes, data: bytes) -> None:
        self._seen = self._loop.time()
        if self._problem is not None:
            return
        headers = parse_headers(raw_headers) if raw_headers else None
        if headers is not None and not reply.startswith(b"$JS.ACK"):
            self._on_status(headers)
            return
        sequence, consumer_sequence, time_ns, self.pending = parse_ack_subject(reply)
        if consumer_sequence != self._consumer_sequence + 1:
            self.doubt(f"message {consumer_sequence} after {self._consumer_sequence}")
            return
        self._consumer_sequence = consumer_sequence
        self.outstanding -= 1
        name = subject.decode(errors="surrogateescape")
        self._batch.append(StoredMessage(sequence, time_ns, name, data, headers))
        self._wake.set()

    def _on_status(self, headers: dict[str, str]) -> None:
        status, description = headers.get("Status", ""), headers.get("Description", "")
        ended = description.startswith(("Batch Completed", "Message Size Exceeds"))
        if status == "100":
            return
        if status in {"404", "408"} or (status == "409" and ended):
            left = headers.get("Nats-Pending-Messages")
            self.outstanding = max(0, self.outstanding - int(left)) if left else 0
            self.oversized = description.startswith("Message Size Exceeds")
            self._wake.set()
            return
        self.doubt(f"{status} {description}".strip())
