"""Putting tasks into their agents' queues, each once."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from secrets import token_urlsafe
from typing import Any

import msgspec
from nats.aio.client import Client

from jetbridge_publishers.preparing import header_value
from jetbridge_publishers.publish_errors import PublishConflictError, PublishRejectedError
from jetbridge_publishers.storing import Condition, store
from jetbridge_publishers.task_address import TaskAddress
from jetbridge_publishers.task_events import task_event
from jetbridge_publishers.task_history import PastEvent, read_whole
from jetbridge_schemas.codec import MAX_EVENT_BYTES
from jetbridge_schemas.task import TaskSubmitted
from jetbridge_schemas.task_fold import fold_task
from jetbridge_schemas.task_request import SUBMITTED_HEADER, TaskRequest
from jetbridge_schemas.task_state import TaskState, TaskStatus
from jetbridge_schemas.timestamps import rfc3339


@dataclass(frozen=True, slots=True)
class Submission:
    """A task that is there. `sequence` is that of its latest `task.submitted`; `repeated`
    says that it was there before, and has been left as it was."""

    task_id: str
    agent_id: str
    sequence: int
    repeated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What somebody wants done; `query` None if it is not to be done yet."""

    query: str | None
    description: str | None
    user_id: str | None
    task_parameters: Mapping[str, Any]

    def after(self, state: TaskState) -> Wish:
        """This wish, with what was said when the task was made."""
        return Wish(
            query=state.query if self.query is None else self.query,
            description=state.description if self.description is None else self.description,
            user_id=state.user_id if self.user_id is None else self.user_id,
            task_parameters={**(state.task_parameters or {}), **self.task_parameters},
        )


class Submitter:
    """Writes down what is wanted, then queues it; neither is ever done twice.

    First the event, on the condition that the task has none yet or is only `created`; then
    the message in the queue, with an id of the task's own. Whoever repeats a submission that
    broke off between the two completes it.
    """

    def __init__(
        self, client: Callable[[], Client], address: TaskAddress, *, within_seconds: float
    ) -> None:
        self._client = client
        self._address = address
        self._within_seconds = within_seconds

    async def submit(self, wish: Wish, *, request_id: str | None, trace: str | None) -> Submission:
        """See to it that the task is there and, if the wish has a query, in the queue."""
        state, repeated = await self._write_down(wish)
        waits = state.status is TaskStatus.QUEUED
        if waits:
            await self._queue(state, request_id, trace)
        address = self._address
        return Submission(address.task_id, address.agent, state.submitted_sequence, repeated)

    async def _write_down(self, wish: Wish) -> tuple[TaskState, bool]:
        state = TaskState()
        while True:
            event = self._event(wish.after(state))
            id = token_urlsafe(12)
            try:
                return await self._store(event, id, state), False
            except PublishConflictError:
                past = await read_whole(self._client(), self._address.events)
            state = fold_task(map(_triple, past))
            if any(each.id == id for each in past):
                return state, False
            if wish.query is None or state.status is not TaskStatus.CREATED:
                return state, True

    async def _store(self, event: TaskSubmitted, id: str, state: TaskState) -> TaskState:
        address = self._address
        message = task_event(address, event)
        condition = Condition(message.subject, state.submitted_sequence)
        sequence = await store(
            self._client,
            message.subject,
            message.payload,
            {"Nats-Msg-Id": id},
            condition=condition,
            within_seconds=self._within_seconds,
        )
        return fold_task([(sequence, message.type, message.json)], state)

    async def _queue(self, state: TaskState, request_id: str | None, trace: str | None) -> None:
        body = msgspec.json.encode(self._request(state, request_id))
        if len(body) > MAX_EVENT_BYTES:
            raise PublishRejectedError(f"this task has {len(body):,} bytes, more than 1 MiB")
        headers = {
            "Nats-Msg-Id": self._address.message_id("task"),
            SUBMITTED_HEADER: str(state.submitted_sequence),
        }
        if trace is not None:
            headers["traceparent"] = header_value(trace)
        within = self._within_seconds
        await store(self._client, self._address.queue, body, headers, within_seconds=within)

    def _event(self, wish: Wish) -> TaskSubmitted:
        return TaskSubmitted(
            task_id=self._address.task_id,
            agent_id=self._address.agent,
            description=wish.description,
            user_id=wish.user_id,
            query=wish.query,
            task_parameters=dict(wish.task_parameters),
            timestamp=rfc3339(time.time_ns()),
        )

    def _request(self, state: TaskState, request_id: str | None) -> TaskRequest:
        return TaskRequest(
            task_id=self._address.task_id,
            agent_id=self._address.agent,
            query=state.query or "",
            description=state.description,
            user_id=state.user_id,
            request_id=request_id,
            task_parameters=state.task_parameters or {},
        )


def _triple(event: PastEvent) -> tuple[int, str, bytes]:
    return event.sequence, event.type, event.json
