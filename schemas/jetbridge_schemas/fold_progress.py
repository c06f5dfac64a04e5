"""What the events of agents, chats and sessions tell about a task under way."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from msgspec.structs import replace

from jetbridge_schemas.chat import ChatProgress
from jetbridge_schemas.fold_workflow import Fold
from jetbridge_schemas.process_heat import AgentStatus, CalculationProgress
from jetbridge_schemas.session import SessionEvent
from jetbridge_schemas.task_state import TaskState


def _calculated(state: TaskState, _: int, event: CalculationProgress) -> TaskState:
    return _moved(state, event.progress_percent, event.current_step)


def _reported(state: TaskState, _: int, event: AgentStatus) -> TaskState:
    return _moved(state, event.progress_percent, event.current_step)


def _told(state: TaskState, _: int, event: ChatProgress) -> TaskState:
    """A specialist's progress is not that of the turn."""
    return state if event.specialist else _moved(state, event.progress, event.current_action)


def _tool_called(state: TaskState, _: int, _event: object) -> TaskState:
    return replace(state, tool_calls=state.tool_calls + 1)


def _worked(state: TaskState, _: int, event: SessionEvent) -> TaskState:
    return replace(state, worker_id=event.worker_id, is_session=True)


def _moved(state: TaskState, percent: float | None, step: str | None) -> TaskState:
    return replace(
        state,
        progress=state.progress if percent is None else percent,
        current_step=state.current_step if step is None else step,
    )


PROGRESS: Mapping[str, Fold] = MappingProxyType(
    {
        "calculation.progress": _calculated,
        "agent.status": _reported,
        "chat.progress": _told,
        "chat.tool_call": _tool_called,
        "session.info": _worked,
        "session.data": _worked,
        "session.error": _worked,
    }
)
