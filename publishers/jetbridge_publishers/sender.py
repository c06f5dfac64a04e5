"""The task that takes events from the outbox to the stream: acknowledged, in order, once.

A batch is handed to nats-py in one go and every answer awaited before the next one. This
keeps the order over any outage: nats-py resends by itself what it had not written yet, and
with two batches under way it would send the later one first. After a failure one event
goes alone until it is stored, so that a server which comes back in the middle of a batch
cannot store its end before its beginning. Resending what was stored already is harmless,
since the server knows the `Nats-Msg-Id`.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any, cast

import nats.errors
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription

from jetbridge_publishers.acks import Answer, Conflict, Refused, Stored, TryAgain, read_answer
from jetbridge_publishers.backoff import full_jitter
from jetbridge_publishers.headers import parse_headers
from jetbridge_publishers.outbox import AWAY, NO_ANSWER, Outbox, SendLimits
from jetbridge_publishers.publish_errors import PublishError, PublishRejectedError
from jetbridge_publishers.send_buffer import Outgoing
from jetbridge_publishers.tolerant_client import Listening, TolerantClient
from jetbridge_schemas.errors import JetbridgeError

logger = logging.getLogger("jetbridge.publisher")

_BATCH_BYTES = 512 * 1024  # well below the size at which nats-py flushes amid a batch
_HEADER_LINE = len(b"NATS/1.0\r\n\r\n")
_MAX_HEADERS = 4096  # more than all headers of an event can have
_POLL_SECONDS = 0.05


class Sender:
    """Sends events over `client`, which `reopen` replaces if NATS has closed it for good."""

    def __init__(
        self,
        client: Client,
        limits: SendLimits,
        reopen: Callable[[], Awaitable[Client]] | None = None,
    ) -> None:
        self.client = client
        self._limits = limits
        self._reopen = reopen
        self._outbox = Outbox(limits)
        self._inbox = _new_inbox(client)
        self._answers: Subscription | Listening | None = None
        self._deaf_on: int | None = None
        self._wake = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._awaited: set[int] = set()
        self._landed: asyncio.Future[None] = self._loop.create_future()
        self._task: asyncio.Task[None] | None = None

    @property
    def pending(self) -> int:
        """Events that are not stored yet."""
        return len(self._outbox)

    async def start(self) -> None:
        """Begin to send."""
        await self._listen()
        self._task = self._loop.create_task(self._run(), name="jetbridge-publisher")

    def put(self, subject: str, payload: bytes, headers: dict[str, str]) -> asyncio.Future[int]:
        """Take one event; the future is its sequence in the stream, or why it has none.

        Raises PublishBufferFullError, and PublishError when the sender is closed or the
        server lets nobody hear answers.
        """
        if self._task is None or self._task.done():
            raise PublishError("the publisher is closed")
        if self._deaf_on == self._connection():
            raise self._may_not_listen()
        future = self._outbox.put(subject, payload, headers)
        self._wake.set()
        return future

    async def flush(self) -> None:
        """Wait until the fate of everything put so far is known.

        Raises the PublishError of the first event that could not be stored.
        """
        for future in await self._outbox.wait():
            if not future.cancelled() and (error := future.exception()) is not None:
                raise error

    async def close(self, *, within_seconds: float) -> None:
        """Wait for what is pending, then stop; what is not stored by then fails."""
        if self._task is not None:
            if not self._task.done():
                await self._outbox.wait(within_seconds=within_seconds)
            self._task.cancel()
            await asyncio.wait([self._task])
        self._outbox.fail(self._outbox.unsettled(), self._outbox.closed_error)
        if self._answers is not None and self.client.is_connected and not self.client.is_draining:
            await self._answers.unsubscribe()

    def denied(self, text: str) -> None:
        """Take the server's word, in lower case, for what this user may not do."""
        unsettled = self._outbox.unsettled()
        if self._inbox.lower() in text:
            self._deaf_on = self._connection()
            self._outbox.fail(unsettled, self._may_not_listen)
        refused = [event for event in unsettled if f'"{event.subject.lower()}"' in text]
        self._outbox.fail(refused, _may_not_publish)
        self._answered(event.number for event in refused)

    async def _run(self) -> None:
        try:
            await self._send_for_ever()
        except Exception:
            logger.exception("the publisher failed")
            self._outbox.fail(self._outbox.unsettled(), lambda _: PublishError(_FAILED))

    async def _send_for_ever(self) -> None:
        failures = 0
        while True:
            await self._wake.wait()
            if not self.client.is_connected:
                await self._await_connection()
            elif await self._send_batch(1 if failures else self._limits.max_in_flight):
                failures = 0
            else:
                failures += 1
                self._outbox.fail_expired()
                await asyncio.sleep(full_jitter(failures))
            if not self._outbox.has_waiting:
                self._wake.clear()

    async def _send_batch(self, max_events: int) -> bool:
        """Send one batch and see it answered; False if any of it has to be sent again."""
        batch = self._outbox.take(max_events=max_events, max_bytes=_BATCH_BYTES)
        await self._exchange(batch)
        if self._outbox.put_back(batch):
            return False
        self._outbox.problem = ""
        return True

    async def _exchange(self, batch: Sequence[Outgoing]) -> None:
        self._awaited = {event.number for event in batch}
        self._landed = self._loop.create_future()
        connection = self._connection()
        until = self._loop.time() + self._limits.ack_timeout_seconds
        await self._publish(batch)
        while self._awaited and self._loop.time() < until and self._connection() == connection:
            await asyncio.wait((self._landed,), timeout=2 * _POLL_SECONDS)
        if self._awaited:
            self._outbox.problem = NO_ANSWER if self._connection() == connection else AWAY

    async def _publish(self, batch: Sequence[Outgoing]) -> None:
        room = self.client.max_payload - _MAX_HEADERS
        for position, event in enumerate(batch):
            if event.size > room and (size := _size(event)) > self.client.max_payload:
                self._outbox.fail([event], self._too_large(size))
                self._answered((event.number,))
                continue
            reply = f"{self._inbox}.{event.number}"
            try:
                await self.client.publish(event.subject, event.payload, reply, event.headers)
            except nats.errors.Error as error:
                self._outbox.problem = str(error).removeprefix("nats: ")
                self._answered(unsent.number for unsent in batch[position:])
                return

    async def _on_message(self, message: Msg) -> None:
        number = int(message.subject.rpartition(".")[2])
        self._on_answer(number, read_answer(message.data, message.headers))

    def _on_raw_message(self, subject: bytes, _: bytes, headers: bytes, payload: bytes) -> None:
        number = int(subject.rpartition(b".")[2])
        told = parse_headers(headers) if headers else None
        self._on_answer(number, read_answer(payload, told))

    def _on_answer(self, number: int, answer: Answer | None) -> None:
        match answer:
            case Stored(sequence):
                self._outbox.stored(number, sequence)
            case Refused(reason) | Conflict(reason):
                text = f"the stream refused it: {reason}"
                self._outbox.fail_number(number, lambda _: PublishRejectedError(text))
            case TryAgain(reason):
                self._outbox.problem = reason
            case None:
                return
        self._answered((number,))

    def _answered(self, numbers: Iterable[int]) -> None:
        self._awaited.difference_update(numbers)
        if not self._awaited and not self._landed.done():
            self._landed.set_result(None)

    def _connection(self) -> int:
        """A number that changes when the connection is lost or made anew."""
        return self.client.stats["reconnects"] if self.client.is_connected else -1

    async def _await_connection(self) -> None:
        self._outbox.problem = AWAY
        self._outbox.fail_expired()
        if not self.client.is_closed:
            await asyncio.sleep(_POLL_SECONDS)
        elif self._reopen is None:
            self._outbox.fail(self._outbox.unsettled(), lambda _: PublishError(_CLOSED))
        else:
            await self._replace_client(self._reopen)

    async def _replace_client(self, reopen: Callable[[], Awaitable[Client]]) -> None:
        try:
            self.client = await reopen()
            await self._listen()
        except (JetbridgeError, nats.errors.Error) as error:
            self._outbox.problem = str(error)
            await asyncio.sleep(full_jitter(6))

    async def _listen(self) -> None:
        inbox = f"{self._inbox}.*"
        if isinstance(self.client, TolerantClient):
            self._answers = await self.client.listen(inbox, self._on_raw_message)
            return
        subscribe: Callable[..., Awaitable[Subscription]] = cast("Any", self.client).subscribe
        self._answers = await subscribe(inbox, cb=self._on_message)

    def _may_not_listen(self, _: Outgoing | None = None) -> PublishRejectedError:
        return PublishRejectedError(
            "this NATS user may not subscribe to the answers to its own publishes",
            hint=f"allow it to subscribe to {self._inbox.partition('.')[0]}.>",
        )

    def _too_large(self, size: int) -> Callable[[Outgoing], PublishRejectedError]:
        return lambda _: PublishRejectedError(
            f"this event has {size:,} bytes with its headers; the server takes"
            f" {self.client.max_payload:,}",
            hint="send less, or raise max_payload in the server's configuration",
        )


_FAILED = "the publisher failed; its log has the reason"
_CLOSED = "the NATS connection was closed"


def _may_not_publish(event: Outgoing) -> PublishRejectedError:
    *agent, _, _ = event.subject.split(".", 4)
    return PublishRejectedError(
        f"this NATS user may not publish on {event.subject}",
        hint=f"allow it to publish on {'.'.join(agent)}.>",
    )


def _size(event: Outgoing) -> int:
    headers = sum(len(name) + len(value) + 4 for name, value in event.headers.items())
    return event.size + headers + _HEADER_LINE


def _new_inbox(client: Client) -> str:
    new_inbox: Callable[[], str] = client.new_inbox
    return new_inbox()
