"""Why a task does not go on."""

from __future__ import annotations

from jetbridge_schemas.errors import JetbridgeError


class WorkerError(JetbridgeError):
    """A worker is not set up as it has to be."""


class TaskStoppedError(JetbridgeError):
    """The task was told to end, and goes on: nothing it does counts any more."""


class BudgetExceededError(TaskStoppedError):
    """The task has spent more than its budget; it ends here."""


class SupersededError(TaskStoppedError):
    """Another worker has taken the task over, or it was ended from outside."""
