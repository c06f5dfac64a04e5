"""`jetbridge dead-letters`: events that could not be delivered, and why."""

from __future__ import annotations

import asyncio
import sys
from typing import Annotated, NamedTuple

import msgspec
from cyclopts import Parameter
from cyclopts.validators import Number

from jetbridge.cli.event_lines import DIM, YELLOW, paint, printable
from jetbridge.cli.nats_session import NATS_FLAGS, nats_session
from jetbridge.cli.setting_flags import Given, with_setting_flags
from jetbridge.cli.tail import wants_colour
from jetbridge.gaps import StreamState
from jetbridge.jetstream import STREAM_NOT_FOUND, JetStream, JetStreamError
from jetbridge.pull import PullConsumer, StoredMessage
from jetbridge_publishers.streams import DEAD_LETTERS
from jetbridge_schemas.dead_letters import DeadLetter
from jetbridge_schemas.errors import JetbridgeError
from jetbridge_schemas.reasons import DeadLetterReason
from jetbridge_schemas.subjects import DEFAULT_TENANT, dead_letter_subject

FIRST_WINDOW = 1000
"""Announcements looked at first; more only if too few of them are wanted."""

PULL = 500
"""Announcements asked for at once."""


class Letter(NamedTuple):
    """An announcement, read, and as it was written."""

    read: DeadLetter
    json: bytes


@with_setting_flags(only=NATS_FLAGS)
def dead_letters(
    given: Given,
    *,
    reason: DeadLetterReason | None = None,
    limit: Annotated[int, Parameter(validator=Number(gte=1))] = 50,
    tenant: str = DEFAULT_TENANT,
    json: Annotated[bool, Parameter(negative="")] = False,
) -> int:
    """List the events that could not be delivered, newest last.

    They stay in the stream EVT; what is listed are the announcements of the last 7 days.

    Parameters
    ----------
    reason
        Only those with this reason.
    limit
        At most so many, the newest.
    tenant
        Whose dead letters.
    json
        One JSON object a line, as announced on `dlq.<tenant>.<reason>`.
    """
    reasons = [reason] if reason else list(DeadLetterReason)
    subjects = [dead_letter_subject(tenant, each) for each in reasons]
    letters = asyncio.run(_newest(given, subjects, limit))
    colour = wants_colour()
    for letter in letters:
        print(letter.json.decode() if json else _for_people(letter.read, colour=colour))
    if not letters:
        print("no dead letters", file=sys.stderr)
    return 0


async def _newest(given: Given, subjects: list[str], limit: int) -> list[Letter]:
    async with nats_session(given.load()) as jetstream:
        state = await _state(jetstream)
        window = max(FIRST_WINDOW, limit)
        while True:
            start = max(state.first_sequence, state.last_sequence - window + 1)
            letters = await _read(jetstream, subjects, start)
            if len(letters) >= limit or start <= state.first_sequence:
                return letters[-limit:]
            window *= 10


async def _state(jetstream: JetStream) -> StreamState:
    try:
        return await jetstream.stream_state(DEAD_LETTERS)
    except JetStreamError as error:
        if error.code != STREAM_NOT_FOUND:
            raise
        raise JetbridgeError(
            f"there is no stream {DEAD_LETTERS}, so no dead letters are kept",
            hint="`jetbridge doctor` says how to make it",
        ) from error


async def _read(jetstream: JetStream, subjects: list[str], start: int) -> list[Letter]:
    consumer = await PullConsumer.open(jetstream, DEAD_LETTERS, start=start, subjects=subjects)
    letters: list[Letter] = []
    try:
        while batch := await _pull(consumer, min(consumer.pending, PULL)):
            letters.extend(_letter(message) for message in batch)
    finally:
        await consumer.close()
    return letters


async def _pull(consumer: PullConsumer, count: int) -> list[StoredMessage]:
    """The next `count` messages; fewer if some have expired; none at the end."""
    messages: list[StoredMessage] = []
    if count:
        await consumer.pull(count)
    while consumer.outstanding:
        messages.extend(await consumer.next_batch())
    return messages


def _letter(message: StoredMessage) -> Letter:
    return Letter(msgspec.json.decode(message.data, type=DeadLetter), message.data)


def _for_people(letter: DeadLetter, *, colour: bool) -> str:
    return "  ".join(
        (
            paint(f"{letter.sequence}  {printable(letter.timestamp)}", DIM, colour=colour),
            paint(letter.reason.ljust(12), YELLOW, colour=colour),
            printable(letter.subject),
            printable(letter.message),
        )
    )
