"""What the code of a task gets: what was asked, and the means to tell how it goes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jetbridge_publishers.preparing import EventData
from jetbridge_publishers.worker.attempt import Attempt
from jetbridge_publishers.worker.calls import ModelCall, Step, StepPlan, ToolCall


class Task:
    """One task, while it is worked on.

        @worker.task
        async def analyse(task: Task):
            async with task.step("retrieve"), task.tool("search", {"q": task.query}) as call:
                call.result = await search(task.query)
            async with task.llm("gpt-4", estimated_cost=0.01) as call:
                answer = await ask(call.result)
            yield answer
            yield worker.result({"answer": answer})

    Every `yield`, and the beginning of every step and call, is a point at which the task
    waits while it is paused. Cancelled, over its budget or out of time, it is interrupted
    where it waits (`asyncio.CancelledError`), so that `finally` can clean up.
    """

    def __init__(self, attempt: Attempt) -> None:
        self._attempt = attempt

    @property
    def task_id(self) -> str:
        """The id of the task, which is the job of its events."""
        return self._attempt.request.task_id

    @property
    def agent_id(self) -> str:
        return self._attempt.request.agent_id

    @property
    def query(self) -> str:
        """What is asked; empty if nothing is."""
        return self._attempt.request.query

    @property
    def description(self) -> str | None:
        return self._attempt.request.description

    @property
    def user_id(self) -> str | None:
        """Who asks, as far as whoever submitted the task said so."""
        return self._attempt.request.user_id

    @property
    def request_id(self) -> str | None:
        return self._attempt.request.request_id

    @property
    def task_parameters(self) -> dict[str, Any]:
        return self._attempt.request.task_parameters

    @property
    def worker_id(self) -> str:
        return self._attempt.worker_id

    @property
    def attempt(self) -> int:
        """From 1; more than 1 when earlier workers did not finish the task."""
        return self._attempt.number

    @property
    def cancelled(self) -> bool:
        """True once the task is to end before its time, for code that cannot be interrupted."""
        return self._attempt.stopped is not None

    @property
    def budget(self) -> float | None:
        """What all attempts together may spend; None for no limit."""
        return self._attempt.budget.limit

    @property
    def spent(self) -> float:
        """What all attempts together have spent."""
        return self._attempt.budget.spent

    async def checkpoint(self) -> None:
        """Wait here while the task is paused; for code that does not yield for long.

        Raises TaskStoppedError when the task is to end.
        """
        await self._attempt.checkpoint()

    async def emit(self, event: EventData, *, type: str | None = None) -> int:
        """Store an event of the task, of any type, and return its sequence.

        Raises PublishRejectedError for an event that is not valid.
        """
        return await self._attempt.emit(event, type=type)

    async def spend(self, cost: float) -> None:
        """Add a cost, in the currency of the budget, that is not that of a call.

        Raises BudgetExceededError when the budget is exceeded, ValueError for no cost.
        """
        await self._attempt.spend(cost)

    def step(
        self, name: str, *, total_steps: int | None = None, description: str | None = None
    ) -> Step:
        """A step of the task: `async with task.step("retrieve", total_steps=4):`."""
        plan = StepPlan(name=name, total_steps=total_steps, description=description)
        return Step(self._attempt, plan)

    def tool(self, tool: str, arguments: Mapping[str, Any] | None = None) -> ToolCall:
        """A call of a tool: `async with task.tool("search", {"q": "x"}) as call:`.

        Set `call.result`, and `call.cost` if it costs anything.
        """
        return ToolCall(self._attempt, tool, None if arguments is None else dict(arguments))

    def llm(self, model: str, *, estimated_cost: float | None = None) -> ModelCall:
        """A call of a language model: `async with task.llm("gpt-4", estimated_cost=0.01) as call:`.

        Set `call.cost` to what it really cost, and `call.input_tokens`, `call.output_tokens`.
        """
        return ModelCall(self._attempt, model, estimated_cost)
