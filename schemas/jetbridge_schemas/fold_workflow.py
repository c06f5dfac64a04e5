"""What the events of a worker do to a task's state: its attempts, steps, calls and budget."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, TypeVar

from msgspec.structs import replace

from jetbridge_schemas.reasons import PauseReason
from jetbridge_schemas.task import TaskCancelled, TaskEvent, TaskSubmitted
from jetbridge_schemas.task_state import TaskState, TaskStatus
from jetbridge_schemas.workflow import (
    WorkflowBudgetExceeded,
    WorkflowBudgetWarning,
    WorkflowLLMCallCompleted,
    WorkflowPaused,
    WorkflowResumed,
    WorkflowStarted,
    WorkflowStepCompleted,
    WorkflowStepStarted,
    WorkflowToolCallCompleted,
)

T = TypeVar("T")

Fold = Callable[[TaskState, int, Any], TaskState]
"""The state before, the event's sequence, the event → the state after."""


def _submitted(state: TaskState, sequence: int, event: TaskSubmitted) -> TaskState:
    state = _asked(state, event)
    is_first = state.attempt == 0 and state.status is TaskStatus.CREATED
    return replace(
        state,
        status=TaskStatus.QUEUED if is_first and event.query is not None else state.status,
        task_parameters=event.task_parameters,
        created_at=state.created_at or event.timestamp,
        submitted_sequence=sequence,
    )


def _asked(state: TaskState, event: TaskEvent) -> TaskState:
    return replace(
        state,
        task_id=event.task_id,
        agent_id=event.agent_id,
        description=_either(event.description, state.description),
        query=_either(event.query, state.query),
        user_id=_either(event.user_id, state.user_id),
    )


def _cancelled(state: TaskState, _: int, event: TaskCancelled) -> TaskState:
    return replace(_asked(state, event), cancel_wanted=True)


def _started(state: TaskState, _: int, event: WorkflowStarted) -> TaskState:
    """A new attempt begins with nothing done, but with all that was spent."""
    return replace(
        state,
        task_id=event.task_id,
        agent_id=event.agent_id,
        description=_either(event.description, state.description),
        query=_either(event.query, state.query),
        status=TaskStatus.RUNNING,
        attempt=max(state.attempt + 1, int(event.attempt or 0)),
        worker_id=_either(event.worker_id, state.worker_id),
        queue_sequence=_whole(event.queue_sequence, state.queue_sequence),
        budget=_either(event.budget, state.budget),
        started_at=state.started_at or event.timestamp,
        current_step=None,
        open_steps=(),
        completed_steps=0,
        total_steps=None,
        progress=None,
    )


def _paused(state: TaskState, _: int, event: WorkflowPaused) -> TaskState:
    if event.reason == PauseReason.WORKER_STOPPED:
        return replace(state, status=TaskStatus.PAUSED, hand_overs=state.hand_overs + 1)
    return replace(state, status=TaskStatus.PAUSED, pause_wanted=True)


def _resumed(state: TaskState, _: int, _event: WorkflowResumed) -> TaskState:
    return replace(state, status=TaskStatus.RUNNING, pause_wanted=False)


def _step_started(state: TaskState, _: int, event: WorkflowStepStarted) -> TaskState:
    name = _name(event.step)
    return replace(
        state,
        current_step=name,
        open_steps=(*state.open_steps, name),
        total_steps=_whole(event.total_steps, state.total_steps),
    )


def _step_completed(state: TaskState, _: int, event: WorkflowStepCompleted) -> TaskState:
    name = _name(event.step)
    open_steps = _without_last(state.open_steps, name)
    completed = state.completed_steps + 1
    total = _whole(event.total_steps, state.total_steps)
    return replace(
        state,
        current_step=open_steps[-1] if open_steps else name,
        open_steps=open_steps,
        completed_steps=completed,
        total_steps=total,
        progress=min(100.0, 100.0 * completed / total) if total else state.progress,
    )


def _llm_called(state: TaskState, _: int, _event: object) -> TaskState:
    return replace(state, llm_calls=state.llm_calls + 1)


def _tool_called(state: TaskState, _: int, _event: object) -> TaskState:
    return replace(state, tool_calls=state.tool_calls + 1)


def _call_completed(
    state: TaskState, _: int, event: WorkflowLLMCallCompleted | WorkflowToolCallCompleted
) -> TaskState:
    return replace(state, cost=state.cost + (event.cost or 0.0))


def _warned(state: TaskState, _: int, event: WorkflowBudgetWarning) -> TaskState:
    return replace(_spent(state, event), budget_warned=True)


def _exceeded(state: TaskState, _: int, event: WorkflowBudgetExceeded) -> TaskState:
    return replace(_spent(state, event), budget_exceeded=True)


def _spent(state: TaskState, event: WorkflowBudgetWarning | WorkflowBudgetExceeded) -> TaskState:
    """Not all that is spent is spent in calls: the worker's sum is the better one."""
    return replace(
        state,
        budget=_either(event.budget, state.budget),
        cost=max(state.cost, event.spent or 0.0),
    )


def _either(new: T | None, old: T | None) -> T | None:
    return old if new is None else new


def _whole(new: float | None, old: int | None) -> int | None:
    return old if new is None else int(new)


def _name(step: str | float | None) -> str:
    if isinstance(step, str):
        return step
    return "" if step is None else str(int(step))


def _without_last(steps: tuple[str, ...], name: str) -> tuple[str, ...]:
    for at in range(len(steps) - 1, -1, -1):
        if steps[at] == name:
            return steps[:at] + steps[at + 1 :]
    return steps


LIFECYCLE: Mapping[str, Fold] = MappingProxyType(
    {
        "task.submitted": _submitted,
        "task.cancelled": _cancelled,
        "WorkflowStarted": _started,
        "WorkflowPaused": _paused,
        "WorkflowResumed": _resumed,
        "WorkflowStepStarted": _step_started,
        "WorkflowStepCompleted": _step_completed,
        "WorkflowLLMCallStarted": _llm_called,
        "WorkflowLLMCallCompleted": _call_completed,
        "WorkflowToolCallStarted": _tool_called,
        "WorkflowToolCallCompleted": _call_completed,
        "WorkflowBudgetWarning": _warned,
        "WorkflowBudgetExceeded": _exceeded,
    }
)
