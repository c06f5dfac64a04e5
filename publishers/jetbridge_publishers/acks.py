"""What JetStream answers to a publish, and what that means for the event."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec


@dataclass(frozen=True, slots=True)
class Stored:
    """The event is in the stream, as `sequence`; a duplicate has the sequence of the first."""

    sequence: int


@dataclass(frozen=True, slots=True)
class Refused:
    """The stream will never take this event."""

    reason: str


@dataclass(frozen=True, slots=True)
class Conflict:
    """The event was to follow another one; the last is `last` instead, 0 if there is none."""

    reason: str
    last: int


@dataclass(frozen=True, slots=True)
class TryAgain:
    """The event is not stored now, but may be later."""

    reason: str


@dataclass(frozen=True, slots=True)
class Full(TryAgain):
    """The stream has no room, and removes nothing to make some."""


Answer = Stored | Refused | Conflict | TryAgain

NO_STREAM = "no stream takes this subject"


def read_answer(data: bytes, headers: Mapping[str, str] | None) -> Answer | None:
    """The meaning of one reply; None for a reply that is not JetStream's.

    Codes of 500 and above, and 408, 409, 429, pass away by themselves (nats-server,
    server/errors.json; 409 is a message id that a cluster is just about to store). So does
    10164: the cluster has a write under way that the condition is about, and does not say
    whether it holds. Any other error is about the event itself.
    """
    if not data:
        return TryAgain(NO_STREAM) if headers and headers.get("Status") == "503" else None
    try:
        ack = _decode(data)
    except msgspec.MsgspecError:
        return None
    if ack.error is not None:
        return _failure(ack.error)
    return Stored(ack.seq) if ack.stream else None


class _Error(msgspec.Struct):
    code: int = 0
    err_code: int = 0
    description: str = ""


class _Ack(msgspec.Struct):
    stream: str = ""
    seq: int = 0
    error: _Error | None = None


_decode = msgspec.json.Decoder(_Ack).decode
_PASSING = frozenset({408, 409, 429})
_WRONG_LAST_SEQUENCE = 10071
_LAST_SEQUENCE_IN_MOTION = 10164
_STORE_FAILED = 10077


def _failure(error: _Error) -> Refused | Conflict | TryAgain:
    reason = error.description or f"JetStream error {error.code}"
    if error.err_code == _WRONG_LAST_SEQUENCE:
        number = reason.rpartition(" ")[2]
        return Conflict(reason, int(number) if number.isdecimal() else 0)
    if error.err_code == _STORE_FAILED and reason.startswith("maximum "):
        return Full(reason)
    passes = error.code >= 500 or error.code in _PASSING
    if passes or error.err_code == _LAST_SEQUENCE_IN_MOTION:
        return TryAgain(reason)
    return Refused(reason)
