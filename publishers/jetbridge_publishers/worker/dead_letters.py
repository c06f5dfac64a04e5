"""Announcing tasks that nobody will do any more."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

import msgspec
from nats.aio.client import Client

from jetbridge_publishers.publish_errors import PublishError
from jetbridge_publishers.storing import store
from jetbridge_schemas.dead_letters import DeadLetter
from jetbridge_schemas.reasons import DeadLetterReason
from jetbridge_schemas.subjects import dead_letter_subject
from jetbridge_schemas.timestamps import rfc3339

logger = logging.getLogger("jetbridge.worker")

WITHIN_SECONDS = 10.0
"""How long an announcement may take; without one, the task is in the log."""


async def announce(
    client: Callable[[], Client],
    tenant: str,
    subject: str,
    *,
    reason: DeadLetterReason,
    message: str,
    sequence: int,
) -> None:
    """Announce a task that came on `subject` on `dlq.<tenant>.<reason>`; log it in any case."""
    logger.error("a task on %s is a dead letter: %s", subject, message)
    letter = DeadLetter(
        sequence=sequence,
        subject=subject,
        reason=reason,
        message=message,
        timestamp=rfc3339(time.time_ns()),
    )
    headers = {"Nats-Msg-Id": f"dlq-{reason}-{sequence}"}
    try:
        await store(
            client,
            dead_letter_subject(tenant, reason),
            msgspec.json.encode(letter),
            headers,
            within_seconds=WITHIN_SECONDS,
        )
    except PublishError as error:
        logger.warning("the dead letter is not announced: %s", error)
