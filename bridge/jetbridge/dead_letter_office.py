"""Announces what cannot be delivered, on the stream DLQ; counts it; stops nothing for it."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter, OrderedDict

import msgspec
import nats.errors
import nats.js.errors

from jetbridge.link import Link
from jetbridge_schemas.dead_letters import DeadLetter
from jetbridge_schemas.errors import InvalidSubjectError, JetbridgeError
from jetbridge_schemas.reasons import DeadLetterReason
from jetbridge_schemas.subjects import DEFAULT_TENANT, dead_letter_subject, decode_id

logger = logging.getLogger("jetbridge.dead_letters")

MAX_REMEMBERED = 10_000
MAX_WAITING = 10_000
RETRY_SECONDS = 2.0


class DeadLetterOffice:
    """Takes each dead letter once, though tail and replays all meet it.

    Several bridges announce the same one; its sequence is the message id, so JetStream
    keeps one of them. What cannot be announced is logged, and stays in `EVT` anyway.
    """

    def __init__(self, link: Link) -> None:
        self._link = link
        self._known: OrderedDict[int, None] = OrderedDict()
        self._waiting: asyncio.Queue[DeadLetter] = asyncio.Queue(MAX_WAITING)
        self.counts: Counter[DeadLetterReason] = Counter()

    def take(self, letter: DeadLetter) -> None:
        """Count a dead letter, log it, and announce it soon."""
        if letter.sequence in self._known:
            return
        self._known[letter.sequence] = None
        if len(self._known) > MAX_REMEMBERED:
            self._known.popitem(last=False)
        self.counts[letter.reason] += 1
        logger.warning("event %d is a dead letter: %s", letter.sequence, letter.message)
        if self._waiting.full():
            logger.error("too many dead letters; %d is not announced", letter.sequence)
        else:
            self._waiting.put_nowait(letter)

    async def run(self) -> None:
        """Announce for ever; ends only when cancelled."""
        while True:
            await self._announce(await self._waiting.get())

    async def _announce(self, letter: DeadLetter) -> None:
        while True:
            try:
                return await self._publish(letter)
            except (nats.errors.Error, OSError, JetbridgeError) as error:
                logger.info("dead letter %d waits: %s", letter.sequence, error)
                await asyncio.sleep(RETRY_SECONDS)

    async def _publish(self, letter: DeadLetter) -> None:
        try:
            await self._link.context().publish(
                dead_letter_subject(tenant_of(letter), letter.reason),
                msgspec.json.encode(letter),
                headers={"Nats-Msg-Id": f"dlq-{letter.sequence}"},
            )
        except nats.js.errors.NoStreamResponseError:
            logger.warning("there is no stream DLQ: dead letter %d stays in EVT", letter.sequence)


def tenant_of(letter: DeadLetter) -> str:
    """The tenant a letter belongs to: the second token of its subject, the default tenant if
    that is none."""
    tokens = letter.subject.split(".")
    try:
        return decode_id(tokens[1])
    except (IndexError, InvalidSubjectError):
        return DEFAULT_TENANT
