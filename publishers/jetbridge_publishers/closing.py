"""Ending a task that nobody works on: by its last events, if nothing else has come since."""

from __future__ import annotations

import time
from collections.abc import Callable
from secrets import token_urlsafe

from nats.aio.client import Client

from jetbridge_publishers.storing import Condition, store
from jetbridge_publishers.task_address import TaskAddress
from jetbridge_publishers.task_events import task_event
from jetbridge_schemas.events import Event
from jetbridge_schemas.session import SessionCompletion
from jetbridge_schemas.task_fold import fold_task
from jetbridge_schemas.task_state import TaskState, TaskStatus
from jetbridge_schemas.timestamps import rfc3339
from jetbridge_schemas.workflow import WorkflowCompleted, WorkflowFailed


def failure_events(
    state: TaskState, address: TaskAddress, error: str, error_type: str
) -> list[Event]:
    """The events that end a task badly; a session has an end of its own before."""
    failed = WorkflowFailed(
        agent_id=address.agent,
        task_id=address.task_id,
        timestamp=rfc3339(time.time_ns()),
        error=error,
        error_type=error_type,
        cost=state.cost or None,
    )
    if state.is_session and not state.status.is_over:
        return [SessionCompletion(status="error", error=error), failed]
    return [failed]


def matching_events(state: TaskState, address: TaskAddress) -> list[Event]:
    """The events that end a task in the way in which its chat turn or session ended."""
    if state.status is not TaskStatus.COMPLETED:
        error = state.error or "it failed"
        return failure_events(state, address, error, state.error_type or str(state.ended_by))
    completed = WorkflowCompleted(
        agent_id=address.agent,
        task_id=address.task_id,
        timestamp=rfc3339(time.time_ns()),
        result=state.result,
        cost=state.cost or None,
    )
    return [completed]


async def close_task(
    client: Callable[[], Client],
    address: TaskAddress,
    state: TaskState,
    events: list[Event],
    *,
    within_seconds: float,
) -> TaskState:
    """Store `events` right after what `state` was made of; return the state they lead to.

    Raises PublishConflictError when something else has come meanwhile; read again then.
    Otherwise as `store`.
    """
    for event in events:
        message = task_event(address, event)
        sequence = await store(
            client,
            message.subject,
            message.payload,
            {"Nats-Msg-Id": token_urlsafe(12)},
            condition=Condition(address.events, state.last_sequence),
            within_seconds=within_seconds,
        )
        state = fold_task([(sequence, message.type, message.json)], state)
    return state
