"""Steps, tool calls and model calls of a task: timed, told, and paid for."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from time import monotonic
from types import TracebackType
from typing import Any, Self

from jetbridge_publishers.worker.attempt import Attempt
from jetbridge_publishers.worker.errors import SupersededError
from jetbridge_schemas.events import Event
from jetbridge_schemas.workflow import (
    WorkflowLLMCallCompleted,
    WorkflowLLMCallStarted,
    WorkflowStepCompleted,
    WorkflowStepStarted,
    WorkflowToolCallCompleted,
    WorkflowToolCallStarted,
)

MAX_ERROR = 2_000
"""The most characters of an error's message that are told."""


class Call:
    """A part of a task with a beginning and an end; `async with` tells both.

    result: what came of it, for those who watch.
    cost: what it has cost, in the currency of the budget; set it before the end.
    """

    def __init__(self, attempt: Attempt) -> None:
        self.result: Any = None
        self.cost: float | None = None
        self._attempt = attempt
        self._began = 0.0
        self._spent_before = 0.0

    async def __aenter__(self) -> Self:
        await self._attempt.checkpoint()
        self._began = monotonic()
        self._spent_before = self._attempt.budget.spent
        await self._attempt.emit(self._started(self._attempt.stamp()))
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if isinstance(exc, SupersededError):
            return
        attempt = self._attempt
        seconds = round(monotonic() - self._began, 6)
        error = None if exc is None else shown(exc)
        await attempt.emit(self._completed(attempt.stamp() | {"elapsed_seconds": seconds}, error))
        if exc is None or attempt.stopped is None:
            await self._pay()

    async def _pay(self) -> None:
        if self.cost:
            await self._attempt.spend(self.cost)

    def _started(self, stamp: dict[str, Any]) -> Event:
        raise NotImplementedError

    def _completed(self, stamp: dict[str, Any], error: str | None) -> Event:
        raise NotImplementedError


@dataclass(frozen=True, slots=True, kw_only=True)
class StepPlan:
    """What is known of a step before it begins."""

    name: str
    total_steps: int | None = None
    description: str | None = None


class Step(Call):
    """One step; its cost is that of the calls made in it."""

    def __init__(self, attempt: Attempt, plan: StepPlan) -> None:
        super().__init__(attempt)
        self._plan = plan

    def _started(self, stamp: dict[str, Any]) -> Event:
        plan = self._plan
        return WorkflowStepStarted(
            **stamp, step=plan.name, total_steps=plan.total_steps, description=plan.description
        )

    def _completed(self, stamp: dict[str, Any], error: str | None) -> Event:
        spent = self._attempt.budget.spent - self._spent_before
        cost = round(spent + (self.cost or 0.0), 9)
        plan = self._plan
        return WorkflowStepCompleted(
            **stamp,
            step=plan.name,
            total_steps=plan.total_steps,
            result=self.result,
            cost=cost or None,
            message=error,
        )


class ToolCall(Call):
    """A call of a tool."""

    def __init__(self, attempt: Attempt, tool: str, arguments: dict[str, Any] | None) -> None:
        super().__init__(attempt)
        self._tool = tool
        self._arguments = arguments

    def _started(self, stamp: dict[str, Any]) -> Event:
        step = self._attempt.channel.state.current_step
        return WorkflowToolCallStarted(
            **stamp, tool=self._tool, arguments=self._arguments, step=step
        )

    def _completed(self, stamp: dict[str, Any], error: str | None) -> Event:
        return WorkflowToolCallCompleted(
            **stamp, tool=self._tool, result=self.result, error=error, cost=self.cost
        )


class ModelCall(Call):
    """A call of a language model; costs what was estimated unless `cost` says otherwise."""

    def __init__(self, attempt: Attempt, model: str, estimated_cost: float | None) -> None:
        super().__init__(attempt)
        self.cost = estimated_cost
        self.input_tokens: int | None = None
        self.output_tokens: int | None = None
        self._model = model
        self._estimated_cost = estimated_cost

    def _started(self, stamp: dict[str, Any]) -> Event:
        step = self._attempt.channel.state.current_step
        return WorkflowLLMCallStarted(
            **stamp, model=self._model, estimated_cost=self._estimated_cost, step=step
        )

    def _completed(self, stamp: dict[str, Any], error: str | None) -> Event:
        return WorkflowLLMCallCompleted(
            **stamp,
            model=self._model,
            result=self.result,
            error=error,
            cost=self.cost,
            input_tokens=self.input_tokens,
            output_tokens=self.output_tokens,
        )


def shown(error: BaseException) -> str:
    """An error for those who watch: its message, cut when long, never its traceback."""
    if isinstance(error, asyncio.CancelledError | GeneratorExit):
        return "interrupted"
    text = str(error) or type(error).__name__
    return text if len(text) <= MAX_ERROR else text[: MAX_ERROR - 1] + "…"
