"""The root of all errors that Jetbridge raises on purpose, and those of this package."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jetbridge_schemas.reasons import DeadLetterReason


class JetbridgeError(Exception):
    """Something a person can act on: `str(error)` says what is wrong, `hint` what to do."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class InvalidIdError(JetbridgeError):
    """An id that no subject can carry: empty, over 256 bytes of UTF-8, or not Unicode."""


class InvalidSubjectError(JetbridgeError):
    """A subject, or a part of one, that is outside the grammar of contract section 1."""


class OutOfOrderError(JetbridgeError):
    """Events were not given in the order of their sequences."""


class PayloadError(JetbridgeError):
    """A message body that cannot be delivered; `reason` is the dead letter's.

    The message is cut at 500 characters: it may quote the payload, and is published itself.
    """

    def __init__(self, reason: DeadLetterReason, message: str, *, hint: str = "") -> None:
        super().__init__(message if len(message) <= 500 else message[:499] + "…", hint=hint)
        self.reason = reason
