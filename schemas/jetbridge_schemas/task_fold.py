"""The state of a task out of its events: pure, deterministic, the same in every language.

Nothing else knows what a task is doing: there is no database. What a task ran up stays when
an attempt is lost (`cost`, `tool_calls`), what it was doing does not (`current_step`,
`progress`). After its end nothing changes but the counts of sequences, and what the task's
own last event adds to the end of its chat turn or session.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from msgspec.structs import replace

from jetbridge_schemas.errors import OutOfOrderError, PayloadError
from jetbridge_schemas.events import Event
from jetbridge_schemas.fold_endings import ENDINGS
from jetbridge_schemas.fold_progress import PROGRESS
from jetbridge_schemas.fold_workflow import LIFECYCLE
from jetbridge_schemas.task_state import TaskState, TaskStatus
from jetbridge_schemas.validation import decode_event

TaskEvent = tuple[int, str, bytes]
"""Sequence, event type, and the payload as one JSON object."""

_STEPS: Mapping[str, Callable[[TaskState, int, Any], TaskState]] = {
    **LIFECYCLE,
    **PROGRESS,
    **ENDINGS,
}
_SIGNS_OF_WORK = ("chat.", "session.", "calculation.", "Workflow")
_AFTER_THE_END = frozenset({"WorkflowCompleted", "WorkflowFailed"})


def fold_task(events: Iterable[TaskEvent], state: TaskState | None = None) -> TaskState:
    """Return what the events of one task come to, after `state` if given.

    Events up to `state.last_sequence` are known already and change nothing: to fold again,
    or to fold a history in pieces that overlap, is safe. Unknown types, and payloads that do
    not fit theirs (dead letters), only move the sequences.
    Raises OutOfOrderError when the sequences do not ascend.
    """
    state = TaskState() if state is None else state
    before = 0
    for sequence, type, json in events:
        if sequence <= before:
            raise OutOfOrderError(f"the event {sequence} came after {before}")
        before = sequence
        if sequence > state.last_sequence:
            state = _apply(state, sequence, type, json)
    return state


def _apply(state: TaskState, sequence: int, type: str, json: bytes) -> TaskState:
    state = replace(
        state,
        first_sequence=state.first_sequence or sequence,
        last_sequence=sequence,
        lifecycle_sequence=state.lifecycle_sequence if "." in type else sequence,
    )
    if state.closed or (state.status.is_over and type not in _AFTER_THE_END):
        return state
    event = _decoded(type, json)
    state = _begun(state, type, event)
    return state if event is None else _STEPS[type](state, sequence, event)


def _decoded(type: str, json: bytes) -> Event | None:
    if type not in _STEPS:
        return None
    try:
        return decode_event(type, json)
    except PayloadError:
        return None


def _begun(state: TaskState, type: str, event: Event | None) -> TaskState:
    """Events of agents that are no workers say by themselves that something runs."""
    waits = state.status in {TaskStatus.CREATED, TaskStatus.QUEUED}
    if not waits or not type.startswith(_SIGNS_OF_WORK):
        return state
    started_at = state.started_at or getattr(event, "timestamp", None)
    return replace(state, status=TaskStatus.RUNNING, started_at=started_at)
