"""What waits to be stored, and what becomes of it: a sequence or an error for each event."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from jetbridge_publishers.acks import NO_STREAM
from jetbridge_publishers.publish_errors import (
    PublishBufferFullError,
    PublishError,
    PublishTimeoutError,
)
from jetbridge_publishers.send_buffer import Outgoing, SendBuffer

logger = logging.getLogger("jetbridge.publisher")

ErrorOf = Callable[[Outgoing], PublishError]
"""Makes the error of one event: an exception must not be raised by several waiters."""

AWAY = "NATS is away"
NO_ANSWER = "no answer came; a plain subscriber may listen where the stream should"


@dataclass(frozen=True, slots=True, kw_only=True)
class SendLimits:
    """Bounds of a sender.

    max_in_flight: events sent before the first of them is acknowledged.
    max_pending, max_pending_bytes: events, and their payloads' bytes, kept until stored.
    retry_seconds: how long an event may take over an outage; checked after each attempt.
    ack_timeout_seconds: how long to wait for answers before an attempt has failed.
    """

    max_in_flight: int = 256
    max_pending: int = 10_000
    max_pending_bytes: int = 64 * 1024**2
    retry_seconds: float = 600.0
    ack_timeout_seconds: float = 5.0

    def __post_init__(self) -> None:
        for name in ("max_in_flight", "max_pending", "max_pending_bytes", "ack_timeout_seconds"):
            if getattr(self, name) <= 0:
                raise PublishError(f"{name} must be more than 0, not {getattr(self, name)}")


class Outbox:
    """The events of one publisher until their fate is known.

    `problem` says why nothing can be stored at present; empty when all is well.
    """

    def __init__(self, limits: SendLimits) -> None:
        self.problem = ""
        self._limits = limits
        self._loop = asyncio.get_running_loop()
        self._count = 0
        self._buffer = SendBuffer(max_events=limits.max_pending, max_bytes=limits.max_pending_bytes)

    def __len__(self) -> int:
        return len(self._buffer)

    @property
    def has_waiting(self) -> bool:
        """True if there is something to send that is not under way."""
        return self._buffer.has_waiting

    def put(self, subject: str, payload: bytes, headers: dict[str, str]) -> asyncio.Future[int]:
        """Take one event; the future becomes its sequence, or a PublishError.

        Raises PublishBufferFullError.
        """
        if not self._buffer.has_room(len(payload)):
            raise PublishBufferFullError(
                f"{len(self):,} events wait to be stored{self._because()}",
                hint="wait (await flush()), emit less, or raise max_pending",
            )
        self._count += 1
        future: asyncio.Future[int] = self._loop.create_future()
        deadline = self._loop.time() + self._limits.retry_seconds
        self._buffer.put(Outgoing(self._count, subject, payload, headers, deadline, future))
        return future

    def take(self, *, max_events: int, max_bytes: int) -> list[Outgoing]:
        """The next events to send, in order."""
        return self._buffer.take(max_events=max_events, max_bytes=max_bytes)

    def put_back(self, batch: Sequence[Outgoing]) -> int:
        """Keep what of a batch has to be sent again; say how many that are."""
        return self._buffer.put_back(batch)

    def stored(self, number: int, sequence: int) -> None:
        """The event `number` is in the stream. Hearing it twice does no harm."""
        event = self._buffer.settle(number)
        if event is not None and not event.future.done():
            event.future.set_result(sequence)

    def fail(
        self, events: Sequence[Outgoing], error_of: Callable[[Outgoing], PublishError]
    ) -> None:
        """Give up on `events`; each gets its own error."""
        unsettled = [event for event in events if self._buffer.settle(event.number) is not None]
        for event in unsettled:
            if not event.future.done():
                event.future.set_exception(error_of(event))
                event.future.exception()  # told here and by flush(): asyncio need not complain
        if unsettled:
            what = f"{len(unsettled)} events, first" if len(unsettled) > 1 else "an event"
            first = unsettled[0]
            logger.warning("%s on %s, not stored: %s", what, first.subject, error_of(first))

    def fail_number(self, number: int, error_of: ErrorOf) -> None:
        """Give up on the event `number`, if it is still here."""
        event = self._buffer.get(number)
        self.fail([] if event is None else [event], error_of)

    def fail_expired(self) -> None:
        """Give up on the events whose time is over."""
        self.fail(self._buffer.expired(self._loop.time()), self._timeout_error)

    def unsettled(self) -> list[Outgoing]:
        """Every event whose fate is open, in order."""
        return self._buffer.unsettled()

    async def wait(self, *, within_seconds: float | None = None) -> list[asyncio.Future[int]]:
        """Wait until the fate of everything put so far is known; return the futures."""
        futures = [event.future for event in self.unsettled()]
        if futures:
            await asyncio.wait(futures, timeout=within_seconds)
        return futures

    def closed_error(self, _: Outgoing) -> PublishError:
        """What an event gets that is still here when the publisher closes."""
        return PublishError(f"closed before the event was stored{self._because()}")

    def _timeout_error(self, event: Outgoing) -> PublishTimeoutError:
        seconds = f"{self._limits.retry_seconds:g} s"
        if self.problem in {NO_STREAM, NO_ANSWER}:
            return PublishTimeoutError(
                f"no stream takes the subject {event.subject} (tried for {seconds})",
                hint="is the stream EVT there? `jetbridge serve --stream-manage create` makes it",
            )
        return PublishTimeoutError(f"not stored within {seconds}{self._because()}")

    def _because(self) -> str:
        return f": {self.problem}" if self.problem else ""
