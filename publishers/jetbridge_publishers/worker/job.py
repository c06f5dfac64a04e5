"""One delivered task, from the queue to its end."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass

from jetbridge_publishers.publish_errors import PublishError, PublishRejectedError
from jetbridge_publishers.standing_client import StandingClient
from jetbridge_publishers.task_address import TaskAddress
from jetbridge_publishers.task_history import HistoryError
from jetbridge_publishers.worker.attempt import Attempt
from jetbridge_publishers.worker.attendance import attend
from jetbridge_publishers.worker.budget import Budget, budget_limit
from jetbridge_publishers.worker.channel import Channel
from jetbridge_publishers.worker.claim import Claim
from jetbridge_publishers.worker.conclusion import Conclusion
from jetbridge_publishers.worker.control_point import ControlPoint
from jetbridge_publishers.worker.dead_letters import announce
from jetbridge_publishers.worker.delivery import Delivery
from jetbridge_publishers.worker.errors import SupersededError
from jetbridge_publishers.worker.outcome import Ending, outcome_of
from jetbridge_publishers.worker.run import Handler, Run, TimeLimit
from jetbridge_publishers.worker.stops import Stop
from jetbridge_publishers.worker.verdict import Verdict
from jetbridge_schemas.errors import InvalidIdError, PayloadError
from jetbridge_schemas.reasons import DeadLetterReason
from jetbridge_schemas.task_request import TaskRequest, decode_request
from jetbridge_schemas.task_state import TaskState

logger = logging.getLogger("jetbridge.worker")

AGAIN_SECONDS = 2.0
"""How long a task rests in the queue that could not be begun because NATS did not answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """On what terms a worker does its tasks."""

    tenant: str
    agent: str
    worker_id: str
    ack_wait_seconds: float
    max_deliver: int
    budget: float | None
    limit: TimeLimit

    @property
    def pulse_seconds(self) -> float:
        """How often to tell the queue that a task is being worked on."""
        return self.ack_wait_seconds / 3


class Job:
    """Takes one delivery to whatever end it comes to; `attempt` is there while its code runs."""

    def __init__(
        self, client: StandingClient, delivery: Delivery, handler: Handler, terms: Terms
    ) -> None:
        self.attempt: Attempt | None = None
        self._client = client
        self._delivery = delivery
        self._handler = handler
        self._terms = terms
        self._is_handed_over = False

    async def do(self) -> None:
        """See to the task, and tell the queue what has become of it."""
        try:
            request = self._request()
            address = TaskAddress(self._terms.tenant, self._terms.agent, request.task_id)
            await self._claim(request, address)
        except (PayloadError, InvalidIdError, PublishRejectedError) as error:
            await self._refuse(str(error))
        except SupersededError as error:
            logger.warning("%s: %s", self._delivery.subject, error)
        except (PublishError, HistoryError) as error:
            logger.warning("the task is left for later: %s", error)
            await self._delivery.hand_back(after_seconds=AGAIN_SECONDS)

    def hand_over(self) -> None:
        """Leave the task to another worker, in good order."""
        self._is_handed_over = True
        if self.attempt is not None:
            self.attempt.stop(Stop.WORKER_STOPPED)

    def _request(self) -> TaskRequest:
        request = decode_request(self._delivery.data, self._delivery.headers)
        if request.agent_id != self._terms.agent:
            problem = f"a task for {request.agent_id!r} is in the queue of {self._terms.agent!r}"
            raise PayloadError(DeadLetterReason.BAD_TASK, problem)
        return request

    async def _claim(self, request: TaskRequest, address: TaskAddress) -> None:
        limit = budget_limit(request.task_parameters.get("budget"), self._terms.budget)
        claim = Claim(
            self._client,
            address,
            self._delivery,
            worker_id=self._terms.worker_id,
            max_deliver=self._terms.max_deliver,
        )
        claimed = await claim.make(request, limit)
        if claimed.verdict is Verdict.START:
            await self._work(request, address, claimed.state, limit)
            return
        if claimed.verdict is Verdict.GIVE_UP:
            await self._announce(
                DeadLetterReason.MAX_DELIVERIES,
                f"the task {request.task_id!r} is {claimed.state.error}",
                claimed.state.last_sequence,
            )
        await self._delivery.done()

    async def _work(
        self, request: TaskRequest, address: TaskAddress, state: TaskState, limit: float | None
    ) -> None:
        self.attempt = attempt = self._begin(request, address, state, limit)
        control = ControlPoint(self._client, address, attempt.obey)
        attending = asyncio.create_task(
            attend(
                self._client,
                address,
                self._delivery,
                attempt,
                control,
                every_seconds=self._terms.pulse_seconds,
            )
        )
        try:
            await control.listen()
            await self._settle(await self._run(attempt, address))
        finally:
            self.attempt = None
            attending.cancel()
            await control.close()

    def _begin(
        self, request: TaskRequest, address: TaskAddress, state: TaskState, limit: float | None
    ) -> Attempt:
        trace = self._delivery.headers.get("traceparent")
        channel = Channel(self._client, address, state, traceparent=trace)
        budget = Budget(limit=limit, spent=state.cost, warned=state.budget_warned)
        attempt = Attempt(request, channel, worker_id=self._terms.worker_id, budget=budget)
        if self._is_handed_over:
            attempt.stop(Stop.WORKER_STOPPED)
        return attempt

    async def _run(self, attempt: Attempt, address: TaskAddress) -> Ending:
        run = Run(attempt, self._handler, self._terms.limit)
        error = await run.work()
        state, seconds = attempt.channel.state, self._terms.limit.seconds
        outcome = outcome_of(attempt.stopped, error, state, seconds)
        if outcome.ending is Ending.FAILED and isinstance(error, Exception):
            logger.error("the task %s failed", address.task_id, exc_info=error)
        return await Conclusion(attempt, address, run.harvest).tell(outcome)

    async def _settle(self, ending: Ending) -> None:
        if ending in {Ending.COMPLETED, Ending.FAILED}:
            await self._delivery.done()
        elif ending is Ending.HANDED_OVER:
            await self._delivery.hand_back()

    async def _refuse(self, problem: str) -> None:
        await self._announce(DeadLetterReason.BAD_TASK, problem, self._delivery.queue_sequence)
        await self._delivery.give_up()

    async def _announce(self, reason: DeadLetterReason, message: str, sequence: int) -> None:
        await announce(
            self._client,
            self._terms.tenant,
            self._delivery.subject,
            reason=reason,
            message=message,
            sequence=sequence,
        )
