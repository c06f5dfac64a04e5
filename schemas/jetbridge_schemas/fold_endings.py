"""What ends a task, a chat turn or a session, and what remains of it then."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from msgspec.structs import replace

from jetbridge_schemas.chat import ChatComplete, ChatError
from jetbridge_schemas.events import Event
from jetbridge_schemas.fold_workflow import Fold
from jetbridge_schemas.reasons import TaskFailure
from jetbridge_schemas.session import SessionCompletion
from jetbridge_schemas.task_state import TaskState, TaskStatus
from jetbridge_schemas.workflow import WorkflowCompleted, WorkflowFailed


def _turn_completed(state: TaskState, sequence: int, event: ChatComplete) -> TaskState:
    state = _ended(state, sequence, event, TaskStatus.COMPLETED, event.timestamp)
    return replace(state, result=event.result)


def _turn_failed(state: TaskState, sequence: int, event: ChatError) -> TaskState:
    state = _ended(state, sequence, event, TaskStatus.FAILED, event.timestamp)
    return replace(state, error=event.error or event.message)


def _session_completed(state: TaskState, sequence: int, event: SessionCompletion) -> TaskState:
    if event.status == "completed":
        return _ended(state, sequence, event, TaskStatus.COMPLETED, None)
    is_cancelled = state.cancel_wanted and event.error == TaskFailure.CANCELLED
    status = TaskStatus.CANCELLED if is_cancelled else TaskStatus.FAILED
    return replace(_ended(state, sequence, event, status, None), error=event.error)


def _completed(state: TaskState, sequence: int, event: WorkflowCompleted) -> TaskState:
    state = _ended(state, sequence, event, TaskStatus.COMPLETED, event.timestamp)
    return replace(
        state,
        result=state.result if event.result is None else event.result,
        final_response=event.final_response,
        progress=100.0 if state.status is TaskStatus.COMPLETED else state.progress,
        cost=max(state.cost, event.cost or 0.0),
        ended_at=state.ended_at or event.timestamp,
        closed=True,
    )


def _failed(state: TaskState, sequence: int, event: WorkflowFailed) -> TaskState:
    is_cancelled = event.error_type == TaskFailure.CANCELLED
    status = TaskStatus.CANCELLED if is_cancelled else TaskStatus.FAILED
    ended_well = state.status is TaskStatus.COMPLETED
    state = _ended(state, sequence, event, status, event.timestamp)
    return replace(
        state,
        error=state.error if ended_well else event.error or state.error,
        error_type=state.error_type if ended_well else event.error_type or state.error_type,
        cost=max(state.cost, event.cost or 0.0),
        ended_at=state.ended_at or event.timestamp,
        closed=True,
    )


def _ended(
    state: TaskState, sequence: int, event: Event, status: TaskStatus, at: str | None
) -> TaskState:
    """The first end counts; the events after it belong to no stream any more."""
    if state.status.is_over:
        return state
    return replace(
        state,
        status=status,
        ended_by=event.event_type,
        ended_sequence=sequence,
        ended_at=at,
        open_steps=(),
    )


ENDINGS: Mapping[str, Fold] = MappingProxyType(
    {
        "chat.complete": _turn_completed,
        "chat.error": _turn_failed,
        "session.completion": _session_completed,
        "WorkflowCompleted": _completed,
        "WorkflowFailed": _failed,
    }
)
