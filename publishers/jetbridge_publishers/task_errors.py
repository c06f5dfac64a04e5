"""Why nothing was done about a task."""

from __future__ import annotations

from jetbridge_schemas.errors import JetbridgeError


class TaskError(JetbridgeError):
    """What was asked for cannot be done with this task."""


class NoSuchTaskError(TaskError):
    """There are no events of this task: it was never made, or has been forgotten."""


class TaskOverError(TaskError):
    """The task has ended already."""


class TaskNotRunningError(TaskError):
    """No worker has the task just now."""
