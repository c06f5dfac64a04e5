"""What all events have in common."""

from typing import ClassVar

from msgspec import Struct


class Event(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The payload of one event type: immutable, made with keywords, absent optionals not sent.

    Fields that a struct does not name are allowed in a payload, and kept. Making a struct checks
    nothing; `codec.validate` checks the JSON, and publishers call it before they send.
    """

    event_type: ClassVar[str]
    """The type part of the subject, and the `event:` name of the frame."""
