"""Events about a task itself: what was asked of an agent, and that it is no longer wanted."""

from typing import Any, ClassVar

from jetbridge_schemas.events import Event
from jetbridge_schemas.fields import Id, Timestamp


class TaskEvent(Event, frozen=True, kw_only=True):
    """Which task of which agent; who asked for what."""

    task_id: Id
    agent_id: Id
    description: str | None = None
    user_id: str | None = None
    query: str | None = None
    timestamp: Timestamp | None = None


class TaskSubmitted(TaskEvent, frozen=True, kw_only=True):
    """A task was made; once it has a `query`, even an empty one, it is in the agent's queue."""

    event_type: ClassVar[str] = "task.submitted"

    task_parameters: dict[str, Any]


class TaskCancelled(TaskEvent, frozen=True, kw_only=True):
    """A task is no longer wanted."""

    event_type: ClassVar[str] = "task.cancelled"

    task_parameters: dict[str, Any] | None = None
    reason: str | None = None
