"""From a stored message to an event, or to the reason why it is none. Pure."""

from __future__ import annotations

import logging
from collections.abc import Callable

from jetbridge.event import Event
from jetbridge.pull import StoredMessage
from jetbridge.settings import Validation
from jetbridge_schemas.codec import PayloadError, to_json, validate
from jetbridge_schemas.dead_letters import DeadLetter
from jetbridge_schemas.errors import InvalidSubjectError
from jetbridge_schemas.reasons import DeadLetterReason
from jetbridge_schemas.subjects import EventSubject, parse_event_subject
from jetbridge_schemas.timestamps import rfc3339

logger = logging.getLogger("jetbridge.decode")


class Decoder:
    """Turns messages into events; what cannot be one goes to `on_dead_letter` instead."""

    def __init__(
        self, validation: Validation, on_dead_letter: Callable[[DeadLetter], None]
    ) -> None:
        self._validation = validation
        self._on_dead_letter = on_dead_letter

    def decode(self, message: StoredMessage) -> Event | None:
        """The event, or `None` for a dead letter."""
        try:
            subject = parse_event_subject(message.subject)
            data = to_json(message.data, message.headers)
            self._validate(subject, data, message.sequence)
        except InvalidSubjectError as error:
            self._refuse(message, DeadLetterReason.BAD_SUBJECT, str(error))
            return None
        except PayloadError as error:
            self._refuse(message, error.reason, str(error))
            return None
        return Event(
            sequence=message.sequence,
            time_ns=message.time_ns,
            tenant=subject.tenant,
            agent=subject.agent,
            job=subject.job,
            type=subject.type,
            data=data,
        )

    def decode_all(self, messages: list[StoredMessage]) -> list[Event]:
        """The events among the messages, in order."""
        events = (self.decode(message) for message in messages)
        return [event for event in events if event is not None]

    def _validate(self, subject: EventSubject, data: bytes, sequence: int) -> None:
        if self._validation is Validation.OFF:
            return
        try:
            validate(subject.type, data)
        except PayloadError as error:
            if self._validation is Validation.STRICT:
                raise
            logger.warning("event %d is delivered though it does not fit: %s", sequence, error)

    def _refuse(self, message: StoredMessage, reason: DeadLetterReason, why: str) -> None:
        self._on_dead_letter(
            DeadLetter(
                sequence=message.sequence,
                subject=message.subject,
                reason=reason,
                message=why,
                timestamp=rfc3339(message.time_ns),
            )
        )
