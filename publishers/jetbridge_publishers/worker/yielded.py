"""What a task yields, as events: pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from msgspec.structs import replace

from jetbridge_publishers.preparing import EventData
from jetbridge_publishers.publish_errors import PublishRejectedError
from jetbridge_schemas.chat import ChatEvent, ChatText
from jetbridge_schemas.events import Event
from jetbridge_schemas.registry import EVENT_TYPES


@dataclass(frozen=True, slots=True)
class Result:
    """The result of a task, in its `WorkflowCompleted`; of several, the last counts."""

    value: object


Yielded = Event | Mapping[str, Any] | str | Result
"""An event; a chat or session message as the guides write it; a piece of the answer; a result."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Yields:
    """Fills in what every message of a task has in common.

    request_id: that of the request, for chat messages that have none.
    worker_id: for session messages that have none; both kinds get a timestamp.
    """

    request_id: str | None
    worker_id: str

    def event_of(self, item: Event | Mapping[str, Any] | str, now: str) -> tuple[EventData, str]:
        """The event that `item` stands for, and its type; `now` in RFC 3339.

        Raises PublishRejectedError for something that is no event.
        """
        match item:
            case str():
                return self._chat(ChatText(content=item, timestamp=now)), ChatText.event_type
            case ChatEvent():
                return self._chat(item), item.event_type
            case Event():
                return item, item.event_type
            case Mapping():
                return self._message(dict(item), now)
            case _:
                raise PublishRejectedError(
                    f"a task cannot yield {type(item).__name__}", hint=_WHAT_CAN_BE_YIELDED
                )

    def _chat(self, event: ChatEvent) -> ChatEvent:
        if event.request_id is None and self.request_id is not None:
            return replace(event, request_id=self.request_id)
        return event

    def _message(self, message: dict[str, Any], now: str) -> tuple[dict[str, Any], str]:
        type = event_type_of_message(message)
        if type.startswith("chat.") and type in EVENT_TYPES:
            common = {} if self.request_id is None else {"request_id": self.request_id}
            return {**message, **common, "timestamp": now, **message}, type
        if type.startswith("session.") and type != "session.completion":
            return {**message, "timestamp": now, "worker_id": self.worker_id, **message}, type
        return message, type


def event_type_of_message(message: Mapping[str, Any]) -> str:
    """The event type of a chat or session message, by its own `type` or `_type`.

    A session's `error` is told from a chat's by its `aux`. Any other `type` is taken as the
    event type itself. Raises PublishRejectedError when there is none.
    """
    if message.get("_type") == "completion":
        return "session.completion"
    type = message.get("type")
    if not isinstance(type, str):
        raise PublishRejectedError("this message has no type", hint=_WHAT_CAN_BE_YIELDED)
    if "aux" in message and f"session.{type}" in EVENT_TYPES:
        return f"session.{type}"
    return f"chat.{type}" if f"chat.{type}" in EVENT_TYPES else type


_WHAT_CAN_BE_YIELDED = (
    'yield an event of jetbridge_schemas, a message such as {"type": "progress", "progress": 50},'
    " a string, or worker.result(…); for any other type: await task.emit({…}, type=…)"
)
