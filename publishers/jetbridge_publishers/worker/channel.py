"""The events of one attempt at a task, stored one by one as long as no other attempt has begun.

A worker that was frozen, or cut off, does not know that its task was given to another one.
So every event carries a condition that NATS checks when it stores it: the last event of
the task with a type of a single word (`WorkflowStarted`, `…StepStarted`, `…Failed`) must be
the one this attempt knows. The start of another attempt, and an end, are such events: what
comes late is refused, and a task never has two ends.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from secrets import token_urlsafe

from nats.aio.client import Client

from jetbridge_publishers.backoff import full_jitter
from jetbridge_publishers.preparing import EventData, Prepared
from jetbridge_publishers.publish_errors import PublishConflictError
from jetbridge_publishers.storing import Condition, store
from jetbridge_publishers.task_address import TaskAddress
from jetbridge_publishers.task_events import task_event
from jetbridge_publishers.task_history import HistoryError, PastEvent, read_events
from jetbridge_publishers.worker.errors import SupersededError
from jetbridge_schemas.task_fold import fold_task
from jetbridge_schemas.task_state import TaskState

OUTAGE_SECONDS = 600.0
"""How long an event waits for NATS to come back."""

CATCH_UP_ATTEMPTS = 20
"""How often to look for an event that NATS says is there: a replica may lag behind."""


class Channel:
    """Takes the events of one attempt; `state` is what they have made of the task so far."""

    def __init__(
        self,
        client: Callable[[], Client],
        address: TaskAddress,
        state: TaskState,
        *,
        traceparent: str | None = None,
    ) -> None:
        self.state = state
        self._client = client
        self._address = address
        self._traceparent = traceparent
        self._last = state.lifecycle_sequence
        self._one_by_one = asyncio.Lock()

    async def emit(
        self, event: EventData, *, type: str | None = None, id: str | None = None
    ) -> int:
        """Store one event and return its sequence. Giving up waiting does not take it back.

        `id` is its message id, made up if not given.
        Raises SupersededError when this attempt is not the task's any more, and as `store`.
        """
        message = task_event(self._address, event, type=type, traceparent=self._traceparent)
        return await asyncio.shield(self._store(message, id or token_urlsafe(12)))

    async def _store(self, message: Prepared, id: str) -> int:
        async with self._one_by_one:
            headers = {**message.headers, "Nats-Msg-Id": id}
            sequence: int | None = None
            while sequence is None:
                sequence = await self._try_to_store(message, headers)
            self.state = fold_task([(sequence, message.type, message.json)], self.state)
            if "." not in message.type:
                self._last = sequence
            return sequence

    async def _try_to_store(self, message: Prepared, headers: dict[str, str]) -> int | None:
        try:
            return await store(
                self._client,
                message.subject,
                message.payload,
                headers,
                condition=Condition(self._address.lifecycle, self._last),
                within_seconds=OUTAGE_SECONDS,
            )
        except PublishConflictError as conflict:
            return await self._reconcile(conflict.last, headers["Nats-Msg-Id"])

    async def _reconcile(self, last: int, id: str) -> int | None:
        """Find out why `last` is the last event: this very one, whose answer was lost; one of
        somebody who may; the removal of older ones; or the end of this attempt."""
        if last < self._last:
            self._last = last
            return None
        news = await self._read_up_to(last)
        for event in news:
            if event.id == id:
                return event.sequence
        state = fold_task(((each.sequence, each.type, each.json) for each in news), self.state)
        if state.closed or state.attempt > self.state.attempt:
            raise SupersededError("another worker has the task, or it was ended")
        self.state, self._last = state, last
        return None

    async def _read_up_to(self, last: int) -> list[PastEvent]:
        after = self.state.last_sequence
        for attempt in range(1, CATCH_UP_ATTEMPTS + 1):
            with contextlib.suppress(HistoryError):
                events = await read_events(self._client(), self._address.events, after=after)
                if events and events[-1].sequence >= last:
                    return events
            await asyncio.sleep(full_jitter(attempt, cap_seconds=0.5))
        raise HistoryError(f"the event {last} of the task {self._address.task_id!r} is not there")
