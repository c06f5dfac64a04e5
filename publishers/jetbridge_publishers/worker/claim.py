"""Taking a task that came from the queue: looking at its history, and beginning an attempt."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from secrets import token_urlsafe

from nats.aio.client import Client

from jetbridge_publishers.closing import close_task, failure_events, matching_events
from jetbridge_publishers.publish_errors import PublishConflictError
from jetbridge_publishers.storing import Condition, store
from jetbridge_publishers.task_address import TaskAddress
from jetbridge_publishers.task_events import task_event
from jetbridge_publishers.task_history import read_events
from jetbridge_publishers.worker.channel import OUTAGE_SECONDS
from jetbridge_publishers.worker.delivery import Delivery
from jetbridge_publishers.worker.verdict import Verdict, decide
from jetbridge_publishers.worker_survey import tell_worker
from jetbridge_schemas.reasons import TaskFailure
from jetbridge_schemas.task_control import TaskAction, TaskControl
from jetbridge_schemas.task_fold import fold_task
from jetbridge_schemas.task_request import SUBMITTED_HEADER, TaskRequest
from jetbridge_schemas.task_state import TaskState, TaskStatus
from jetbridge_schemas.timestamps import rfc3339
from jetbridge_schemas.workflow import WorkflowStarted

logger = logging.getLogger("jetbridge.worker")

MAX_REPEATED = 2_000
"""The longest query and description that `WorkflowStarted` repeats, in characters."""

PING_SECONDS = 1.0
"""How long a worker may take to say that it has a task."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """What came of a claim: with START, `state` begins with this worker's own event."""

    verdict: Verdict
    state: TaskState


class Claim:
    """Decides what is to be done with one delivered task, and does what needs no code.

    Each step is stored on the condition that nothing else has happened to the task since its
    history was read; if something has, the history is read again. So of several workers that
    have the same task, and somebody who cancels it, only one has his way.
    """

    def __init__(
        self,
        client: Callable[[], Client],
        address: TaskAddress,
        delivery: Delivery,
        *,
        worker_id: str,
        max_deliver: int,
    ) -> None:
        self._client = client
        self._address = address
        self._delivery = delivery
        self._worker_id = worker_id
        self._max_deliver = max_deliver
        self._start_id = token_urlsafe(12)
        self._has_begun = False

    async def make(self, request: TaskRequest, budget: float | None) -> Claimed:
        """Begin an attempt, or end the task, or leave it, as its history says.

        Raises HistoryError and PublishError when NATS does not let it.
        """
        state = self._assumed() or await self._read()
        while True:
            elsewhere = await self._is_elsewhere(state)
            verdict = decide(state, max_deliver=self._max_deliver, is_elsewhere=elsewhere)
            try:
                return Claimed(verdict, await self._act(verdict, state, request, budget))
            except PublishConflictError:
                state = await self._read()
            if self._has_begun:
                return Claimed(Verdict.START, state)

    def _assumed(self) -> TaskState | None:
        """A task's first delivery most often finds nothing but its `task.submitted`: to begin
        on that condition spares reading."""
        submitted = self._delivery.headers.get(SUBMITTED_HEADER, "")
        if self._delivery.count > 1 or not submitted.isdecimal():
            return None
        return TaskState(status=TaskStatus.QUEUED, last_sequence=int(submitted))

    async def _read(self) -> TaskState:
        past = await read_events(self._client(), self._address.events)
        # The start may have been stored without our hearing of it.
        self._has_begun = any(event.id == self._start_id for event in past)
        return fold_task((event.sequence, event.type, event.json) for event in past)

    async def _is_elsewhere(self, state: TaskState) -> bool:
        """Whether a worker has the task by another message, as after a late second submit."""
        if state.queue_sequence in {None, self._delivery.queue_sequence}:
            return False
        ping = TaskControl(action=TaskAction.PING)
        reply = await tell_worker(self._client(), self._address, ping, within_seconds=PING_SECONDS)
        return reply is not None

    async def _act(
        self, verdict: Verdict, state: TaskState, request: TaskRequest, budget: float | None
    ) -> TaskState:
        match verdict:
            case Verdict.START:
                return await self._start(state, request, budget)
            case Verdict.DROP:
                return state
            case Verdict.CLOSE:
                events = matching_events(state, self._address)
            case Verdict.CANCEL:
                reason = TaskFailure.CANCELLED
                events = failure_events(state, self._address, reason, reason)
            case Verdict.GIVE_UP:
                text = f"given up: {state.used_attempts} attempts have lost their worker"
                events = failure_events(state, self._address, text, TaskFailure.MAX_DELIVERIES)
        return await close_task(
            self._client, self._address, state, events, within_seconds=OUTAGE_SECONDS
        )

    async def _start(
        self, state: TaskState, request: TaskRequest, budget: float | None
    ) -> TaskState:
        parameters = request.task_parameters
        model, streaming = parameters.get("model"), parameters.get("enable_streaming")
        event = WorkflowStarted(
            agent_id=self._address.agent,
            task_id=self._address.task_id,
            timestamp=rfc3339(time.time_ns()),
            attempt=state.attempt + 1,
            worker_id=self._worker_id,
            queue_sequence=self._delivery.queue_sequence,
            description=_short(request.description),
            query=_short(request.query),
            model=model if isinstance(model, str) else None,
            enable_streaming=streaming if isinstance(streaming, bool) else None,
            budget=budget,
        )
        message = task_event(self._address, event)
        sequence = await store(
            self._client,
            message.subject,
            message.payload,
            {"Nats-Msg-Id": self._start_id},
            condition=Condition(self._address.events, state.last_sequence),
            within_seconds=OUTAGE_SECONDS,
        )
        return fold_task([(sequence, message.type, message.json)], state)


def _short(text: str | None) -> str | None:
    """`text` if it is short: `task.submitted` has it anyway, and an event has its limits."""
    return text if text and len(text) <= MAX_REPEATED else None
