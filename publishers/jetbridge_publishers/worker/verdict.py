"""What is to be done with a task that came from the queue: pure."""

from __future__ import annotations

from enum import Enum

from jetbridge_schemas.task_state import TaskState


class Verdict(Enum):
    """What to do with a delivered task."""

    START = "start"
    """Work on it."""

    DROP = "drop"
    """It is over, or another worker has it by another message."""

    CLOSE = "close"
    """Its chat turn or session has ended, and then its worker died: only the end is missing."""

    CANCEL = "cancel"
    """It was cancelled, and whoever did that left the end to a worker."""

    GIVE_UP = "give up"
    """It lost its worker as often as allowed."""


def decide(state: TaskState, *, max_deliver: int, is_elsewhere: bool) -> Verdict:
    """What the history of a task, `state`, says about one more delivery of it."""
    if state.closed or is_elsewhere:
        return Verdict.DROP
    if state.status.is_over:
        return Verdict.CLOSE
    if state.cancel_wanted:
        return Verdict.CANCEL
    if state.used_attempts >= max_deliver:
        return Verdict.GIVE_UP
    return Verdict.START
