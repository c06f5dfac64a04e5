"""From an event as agents have it to a message as NATS takes it; nothing is sent here."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from jetbridge_publishers.publish_errors import PublishRejectedError
from jetbridge_schemas.codec import (
    MAX_EVENT_BYTES,
    MSGPACK_CONTENT_TYPE,
    encode_json,
    encode_msgpack,
    validate,
)
from jetbridge_schemas.errors import PayloadError
from jetbridge_schemas.events import Event
from jetbridge_schemas.registry import event_type_of
from jetbridge_schemas.subjects import event_subject

Encoding = Literal["json", "msgpack"]
"""How payloads travel; browsers get JSON either way."""

EventData = Event | Mapping[str, Any]
"""An event: a struct of `jetbridge_schemas`, or any JSON object with a type beside it."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """One message, checked and encoded. `json` is what browsers will get."""

    type: str
    subject: str
    payload: bytes
    json: bytes
    headers: dict[str, str]


def prepare(
    event: EventData,
    *,
    tenant: str,
    agent: str,
    job: str | None,
    type: str | None,
    encoding: Encoding,
    traceparent: str | None,
) -> Prepared:
    """Check `event` and encode it.

    `type` is for events that are not structs, which know theirs.
    Raises PublishRejectedError when the event has no type, does not fit its type's schema,
    or is larger than 1 MiB; InvalidIdError and InvalidSubjectError when it has no subject.
    """
    name = _type_of(event, type)
    subject = _subject(tenant, agent, job, name)
    headers = {} if traceparent is None else {"traceparent": header_value(traceparent)}
    data = event if isinstance(event, Event) else dict(event)
    try:
        json = encode_json(data)
        validate(name, json)
        payload = json if encoding == "json" else encode_msgpack(data)
    except PayloadError as error:
        raise PublishRejectedError(f"this event is not valid: {error}", hint=error.hint) from error
    if encoding != "json":
        headers["Content-Type"] = MSGPACK_CONTENT_TYPE
    _check_size(name, max(len(json), len(payload)))
    return Prepared(name, subject, payload, json, headers)


def header_value(text: str) -> str:
    """`text`, which must be fit for a header: 1 to 1,024 characters of printable ASCII
    with no space at either end.

    Raises PublishRejectedError for anything else; NATS would change it silently.
    """
    if not _HEADER_VALUE.fullmatch(text):
        raise PublishRejectedError(
            f"{text[:80]!r} cannot be sent in a header",
            hint="use 1 to 1,024 characters of printable ASCII",
        )
    return text


@lru_cache(maxsize=4096)
def _subject(tenant: str, agent: str, job: str | None, type: str) -> str:
    return event_subject(tenant=tenant, agent=agent, job=job, type=type)


def _type_of(event: EventData, type: str | None) -> str:
    known = event_type_of(event) if isinstance(event, Event) else type
    if known is None:
        raise PublishRejectedError(
            "this event has no type", hint='name one: emit({...}, agent=…, type="my.event")'
        )
    if type not in {None, known}:
        raise PublishRejectedError(f"an event of type {known!r} cannot be sent as {type!r}")
    return known


def _check_size(name: str, size: int) -> None:
    if size > MAX_EVENT_BYTES:
        raise PublishRejectedError(
            f"this {name!r} event has {size:,} bytes; at most {MAX_EVENT_BYTES:,} are allowed",
            hint="store large data elsewhere and send where it is",
        )


_HEADER_VALUE = re.compile(r"[!-~](?:[ -~]{0,1022}[!-~])?")
