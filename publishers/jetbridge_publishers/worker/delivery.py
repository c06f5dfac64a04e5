"""One task as the queue handed it out, and what may be said back to the queue."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

import nats.errors
from nats.aio.client import Client
from nats.aio.msg import Msg

from jetbridge_publishers.ack_subject import parse_ack_subject

_FAILURES = (nats.errors.Error, OSError)


class Delivery:
    """A message of the stream TASKS. The methods promise nothing: what does not reach the
    queue is handed out again, and the task's history says what has become of it."""

    def __init__(self, client: Callable[[], Client], message: Msg) -> None:
        place = parse_ack_subject(message.reply)
        self.subject = message.subject
        self.data = message.data
        self.headers = message.headers or {}
        self.queue_sequence = place.stream_sequence
        self.count = place.delivered
        self._reply = message.reply
        self._client = client

    async def in_progress(self) -> None:
        """Keep the queue from handing it out again, for another ack wait."""
        await self._say(b"+WPI")

    async def done(self) -> None:
        """Take it out of the queue."""
        await self._say(b"+ACK")

    async def hand_back(self, *, after_seconds: float = 0.0) -> None:
        """Have it handed out again."""
        delay = b' {"delay": %d}' % int(after_seconds * 1e9) if after_seconds else b""
        await self._say(b"-NAK" + delay)

    async def give_up(self) -> None:
        """Take it out of the queue, as something that cannot be done."""
        await self._say(b"+TERM")

    async def _say(self, word: bytes) -> None:
        with contextlib.suppress(*_FAILURES):
            await self._client().publish(self._reply, word)
