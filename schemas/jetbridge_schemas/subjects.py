"""The subject grammar `evt.<tenant>.<agent>.<job>.<type>` and its inverse (contract section 1).

Ids come from outside and may hold anything; subjects must not. An id that is plain stands as it
is, every other id becomes `=` and the base64url of its UTF-8. The mapping is one-to-one: two ids
never share a token, and a token that no id encodes to is refused.
"""

from __future__ import annotations

import re
from base64 import b64decode, urlsafe_b64encode
from functools import lru_cache
from typing import NamedTuple

from jetbridge_schemas.errors import InvalidIdError, InvalidSubjectError
from jetbridge_schemas.reasons import DeadLetterReason

DEFAULT_TENANT = "default"
"""The tenant of everything that authentication does not place elsewhere."""

NO_JOB = "-"
"""The job token of an event that belongs to no unit of work."""

MAX_ID_BYTES = 256
"""The longest id, in bytes of UTF-8."""

MAX_EVENT_TYPE_BYTES = 128
"""The longest event type, in bytes of UTF-8, dots included."""

CONTROL_TYPES = frozenset(
    {"connected", "heartbeat", "caught-up", "gap", "draining", "unavailable", "snapshot-end"}
)
"""Event names that only the bridge may use; a publish with one of them is a dead letter."""

_PLAIN_ID = re.compile(r"[A-Za-z0-9_:-]{1,128}")
_ENCODED_ID = re.compile(r"=[A-Za-z0-9_-]+")
_FORBIDDEN_IN_TYPE = re.compile(r"[\s\x00-\x1f\x7f-\x9f*>,]")
_CACHED_TOKENS = 8192


class EventSubject(NamedTuple):
    """A parsed event subject; the ids are decoded, `job` is None when there is none."""

    tenant: str
    agent: str
    job: str | None
    type: str


def encode_id(id: str) -> str:
    """Return the subject token that stands for `id` alone.

    Raises InvalidIdError when `id` is empty, over 256 bytes of UTF-8, or holds a lone surrogate.
    """
    if _PLAIN_ID.fullmatch(id) and id != NO_JOB:
        return id
    if not id:
        raise InvalidIdError("an id must not be empty")
    try:
        raw = id.encode()
    except UnicodeEncodeError as error:
        raise InvalidIdError(f"the id {_shown(id)} is not valid Unicode") from error
    if len(raw) > MAX_ID_BYTES:
        raise InvalidIdError(
            f"the id {_shown(id)} has {len(raw)} bytes, more than {MAX_ID_BYTES}",
            hint="use a shorter id, for example a hash of this one",
        )
    return "=" + urlsafe_b64encode(raw).rstrip(b"=").decode()


def decode_id(token: str) -> str:
    """Return the id that `token` stands for; the exact inverse of `encode_id`.

    Raises InvalidSubjectError when no id encodes to `token`.
    """
    if _PLAIN_ID.fullmatch(token) and token != NO_JOB:
        return token
    if not _ENCODED_ID.fullmatch(token):
        raise InvalidSubjectError(f"the token {_shown(token)} stands for no id")
    body = token[1:]
    try:
        id = b64decode(body + "=" * (-len(body) % 4), altchars=b"-_").decode()
        canonical = encode_id(id)
    except (ValueError, InvalidIdError) as error:
        raise InvalidSubjectError(f"the token {_shown(token)} stands for no id") from error
    if canonical != token:
        raise InvalidSubjectError(
            f"the token {_shown(token)} is not the one for the id {_shown(id)}",
            hint=f"publish on the token {canonical}",
        )
    return id


def check_event_type(type: str) -> None:
    """Accept one to four dot-separated, non-empty parts of at most 128 bytes of UTF-8 in all.

    Raises InvalidSubjectError for anything else, for whitespace, control characters, `*`, `>` and
    `,`, and for the names in `CONTROL_TYPES`.
    """
    parts = type.split(".")
    if "" in parts:
        raise InvalidSubjectError(f"the event type {_shown(type)} has an empty part")
    if len(parts) > 4:
        raise InvalidSubjectError(f"the event type {_shown(type)} has more than four parts")
    if found := _FORBIDDEN_IN_TYPE.search(type):
        raise InvalidSubjectError(f"the event type {_shown(type)} holds {found.group()!r}")
    if type in CONTROL_TYPES:
        raise InvalidSubjectError(f"the event type {type!r} is reserved for the bridge")
    try:
        size = len(type.encode())
    except UnicodeEncodeError as error:
        raise InvalidSubjectError(f"the event type {_shown(type)} is not Unicode") from error
    if size > MAX_EVENT_TYPE_BYTES:
        raise InvalidSubjectError(
            f"the event type {_shown(type)} has {size} bytes, more than {MAX_EVENT_TYPE_BYTES}"
        )


def event_subject(*, tenant: str, agent: str, job: str | None, type: str) -> str:
    """Return the subject to publish an event on; `job` is None when there is no unit of work.

    Raises InvalidIdError for an id that cannot be encoded, InvalidSubjectError for a bad `type`.
    """
    check_event_type(type)
    return f"evt.{encode_id(tenant)}.{encode_id(agent)}.{_job_token(job)}.{type}"


def parse_event_subject(subject: str) -> EventSubject:
    """Return the parts of an event subject, ids decoded; the inverse of `event_subject`.

    Raises InvalidSubjectError, saying what is wrong, for everything `event_subject` cannot make.
    """
    parts = subject.split(".", 4)
    if len(parts) != 5 or parts[0] != "evt":
        raise InvalidSubjectError(
            f"the subject {_shown(subject)} is not evt.<tenant>.<agent>.<job>.<type>"
        )
    _, tenant, agent, job, type = parts
    return EventSubject(
        _cached_id(tenant),
        _cached_id(agent),
        None if job == NO_JOB else _cached_id(job),
        _cached_type(type),
    )


def dead_letter_subject(tenant: str, reason: DeadLetterReason) -> str:
    """Return the subject on which a dead letter is announced. Raises InvalidIdError."""
    return f"dlq.{encode_id(tenant)}.{reason.value}"


def task_subject(tenant: str, agent: str) -> str:
    """Return the subject on which tasks reach an agent. Raises InvalidIdError."""
    return f"task.{encode_id(tenant)}.{encode_id(agent)}"


def control_subject(tenant: str, agent: str, job: str | None) -> str:
    """Return the subject for pausing, resuming, cancelling a job. Raises InvalidIdError."""
    return f"ctl.{encode_id(tenant)}.{encode_id(agent)}.{_job_token(job)}"


def _job_token(job: str | None) -> str:
    return NO_JOB if job is None else encode_id(job)


@lru_cache(maxsize=_CACHED_TOKENS)
def _cached_id(token: str) -> str:
    return decode_id(token)


@lru_cache(maxsize=_CACHED_TOKENS)
def _cached_type(type: str) -> str:
    check_event_type(type)
    return type


def _shown(text: str) -> str:
    """Quote for an error message: escaped, and cut when long."""
    return repr(text) if len(text) <= 80 else f"{text[:77]!r}…"
