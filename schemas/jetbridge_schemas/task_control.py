"""What is said to the worker that has a task, on `ctl.<tenant>.<agent>.<job>`, and its answer.

Core NATS, as a request: when no worker has the task, NATS says so at once.
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from jetbridge_schemas.fields import Id, WholeNumber


class TaskAction(StrEnum):
    """What a worker can be told about a task it has."""

    PAUSE = "pause"
    """Stop at the next point where the task can wait."""

    RESUME = "resume"
    """Go on."""

    CANCEL = "cancel"
    """End it."""

    PING = "ping"
    """Say that you have it."""


class TaskControl(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A message to the worker that has a task."""

    action: TaskAction
    reason: str | None = None


class TaskControlReply(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What that worker answers; `problem` says why it does not do as told."""

    worker_id: Id
    task_id: Id
    attempt: WholeNumber
    is_paused: bool
    problem: str | None = None
