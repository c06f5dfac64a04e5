"""Which events end a stream (contract section 5)."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from jetbridge_schemas.chat import ChatComplete, ChatError
from jetbridge_schemas.session import SessionCompletion
from jetbridge_schemas.workflow import WorkflowCompleted, WorkflowFailed


class Surface(StrEnum):
    """The kinds of streams that have an end."""

    TASK = "task"
    """One task: all its events."""

    CHAT = "chat"
    """One chat turn: its `chat.…` events."""

    SESSION = "session"
    """One session: its `session.…` events."""


_TASK = frozenset({WorkflowCompleted.event_type, WorkflowFailed.event_type})
_CHAT = frozenset({ChatComplete.event_type, ChatError.event_type})
_SESSION = frozenset({SessionCompletion.event_type})

TERMINAL_TYPES: Mapping[Surface, frozenset[str]] = MappingProxyType(
    {Surface.TASK: _TASK, Surface.CHAT: _CHAT | _TASK, Surface.SESSION: _SESSION | _TASK}
)
"""The events after which a stream ends, the first of them that comes. A chat turn or a session
that a worker runs can end by the task's own events alone, as when it is cancelled in the queue."""


def is_terminal(type: str, surface: Surface = Surface.TASK) -> bool:
    """Say whether an event of `type` is the last one of a stream of this kind."""
    return type in TERMINAL_TYPES[surface]
