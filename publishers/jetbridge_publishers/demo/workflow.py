"""A workflow with steps, tools, model calls and a budget: the plan is pure, `work` follows it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Any

from jetbridge_publishers.demo.beats import chance_of
from jetbridge_publishers.worker.task import Task
from jetbridge_publishers.worker.yielded import Result, Yielded

DEFAULT_MODEL = "gpt-4"
DEFAULT_BUDGET = 0.10
"""With the costs below, a task comes past 80 % of it, and stays within."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedCall:
    """One call; for a tool `arguments`, for a model tokens. `cost` is in dollars."""

    name: str
    seconds: float
    cost: float
    result: Any
    arguments: dict[str, Any] | None = None
    tokens: tuple[int, int] = (0, 0)

    @property
    def is_tool(self) -> bool:
        return self.arguments is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedStep:
    """One step and its calls."""

    name: str
    description: str
    calls: tuple[PlannedCall, ...]


def plan(query: str, *, model: str, seed: int) -> list[PlannedStep]:
    """The steps that answer `query`; about 8 seconds and 9 cents in all."""
    chance = chance_of(seed, query)
    hits = chance.randrange(4, 9)

    def ask(cents: float, seconds: float, result: str) -> PlannedCall:
        tokens = (chance.randrange(400, 900), chance.randrange(80, 300))
        return PlannedCall(
            name=model, seconds=seconds, cost=cents / 100, result=result, tokens=tokens
        )

    search = PlannedCall(
        name="search",
        seconds=0.8,
        cost=0.005,
        result={"hits": hits},
        arguments={"q": query, "limit": 10},
    )
    calculate = PlannedCall(
        name="calculate", seconds=0.4, cost=0, result=42, arguments={"expression": "6 * 7"}
    )
    return [
        PlannedStep(
            name="plan",
            description="Decide what is needed",
            calls=(ask(1.5, 0.9, "search, calculate, write"),),
        ),
        PlannedStep(
            name="research", description="Find sources", calls=(search, ask(2.5, 1.4, "notes"))
        ),
        PlannedStep(
            name="analyse", description="Work it out", calls=(calculate, ask(2.0, 1.2, "outline"))
        ),
        PlannedStep(name="report", description="Write it down", calls=(ask(2.5, 1.6, "draft"),)),
    ]


async def work(task: Task, *, seed: int, pace: float) -> AsyncGenerator[Yielded]:
    """Follow the plan for the task's query, with the model it names."""
    model = str(task.task_parameters.get("model") or DEFAULT_MODEL)
    steps = plan(task.query, model=model, seed=seed)
    for planned in steps:
        step = task.step(planned.name, total_steps=len(steps), description=planned.description)
        async with step:
            for call in planned.calls:
                await _make(task, call, pace)
        yield f"{planned.description}: done. "
    yield Result({"answer": f"{task.query or 'Nothing was asked'}: 42", "steps": len(steps)})


async def _make(task: Task, planned: PlannedCall, pace: float) -> None:
    if planned.is_tool:
        async with task.tool(planned.name, planned.arguments) as tool:
            await asyncio.sleep(pace * planned.seconds)
            tool.result, tool.cost = planned.result, planned.cost or None
        return
    async with task.llm(planned.name, estimated_cost=planned.cost) as call:
        await asyncio.sleep(pace * planned.seconds)
        call.result = planned.result
        call.input_tokens, call.output_tokens = planned.tokens
