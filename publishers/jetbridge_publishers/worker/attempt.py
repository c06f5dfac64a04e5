"""One attempt at a task, from within: what it tells, spends, and is told."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

from jetbridge_publishers.preparing import EventData
from jetbridge_publishers.worker.budget import Budget, Notice
from jetbridge_publishers.worker.channel import Channel
from jetbridge_publishers.worker.clock import WorkClock
from jetbridge_publishers.worker.errors import (
    BudgetExceededError,
    SupersededError,
    TaskStoppedError,
)
from jetbridge_publishers.worker.gate import Gate
from jetbridge_publishers.worker.stops import Stop
from jetbridge_schemas.task_control import TaskAction, TaskControl, TaskControlReply
from jetbridge_schemas.task_request import TaskRequest
from jetbridge_schemas.timestamps import rfc3339
from jetbridge_schemas.workflow import (
    WorkflowBudgetExceeded,
    WorkflowBudgetWarning,
    WorkflowPaused,
    WorkflowResumed,
)


class Attempt:
    """What the task's own code and its worker share. `stop` ends it; the first reason counts."""

    def __init__(
        self, request: TaskRequest, channel: Channel, *, worker_id: str, budget: Budget
    ) -> None:
        self.request = request
        self.channel = channel
        self.worker_id = worker_id
        self.number = channel.state.attempt
        self.budget = budget
        self.clock = WorkClock(asyncio.get_running_loop().time)
        self.gate = Gate(is_open=not channel.state.pause_wanted)
        self.stopped: Stop | None = None
        self.cancelling_is_told = channel.state.cancel_wanted
        self.on_stop: Callable[[], None] = lambda: None
        self.is_over = False
        self._pausing = asyncio.Lock()

    def stamp(self) -> dict[str, Any]:
        """What every workflow event of this attempt carries."""
        return {
            "agent_id": self.request.agent_id,
            "task_id": self.request.task_id,
            "timestamp": rfc3339(time.time_ns()),
        }

    async def emit(self, event: EventData, *, type: str | None = None) -> int:
        """Store an event of the task. Raises SupersededError, and as `Channel.emit`."""
        if self.is_over:
            raise TaskStoppedError("the task is over: it can tell nothing more")
        try:
            return await self.channel.emit(event, type=type)
        except SupersededError:
            self.stop(Stop.SUPERSEDED)
            raise

    def stop(self, reason: Stop) -> None:
        """Have the attempt end, at once."""
        if self.stopped is None and not self.is_over:
            self.stopped = reason
            self.on_stop()

    def obey(self, control: TaskControl) -> TaskControlReply:
        """Do as told from outside."""
        problem: str | None = None
        match control.action:
            case TaskAction.PAUSE if self.gate.is_open:
                self.gate.close(control.reason)
            case TaskAction.RESUME if self.gate.is_open:
                problem = "the task is not paused"
            case TaskAction.RESUME:
                self.gate.open(control.reason)
            case TaskAction.CANCEL:
                self.stop(Stop.CANCELLED)
            case _:
                pass
        return TaskControlReply(
            worker_id=self.worker_id,
            task_id=self.request.task_id,
            attempt=self.number,
            is_paused=not self.gate.is_open,
            problem=problem,
        )

    async def checkpoint(self) -> None:
        """Wait here while the task is paused. Raises TaskStoppedError when it is to end."""
        self._check()
        async with self._pausing:
            if not self.gate.is_open:
                await self._wait_at_gate()
        self._check()

    async def spend(self, cost: float) -> None:
        """Add `cost` to what the task has spent.

        Raises BudgetExceededError when that is more than its budget, ValueError for no cost.
        """
        self.budget, notices = self.budget.after(cost)
        limit, spent = self.budget.limit, round(self.budget.spent, 9)
        if Notice.WARNING in notices:
            await self.emit(WorkflowBudgetWarning(**self.stamp(), budget=limit, spent=spent))
        if Notice.EXCEEDED in notices:
            await self.emit(WorkflowBudgetExceeded(**self.stamp(), budget=limit, spent=spent))
            self.stopped = self.stopped or Stop.BUDGET_EXCEEDED
        if not self.budget.is_within:
            raise self._over_budget()

    async def _wait_at_gate(self) -> None:
        step = self.channel.state.current_step
        await self.emit(WorkflowPaused(**self.stamp(), reason=self.gate.reason, step=step))
        self.clock.pause()
        try:
            await self.gate.passed()
        finally:
            self.clock.resume()
        await self.emit(WorkflowResumed(**self.stamp(), reason=self.gate.reason, step=step))

    def _check(self) -> None:
        if self.stopped is Stop.BUDGET_EXCEEDED:
            raise self._over_budget()
        if self.stopped is not None:
            raise TaskStoppedError(f"the task is to end: {self.stopped}")

    def _over_budget(self) -> BudgetExceededError:
        spent, limit = self.budget.spent, self.budget.limit
        return BudgetExceededError(f"spent {spent:g} of a budget of {limit:g}")
