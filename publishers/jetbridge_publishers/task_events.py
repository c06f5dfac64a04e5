"""The events of a task as messages."""

from __future__ import annotations

from jetbridge_publishers.preparing import EventData, Prepared, prepare
from jetbridge_publishers.task_address import TaskAddress


def task_event(
    address: TaskAddress,
    event: EventData,
    *,
    type: str | None = None,
    traceparent: str | None = None,
) -> Prepared:
    """An event of the task at `address`, on the job of its id. Raises as `prepare`."""
    return prepare(
        event,
        tenant=address.tenant,
        agent=address.agent,
        job=address.task_id,
        type=type,
        encoding="json",
        traceparent=traceparent,
    )
