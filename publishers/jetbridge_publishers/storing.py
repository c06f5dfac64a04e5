"""Storing one message in a stream, now: acknowledged, once, and on a condition if need be.

For what has to be known before the next step is taken. `Publisher` is for everything else.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass

import nats.errors
from nats.aio.client import Client

from jetbridge_publishers.acks import (
    Answer,
    Conflict,
    Full,
    Refused,
    Stored,
    TryAgain,
    read_answer,
)
from jetbridge_publishers.backoff import full_jitter
from jetbridge_publishers.publish_errors import (
    PublishConflictError,
    PublishRejectedError,
    PublishTimeoutError,
    QueueFullError,
)

logger = logging.getLogger("jetbridge.publisher")

ANSWER_SECONDS = 5.0
"""How long one attempt waits for the stream's answer."""

_FAILURES = (nats.errors.Error, OSError, TimeoutError)


@dataclass(frozen=True, slots=True)
class Condition:
    """That the last message on `subject`, which may hold wildcards, has the sequence `last`;
    0 for no message. NATS checks it when it stores the message that comes with it."""

    subject: str
    last: int

    @property
    def headers(self) -> dict[str, str]:
        return {
            "Nats-Expected-Last-Subject-Sequence": str(self.last),
            "Nats-Expected-Last-Subject-Sequence-Subject": self.subject,
        }


async def store(
    client: Callable[[], Client],
    subject: str,
    payload: bytes,
    headers: dict[str, str],
    *,
    condition: Condition | None = None,
    within_seconds: float,
) -> int:
    """Store a message and return its sequence.

    `client` gives the connection to use, asked anew for each attempt. `headers` should hold a
    `Nats-Msg-Id`, so that an attempt that was stored without an answer is not stored again.
    A condition is checked first: after an answer that got lost it may fail because of the
    message itself.

    Raises PublishConflictError when the condition does not hold, QueueFullError when the
    stream takes nothing more, PublishRejectedError when it will never take this message, and
    PublishTimeoutError when none of this is known `within_seconds`.
    """
    headers = headers if condition is None else {**headers, **condition.headers}
    loop = asyncio.get_running_loop()
    deadline = loop.time() + within_seconds
    attempt = 0
    while True:
        attempt += 1
        left = max(0.05, deadline - loop.time())
        answer = await _ask(client, subject, payload, headers, min(ANSWER_SECONDS, left))
        reason = _settled(answer, subject)
        if isinstance(reason, int):
            return reason
        if loop.time() >= deadline:
            raise _timed_out(subject, reason, within_seconds)
        if attempt == 2:
            logger.info("a message on %s is not stored yet: %s", subject, reason)
        await asyncio.sleep(min(full_jitter(attempt), left))


def _settled(answer: Answer | None, subject: str) -> int | str:
    """The sequence, or why to try again. Raises the error of an answer that is final."""
    match answer:
        case Stored(sequence):
            return sequence
        case Conflict(reason, last):
            raise PublishConflictError(f"the stream has moved on: {reason}", last=last)
        case Full(reason):
            raise QueueFullError(
                f"no room for this message on {subject}: {reason}", hint="try again later"
            )
        case Refused(reason):
            raise PublishRejectedError(f"the stream refused it: {reason}")
        case TryAgain(reason):
            return reason
        case None:
            return "what answered is no stream"


async def _ask(
    client: Callable[[], Client],
    subject: str,
    payload: bytes,
    headers: dict[str, str],
    seconds: float,
) -> Answer | None:
    try:
        reply = await client().request(subject, payload, timeout=seconds, headers=headers)
    except nats.errors.MaxPayloadError:
        return Refused("it is larger than the server allows")
    except nats.errors.NoRespondersError:
        return TryAgain("no stream takes this subject")
    except _FAILURES as error:
        text = str(error).removeprefix("nats: ")
        return TryAgain(text if text and text != "timeout" else "no answer came")
    return read_answer(reply.data, reply.headers)


def _timed_out(subject: str, reason: str, seconds: float) -> PublishTimeoutError:
    return PublishTimeoutError(
        f"not stored on {subject} within {seconds:g} s: {reason}",
        hint="is NATS there, with its streams, and may this user publish on that subject?",
    )
