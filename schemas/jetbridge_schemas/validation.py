"""Whether the payload of a known event type fits that type's struct."""

from __future__ import annotations

from functools import cache
from typing import Annotated, Any

import msgspec

from jetbridge_schemas.errors import PayloadError
from jetbridge_schemas.events import Event
from jetbridge_schemas.reasons import DeadLetterReason
from jetbridge_schemas.registry import EVENT_TYPES


def validate(event_type: str, json: bytes) -> None:
    """Accept the JSON of an event when its type is unknown, or when it fits the type's struct.

    Raises PayloadError(schema), naming the field, when it does not.
    """
    decode_event(event_type, json)


def decode_event(event_type: str, json: bytes) -> Event | None:
    """Return the struct of a known event type, None for an unknown type.

    Raises PayloadError(schema), naming the field, when `json` does not fit.
    """
    struct = EVENT_TYPES.get(event_type)
    if struct is None:
        return None
    try:
        return _decoder(struct).decode(json)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise PayloadError(DeadLetterReason.SCHEMA, f"{event_type}: {error}") from error


@cache
def _decoder(struct: type[Event]) -> msgspec.json.Decoder[Any]:
    tag_field = struct.__struct_config__.tag_field
    if tag_field is None:
        return msgspec.json.Decoder(struct)
    return msgspec.json.Decoder(struct | _never(tag_field))


def _never(tag_field: str) -> type[msgspec.Struct]:
    """Return a struct that no payload fits: msgspec insists on the tag in unions only."""
    impossible = Annotated[str, msgspec.Meta(min_length=1, max_length=0)]
    return msgspec.defstruct("Never", [("never", impossible)], tag_field=tag_field, tag="never")
