"""The last events of an attempt."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, field
from typing import Any

from jetbridge_publishers.preparing import EventData
from jetbridge_publishers.publish_errors import PublishRejectedError
from jetbridge_publishers.task_address import TaskAddress
from jetbridge_publishers.worker.attempt import Attempt
from jetbridge_publishers.worker.outcome import Ending, Outcome
from jetbridge_publishers.worker.yielded import Result
from jetbridge_schemas.reasons import PauseReason, TaskFailure
from jetbridge_schemas.session import SessionCompletion
from jetbridge_schemas.task import TaskCancelled
from jetbridge_schemas.timestamps import rfc3339
from jetbridge_schemas.workflow import WorkflowCompleted, WorkflowFailed, WorkflowPaused

logger = logging.getLogger("jetbridge.worker")


@dataclass(slots=True)
class Harvest:
    """What a task's code has yielded for its end: a result, and the pieces of an answer."""

    result: Result | None = None
    text: list[str] = field(default_factory=list[str])


class Conclusion:
    """Tells the end of an attempt; after that, the attempt can tell nothing more."""

    def __init__(self, attempt: Attempt, address: TaskAddress, harvest: Harvest) -> None:
        self._attempt = attempt
        self._address = address
        self._harvest = harvest

    async def tell(self, outcome: Outcome) -> Ending:
        """Store the events that `outcome` asks for; return the ending it came to.

        Raises SupersededError when the task is not this attempt's any more, and PublishError.
        """
        self._attempt.is_over = True
        match outcome.ending:
            case Ending.COMPLETED:
                return await self._completed()
            case Ending.FAILED:
                await self._failed(outcome)
            case Ending.HANDED_OVER:
                stamp = self._attempt.stamp()
                await self._emit(WorkflowPaused(**stamp, reason=PauseReason.WORKER_STOPPED))
            case Ending.LOST:
                logger.warning("the task %s is left to another worker", self._address.task_id)
        return outcome.ending

    async def _completed(self) -> Ending:
        result = self._result()
        text = "".join(self._harvest.text) or (result if isinstance(result, str) else None)
        event = WorkflowCompleted(
            **self._attempt.stamp(), result=result, final_response=text, **self._sums()
        )
        try:
            await self._end_session(SessionCompletion(status="completed"))
            await self._emit(event)
        except PublishRejectedError as error:
            logger.exception("the result of the task %s cannot be told", self._address.task_id)
            return await self.tell(Outcome(Ending.FAILED, str(error), type(error).__name__))
        return Ending.COMPLETED

    async def _failed(self, outcome: Outcome) -> None:
        if outcome.error_type == TaskFailure.CANCELLED and not self._attempt.cancelling_is_told:
            await self._announce_cancelling()
        await self._end_session(SessionCompletion(status="error", error=outcome.error))
        event = WorkflowFailed(
            **self._attempt.stamp(),
            error=outcome.error,
            error_type=outcome.error_type,
            **self._sums(),
        )
        await self._emit(event)

    async def _end_session(self, completion: SessionCompletion) -> None:
        """A session ends by an event of its own, which its code may have yielded already."""
        state = self._attempt.channel.state
        if state.is_session and not state.status.is_over:
            await self._emit(completion)

    async def _announce_cancelling(self) -> None:
        """Whoever cancelled has said so already, by the same message id; or should have."""
        event = TaskCancelled(
            task_id=self._address.task_id,
            agent_id=self._address.agent,
            timestamp=rfc3339(time.time_ns()),
        )
        await self._emit(event, id=self._address.message_id("cancel"))

    async def _emit(self, event: EventData, *, id: str | None = None) -> None:
        await self._attempt.channel.emit(event, id=id)

    def _result(self) -> object:
        given = self._harvest.result
        return self._attempt.channel.state.result if given is None else given.value

    def _sums(self) -> dict[str, Any]:
        return {
            "cost": round(self._attempt.budget.spent, 9) or None,
            "elapsed_seconds": round(self._attempt.clock.elapsed(), 6),
        }
