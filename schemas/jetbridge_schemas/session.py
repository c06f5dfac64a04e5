"""Events of a session worker: what it says, what it found, how it ended."""

from typing import Any, ClassVar, Literal

from msgspec import Struct

from jetbridge_schemas.events import Event
from jetbridge_schemas.fields import Id, Timestamp, WholeNumber


class SessionAux(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a session message is about."""

    info_type: str
    reaction_index: WholeNumber | None = None
    returnable: Any = None


class SessionEvent(Event, frozen=True, kw_only=True, tag_field="type"):
    """What every message of a session worker carries."""

    message: str
    timestamp: Timestamp
    worker_id: Id
    aux: SessionAux


class SessionInfo(SessionEvent, frozen=True, kw_only=True, tag="info"):
    """The worker says what it is doing."""

    event_type: ClassVar[str] = "session.info"


class SessionData(SessionEvent, frozen=True, kw_only=True, tag="data"):
    """The worker has a result."""

    event_type: ClassVar[str] = "session.data"


class SessionError(SessionEvent, frozen=True, kw_only=True, tag="error"):
    """Something failed; the session goes on."""

    event_type: ClassVar[str] = "session.error"


class SessionCompletion(Event, frozen=True, kw_only=True, tag_field="_type", tag="completion"):
    """The session is over; the last event of its stream."""

    event_type: ClassVar[str] = "session.completion"

    status: Literal["completed", "error"]
    error: str | None = None
