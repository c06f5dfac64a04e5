"""The state of a task, a chat turn or a session, as its events tell it."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from msgspec import Struct


class TaskStatus(StrEnum):
    """Where a task is between being made and being over."""

    CREATED = "created"
    """It was made, and nobody has asked for it to be done."""

    QUEUED = "queued"
    """It waits for a worker."""

    RUNNING = "running"
    """A worker has it."""

    PAUSED = "paused"
    """It waits to be resumed, or for another worker."""

    COMPLETED = "completed"
    """It ended well."""

    FAILED = "failed"
    """It ended badly."""

    CANCELLED = "cancelled"
    """It was cancelled, before or while it ran."""

    @property
    def is_over(self) -> bool:
        """True at an end; there is no way back from there."""
        return self in {TaskStatus.COMPLETED, TaskStatus.FAILED, TaskStatus.CANCELLED}


class TaskState(Struct, frozen=True, kw_only=True):
    """What `fold_task` makes of a task's events. Sequences are those of `EVT`, 0 for none.

    task_id … task_parameters: what was asked.
    status: where it is; sticks once it is over.
    current_step, open_steps: the innermost step, and all that are not completed.
    progress: percent, from 0 to 100, of the present attempt.
    cost: what all attempts have spent, in the currency of the budget.
    attempt: how often a worker has started it; hand_overs: how often one stopped in good
        order and left it to the next.
    pause_wanted: somebody paused it and nobody resumed it, whatever its workers do.
    is_session: it has events of a session, which has an end of its own.
    closed: a `WorkflowCompleted` or `WorkflowFailed` is there: nothing follows.
    ended_sequence, ended_by: the first event that ended it, which may be of its chat or session.
    lifecycle_sequence: the last event whose type is a single word, as those of workers are.
    """

    task_id: str | None = None
    agent_id: str | None = None
    description: str | None = None
    query: str | None = None
    user_id: str | None = None
    task_parameters: dict[str, Any] | None = None

    status: TaskStatus = TaskStatus.CREATED
    current_step: str | None = None
    open_steps: tuple[str, ...] = ()
    completed_steps: int = 0
    total_steps: int | None = None
    progress: float | None = None

    cost: float = 0.0
    budget: float | None = None
    budget_warned: bool = False
    budget_exceeded: bool = False
    tool_calls: int = 0
    llm_calls: int = 0

    result: Any = None
    final_response: str | None = None
    error: str | None = None
    error_type: str | None = None

    created_at: str | None = None
    started_at: str | None = None
    ended_at: str | None = None

    attempt: int = 0
    hand_overs: int = 0
    worker_id: str | None = None
    queue_sequence: int | None = None
    pause_wanted: bool = False
    cancel_wanted: bool = False

    is_session: bool = False
    closed: bool = False
    ended_by: str | None = None
    first_sequence: int = 0
    last_sequence: int = 0
    submitted_sequence: int = 0
    lifecycle_sequence: int = 0
    ended_sequence: int = 0

    @property
    def used_attempts(self) -> int:
        """How many attempts count against the most that are allowed."""
        return max(0, self.attempt - self.hand_overs)
