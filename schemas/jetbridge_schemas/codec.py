"""Bytes as publishers send them → one compact line of JSON, and events → bytes.

JSON is passed through: whitespace goes, the publisher's own tokens (`1.00`, `\\u00e9`, the order
and the repetition of members) stay. MessagePack and CloudEvents are turned into JSON.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

import msgspec

from jetbridge_schemas.cloudevents import structured_data
from jetbridge_schemas.errors import PayloadError
from jetbridge_schemas.events import Event
from jetbridge_schemas.reasons import DeadLetterReason
from jetbridge_schemas.validation import decode_event, validate

__all__ = [
    "MAX_EVENT_BYTES",
    "MSGPACK_CONTENT_TYPE",
    "PayloadError",
    "decode_event",
    "encode_json",
    "encode_msgpack",
    "to_json",
    "validate",
]

MAX_EVENT_BYTES = 1_048_576
"""The largest event, 1 MiB (contract section 6), as published and as JSON."""

MSGPACK_CONTENT_TYPE = "application/msgpack"
"""The `Content-Type` of a message whose body is MessagePack."""

_MSGPACK_TYPES = {MSGPACK_CONTENT_TYPE, "application/x-msgpack", "application/vnd.msgpack"}
_STRUCTURED_TYPES = {"application/cloudevents+json", "application/cloudevents"}


def to_json(data: bytes, headers: Mapping[str, str] | None = None) -> bytes:
    """Return the JSON object that a message carries, compact, on one line.

    `headers` are the message's, names in any case. The content type may be JSON (the default),
    MessagePack, or a structured CloudEvent; in binary mode (`ce-*`) it is that of the data.
    Raises PayloadError and nothing else: too_large, bad_json, or bad_encoding.
    """
    _check_size(data)
    if not headers:
        return _compact(data)
    media_type = _media_type(headers)
    if media_type in _STRUCTURED_TYPES:
        data, content_type = structured_data(_compact(data))
        media_type = _without_parameters(content_type)
    return _decoded(data, media_type)


def encode_json(event: Event | dict[str, Any]) -> bytes:
    """Return compact JSON; NaN and infinities become null.

    Raises PayloadError(bad_encoding) for a value that JSON has no form for.
    """
    try:
        return msgspec.json.encode(event)
    except (TypeError, ValueError, RecursionError) as error:
        raise PayloadError(DeadLetterReason.BAD_ENCODING, f"no JSON for this: {error}") from error


def encode_msgpack(event: Event | dict[str, Any]) -> bytes:
    """Return MessagePack, to be sent with `Content-Type: application/msgpack`.

    Raises PayloadError(bad_encoding) for a value that MessagePack has no form for.
    """
    try:
        return msgspec.msgpack.encode(event)
    except (TypeError, ValueError, OverflowError, RecursionError) as error:
        raise PayloadError(
            DeadLetterReason.BAD_ENCODING, f"no MessagePack for this: {error}"
        ) from error


def _media_type(headers: Mapping[str, str]) -> str:
    """Return what the body is, in lower case; "" when no header says so."""
    attribute = ""
    for name, value in headers.items():
        lower = name.lower()
        if lower == "content-type":
            return _without_parameters(value)
        if lower == "ce-datacontenttype":
            attribute = unquote(value)
    return _without_parameters(attribute)


def _without_parameters(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()


def _decoded(data: bytes, media_type: str) -> bytes:
    if media_type in _MSGPACK_TYPES:
        return _from_msgpack(data)
    try:
        return _compact(data)
    except PayloadError as error:
        if _is_json(media_type):
            raise
        raise PayloadError(
            DeadLetterReason.BAD_ENCODING,
            f"the content type {media_type[:80]!r} is none of JSON, MessagePack, CloudEvents",
        ) from error


def _is_json(media_type: str) -> bool:
    is_cloudevent = media_type.startswith("application/cloudevents")
    return not media_type or (media_type.endswith(("/json", "+json")) and not is_cloudevent)


def _compact(data: bytes) -> bytes:
    try:
        data.decode()  # msgspec.json.format does not look inside strings
        compact = msgspec.json.format(data, indent=-1)
    except UnicodeDecodeError as error:
        raise PayloadError(
            DeadLetterReason.BAD_JSON, f"not UTF-8: {error.reason} (byte {error.start})"
        ) from error
    except RecursionError as error:
        raise PayloadError(DeadLetterReason.BAD_JSON, "nested too deeply") from error
    except msgspec.DecodeError as error:
        raise PayloadError(DeadLetterReason.BAD_JSON, str(error)) from error
    if not compact.startswith(b"{"):
        raise PayloadError(DeadLetterReason.BAD_JSON, "not a JSON object")
    return compact


def _from_msgpack(data: bytes) -> bytes:
    try:
        value = msgspec.msgpack.decode(data)
        # Keys become strings first, so that 1 and "1" do not make a doubled member.
        json = msgspec.json.encode(msgspec.to_builtins(value, str_keys=True))
    except RecursionError as error:
        raise PayloadError(DeadLetterReason.BAD_ENCODING, "nested too deeply") from error
    except (msgspec.MsgspecError, TypeError, ValueError, OverflowError) as error:
        raise PayloadError(DeadLetterReason.BAD_ENCODING, f"MessagePack: {error}") from error
    if not json.startswith(b"{"):
        raise PayloadError(DeadLetterReason.BAD_ENCODING, "MessagePack: not a map")
    _check_size(json)
    return json


def _check_size(data: bytes) -> None:
    if len(data) > MAX_EVENT_BYTES:
        raise PayloadError(
            DeadLetterReason.TOO_LARGE, f"{len(data)} bytes, more than {MAX_EVENT_BYTES}"
        )
