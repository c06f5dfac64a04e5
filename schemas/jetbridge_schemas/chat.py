"""Events of a chat turn: what the specialists do, what they find, what is said.

The payload's own `type` field repeats the event type without `chat.`, since chat streams carry
every event under the SSE name `message`.
"""

from typing import Any, ClassVar

from jetbridge_schemas.events import Event
from jetbridge_schemas.fields import Percent, Timestamp


class ChatEvent(Event, frozen=True, kw_only=True, tag_field="type"):
    """What every message of a chat turn may carry."""

    request_id: str | None = None
    timestamp: Timestamp | None = None


class ChatStatus(ChatEvent, frozen=True, kw_only=True, tag="status"):
    """The state of the whole system, for the user."""

    event_type: ClassVar[str] = "chat.status"

    message: str
    status: str | None = None


class ChatSpecialistActivated(ChatEvent, frozen=True, kw_only=True, tag="specialist_activated"):
    """A specialist was engaged."""

    event_type: ClassVar[str] = "chat.specialist_activated"

    specialist: str
    task: str | None = None
    icon: str | None = None


class ChatSpecialistUpdate(ChatEvent, frozen=True, kw_only=True, tag="specialist_update"):
    """A specialist says how it is getting on."""

    event_type: ClassVar[str] = "chat.specialist_update"

    specialist: str
    status: str


class ChatSpecialistComplete(ChatEvent, frozen=True, kw_only=True, tag="specialist_complete"):
    """A specialist is done."""

    event_type: ClassVar[str] = "chat.specialist_complete"

    specialist: str
    message: str | None = None
    result: Any = None


class ChatProgress(ChatEvent, frozen=True, kw_only=True, tag="progress"):
    """How far the turn, or one specialist, is."""

    event_type: ClassVar[str] = "chat.progress"

    progress: Percent
    specialist: str | None = None
    current_action: str | None = None


class ChatThinking(ChatEvent, frozen=True, kw_only=True, tag="thinking"):
    """An agent's reasoning; `visible` says whether to show it."""

    event_type: ClassVar[str] = "chat.thinking"

    thought: str
    agent: str | None = None
    visible: bool | None = None


class ChatToolCall(ChatEvent, frozen=True, kw_only=True, tag="tool_call"):
    """An agent uses a tool; what it passes is in `arguments` or in `parameters`."""

    event_type: ClassVar[str] = "chat.tool_call"

    tool: str
    arguments: dict[str, Any] | None = None
    parameters: dict[str, Any] | None = None
    specialist: str | None = None


class ChatPartialResult(ChatEvent, frozen=True, kw_only=True, tag="partial_result"):
    """A result that is there before the others."""

    event_type: ClassVar[str] = "chat.partial_result"

    result: Any
    specialist: str | None = None


class ChatSynthesis(ChatEvent, frozen=True, kw_only=True, tag="synthesis"):
    """Results are being combined."""

    event_type: ClassVar[str] = "chat.synthesis"

    message: str
    specialists_complete: list[str] | None = None
    specialists_pending: list[str] | None = None


class ChatText(ChatEvent, frozen=True, kw_only=True, tag="text"):
    """A piece of the answer."""

    event_type: ClassVar[str] = "chat.text"

    content: str


class ChatTimeout(ChatEvent, frozen=True, kw_only=True, tag="timeout"):
    """Something takes longer than expected; `action` says what is done about it."""

    event_type: ClassVar[str] = "chat.timeout"

    message: str
    action: str | None = None


class ChatBatch(ChatEvent, frozen=True, kw_only=True, tag="batch"):
    """Several messages in one, oldest first."""

    event_type: ClassVar[str] = "chat.batch"

    updates: list[dict[str, Any]]


class ChatError(ChatEvent, frozen=True, kw_only=True, tag="error"):
    """The turn failed; the last event of its stream."""

    event_type: ClassVar[str] = "chat.error"

    error: str | None = None
    message: str | None = None


class ChatComplete(ChatEvent, frozen=True, kw_only=True, tag="complete"):
    """The turn is done; the last event of its stream."""

    event_type: ClassVar[str] = "chat.complete"

    result: Any = None
    status: str | None = None
