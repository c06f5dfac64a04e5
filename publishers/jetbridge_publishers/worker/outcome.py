"""How an attempt ended, and what follows from it: pure."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from enum import Enum

from jetbridge_publishers.publish_errors import PublishTimeoutError
from jetbridge_publishers.task_history import HistoryError
from jetbridge_publishers.worker.calls import shown
from jetbridge_publishers.worker.errors import SupersededError
from jetbridge_publishers.worker.stops import Stop
from jetbridge_schemas.reasons import TaskFailure
from jetbridge_schemas.task_state import TaskState, TaskStatus


class Ending(Enum):
    """What is to be told and done at the end of an attempt."""

    COMPLETED = "completed"
    """Tell the result; the task is done."""

    FAILED = "failed"
    """Tell why; the task is done."""

    HANDED_OVER = "handed over"
    """Tell that it waits; the next worker goes on."""

    LOST = "lost"
    """Tell nothing: it is somebody else's now, or will be."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """An ending; `error` and `error_type` for FAILED."""

    ending: Ending
    error: str = ""
    error_type: str = ""


def outcome_of(
    stopped: Stop | None, error: BaseException | None, state: TaskState, timeout_seconds: float
) -> Outcome:
    """How the attempt ended whose code raised `error`, or nothing, and that was stopped, or not.

    A stop that was accepted counts even if the code went on to its end.
    """
    if stopped is Stop.SUPERSEDED or isinstance(error, _LOST):
        return Outcome(Ending.LOST)
    if stopped is Stop.CANCELLED:
        return Outcome(Ending.FAILED, TaskFailure.CANCELLED, TaskFailure.CANCELLED)
    if stopped is Stop.TIMEOUT:
        return Outcome(Ending.FAILED, f"timed out after {timeout_seconds:g} s", TaskFailure.TIMEOUT)
    if stopped is Stop.BUDGET_EXCEEDED:
        limit = "" if state.budget is None else f" of {state.budget:g}"
        text = f"the budget{limit} is exceeded: {state.cost:g} spent"
        return Outcome(Ending.FAILED, text, TaskFailure.BUDGET_EXCEEDED)
    if stopped is Stop.WORKER_STOPPED and error is not None:
        return Outcome(Ending.HANDED_OVER)
    return _own_end(error, state)


def _own_end(error: BaseException | None, state: TaskState) -> Outcome:
    if isinstance(error, asyncio.CancelledError):
        return Outcome(Ending.FAILED, "the task interrupted itself", "CancelledError")
    if error is not None:
        return Outcome(Ending.FAILED, shown(error), type(error).__name__)
    if state.status is TaskStatus.FAILED:
        return Outcome(Ending.FAILED, state.error or "it failed", str(state.ended_by))
    return Outcome(Ending.COMPLETED)


_LOST = (SupersededError, PublishTimeoutError, HistoryError)
