"""What a task may spend."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jetbridge_publishers.worker import BudgetExceededError, Task, Worker, Yielded
from jetbridge_publishers.worker.budget import Budget, Notice, budget_limit
from jetbridge_schemas import TaskStatus
from tests.worker.desk import AGENT, Desk

costs = st.lists(st.sampled_from([0.0, 0.05, 0.1, 0.3, 0.7, 1.1]), max_size=30)


@given(costs)
def test_each_notice_is_given_once_and_when_it_is_due(costs: list[float]) -> None:
    budget = Budget(limit=1.0)
    given: list[Notice] = []
    for cost in costs:
        budget, notices = budget.after(cost)
        given += notices
        assert (Notice.WARNING in given) == (round(budget.spent, 6) >= 0.8)
        assert (Notice.EXCEEDED in given) == (round(budget.spent, 6) > 1)
        assert budget.is_within == (Notice.EXCEEDED not in given)
    assert len(given) == len(set(given))


@given(costs)
def test_without_a_limit_there_is_nothing_to_tell(costs: list[float]) -> None:
    budget = Budget()
    for cost in costs:
        budget, notices = budget.after(cost)
        assert notices == []
    assert budget.spent == pytest.approx(sum(costs))


@pytest.mark.parametrize("cost", [-0.1, float("nan"), float("inf")])
def test_what_is_no_cost_is_refused(cost: float) -> None:
    with pytest.raises(ValueError, match="a cost must be a number"):
        Budget().after(cost)


@pytest.mark.parametrize(
    ("asked", "allowed", "limit"),
    [
        (None, None, None),
        (2, None, 2.0),
        (2, 1.0, 1.0),
        (0.5, 1.0, 0.5),
        ("2", 1.0, 1.0),
        (True, 1.0, 1.0),
        (-1, None, None),
        (float("nan"), 3.0, 3.0),
    ],
)
def test_a_request_can_lower_its_budget(
    asked: object, allowed: float | None, limit: float | None
) -> None:
    assert budget_limit(asked, allowed) == limit


def spender(worker: Worker, *costs: float) -> Worker:
    @worker.task
    async def spend(task: Task) -> AsyncGenerator[Yielded]:
        for cost in costs:
            async with task.llm("gpt-4", estimated_cost=cost):
                pass
        yield "all spent"

    return worker


async def test_a_warning_comes_once_at_four_fifths_of_the_budget(desk: Desk) -> None:
    worker = spender(Worker(desk.client, agent=AGENT, budget=1.0), 0.5, 0.3, 0.1, 0.1)
    async with worker:
        id = await desk.submit()
        state = await desk.over(id)
    assert (state.status, state.budget, state.budget_warned) == (TaskStatus.COMPLETED, 1.0, True)
    told = await desk.told(id)
    (warning,) = [event for event in told if event.type == "WorkflowBudgetWarning"]
    assert (warning.data["spent"], warning.data["budget"]) == (0.8, 1.0)
    assert told[-1].data["cost"] == 1.0


async def test_a_task_over_its_budget_ends(desk: Desk) -> None:
    async with spender(Worker(desk.client, agent=AGENT), 0.5, 0.4, 0.2, 0.2):
        id = await desk.submit(task_parameters={"budget": 1})
        state = await desk.over(id)
    assert (state.status, state.error_type) == (TaskStatus.FAILED, "budget_exceeded")
    assert state.error == "the budget of 1 is exceeded: 1.1 spent"
    assert (state.llm_calls, state.cost) == (3, 1.1)
    assert (await desk.types(id))[-2:] == ["WorkflowBudgetExceeded", "WorkflowFailed"]


async def test_code_that_will_not_hear_of_its_budget_ends_all_the_same(desk: Desk) -> None:
    worker = Worker(desk.client, agent=AGENT, budget=1.0)
    caught: list[BudgetExceededError] = []

    @worker.task
    async def spend(task: Task) -> AsyncGenerator[Yielded]:
        for _ in range(3):
            try:
                await task.spend(2)
            except BudgetExceededError as error:
                caught.append(error)
        yield "one more word"
        yield "and another"

    async with worker:
        id = await desk.submit()
        state = await desk.over(id)
    assert len(caught) == 3
    assert state.error_type == "budget_exceeded"
    assert await desk.texts(id) == ["one more word"]


async def test_what_one_worker_spent_counts_for_the_next_one(desk: Desk) -> None:
    async def spend(task: Task) -> AsyncGenerator[Yielded]:
        async with task.llm("gpt-4", estimated_cost=0.7):
            pass
        yield f"spent {task.spent:g}"
        await asyncio.Event().wait()

    first, second = (Worker(desk.client, agent=AGENT, budget=1.0, stop_seconds=0) for _ in range(2))
    first.task(spend)
    second.task(spend)
    id = await desk.submit()
    async with first:
        await desk.has_said(id, "spent 0.7")
    async with second:
        state = await desk.over(id)
    assert (state.attempt, state.error_type) == (2, "budget_exceeded")
    assert state.cost == pytest.approx(1.4)
