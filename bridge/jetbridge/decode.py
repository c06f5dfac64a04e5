"""From a stored message to an event, or to the reason why it is none. Pure."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import lru_cache

from jetbridge.event import Event
from jetbridge.pull import StoredMessage
from jetbridge.setting_choices import Validation
from jetbridge_schemas.codec import PayloadError, to_json, validate
from jetbridge_schemas.dead_letters import DeadLetter
from jetbridge_schemas.errors import InvalidSubjectError, JetbridgeError
from jetbridge_schemas.reasons import DeadLetterReason
from jetbridge_schemas.subjects import EventSubject, parse_event_subject
from jetbridge_schemas.timestamps import rfc3339

logger = logging.getLogger("jetbridge.decode")

KNOWN_SUBJECTS = 8192
"""Subjects whose parts are remembered, so that those in use are taken apart only once."""


class Decoder:
    """Turns messages into events; what cannot be one goes to `on_dead_letter` instead."""

    def __init__(
        self, validation: Validation, on_dead_letter: Callable[[DeadLetter], None]
    ) -> None:
        self._validates = validation is not Validation.OFF
        self._is_strict = validation is Validation.STRICT
        self._on_dead_letter = on_dead_letter
        self._parse_subject = lru_cache(KNOWN_SUBJECTS)(parse_event_subject)

    def decode(self, message: StoredMessage) -> Event | None:
        """The event, or `None` for a dead letter."""
        try:
            subject = self._parse_subject(message.subject)
            data = to_json(message.data, message.headers)
            if self._validates:
                self._validate(subject, data, message.sequence)
        except InvalidSubjectError as error:
            self._refuse(message, DeadLetterReason.BAD_SUBJECT, explained(error))
            return None
        except PayloadError as error:
            self._refuse(message, error.reason, explained(error))
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
        try:
            validate(subject.type, data)
        except PayloadError as error:
            if self._is_strict:
                raise
            logger.warning("event %d is delivered though it does not fit: %s", sequence, error)

    def _refuse(self, message: StoredMessage, reason: DeadLetterReason, why: str) -> None:
        self._on_dead_letter(
            DeadLetter(
                sequence=message.sequence,
                subject=readable(message.subject),
                reason=reason,
                message=why,
                timestamp=rfc3339(message.time_ns),
            )
        )


def explained(error: JetbridgeError) -> str:
    """What is wrong, and what to do if that is known."""
    return f"{error}; {error.hint}" if error.hint else str(error)


def readable(subject: str) -> str:
    """A subject as it can be shown and sent: bytes that are no UTF-8 as `\\xff`."""
    return subject.encode(errors="surrogateescape").decode(errors="backslashreplace")
