"""The agent's side of tasks: `Worker`, what its code gets, and what it may yield."""

from __future__ import annotations

from jetbridge_publishers.worker.errors import (
    BudgetExceededError,
    SupersededError,
    TaskStoppedError,
    WorkerError,
)
from jetbridge_publishers.worker.task import Task
from jetbridge_publishers.worker.worker import Worker
from jetbridge_publishers.worker.yielded import Result, Yielded

__all__ = [
    "BudgetExceededError",
    "Result",
    "SupersededError",
    "Task",
    "TaskStoppedError",
    "Worker",
    "WorkerError",
    "Yielded",
]
