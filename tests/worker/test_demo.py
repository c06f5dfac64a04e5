"""The demo agents: what they say, and that they say it through workers."""

from __future__ import annotations

import asyncio

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jetbridge_publishers.demo import (
    CHAT_AGENT,
    SESSION_AGENT,
    WORKFLOW_AGENT,
    DemoOptions,
    run_demo_workers,
)
from jetbridge_publishers.demo.beats import Beat
from jetbridge_publishers.demo.chat_turn import chat_turn
from jetbridge_publishers.demo.reactions import ReactionError, reaction_session
from jetbridge_publishers.demo.workflow import DEFAULT_BUDGET, plan
from jetbridge_schemas import EVENT_TYPES, ChatEvent, TaskStatus, validate
from tests.worker.desk import Desk

ALL_CHAT = {type for type in EVENT_TYPES if type.startswith("chat.")}


def types(beats: list[Beat]) -> list[str]:
    return [beat.said.event_type for beat in beats if isinstance(beat.said, ChatEvent)]


@given(st.text(max_size=50), st.integers())
def test_a_turn_is_the_same_for_the_same_seed_and_ends_once(query: str, seed: int) -> None:
    turn = list(chat_turn(query, seed=seed))
    assert turn == list(chat_turn(query, seed=seed))
    said = types(turn)
    assert len(said) == len(turn)
    ends = {"chat.complete", "chat.error"}
    assert [type for type in said if type in ends] == said[-1:]
    for beat in turn:
        assert isinstance(beat.said, ChatEvent)
        validate(beat.said.event_type, msgspec.json.encode(beat.said))


def test_a_turn_says_every_kind_of_message() -> None:
    usual = set(types(list(chat_turn("What about the boiler?", seed=1))))
    assert usual == ALL_CHAT - {"chat.timeout", "chat.error"}
    assert "chat.timeout" in types(list(chat_turn("Take it slow", seed=1)))
    assert types(list(chat_turn("Please fail", seed=1)))[-1] == "chat.error"


def test_a_turn_is_as_long_as_it_says() -> None:
    turn = list(chat_turn("What about the boiler?", seed=1))
    assert 40 <= len(turn) <= 60
    assert 10 <= sum(beat.pause_seconds for beat in turn) <= 18


@given(st.integers(), st.integers(1, 20))
def test_a_session_is_the_same_for_the_same_seed(seed: int, reactions: int) -> None:
    session = list(reaction_session("q", reactions=reactions, seed=seed))
    assert session == list(reaction_session("q", reactions=reactions, seed=seed))
    assert 7 * reactions < len(session) <= 8 * reactions + 1


def test_a_session_fails_when_it_is_asked_to() -> None:
    with pytest.raises(ReactionError):
        list(reaction_session("fail", reactions=1, seed=1))


@given(st.text(max_size=50), st.integers())
def test_a_plan_comes_near_its_budget_and_stays_within(query: str, seed: int) -> None:
    steps = plan(query, model="gpt-4", seed=seed)
    assert steps == plan(query, model="gpt-4", seed=seed)
    total = sum(call.cost for step in steps for call in step.calls)
    assert 0.8 * DEFAULT_BUDGET < total < DEFAULT_BUDGET


async def test_all_demo_agents_work_until_they_are_told_to_stop(desk: Desk) -> None:
    stop = asyncio.Event()
    options = DemoOptions(pace=0)
    running = asyncio.create_task(run_demo_workers(desk.client, stop=stop, options=options))
    chat, workflow, session = (
        Desk(desk.client, agent) for agent in (CHAT_AGENT, WORKFLOW_AGENT, SESSION_AGENT)
    )
    turn = await chat.submit("What about the boiler?")
    state = await chat.over(turn)
    assert (state.status, state.ended_by) == (TaskStatus.COMPLETED, "chat.complete")
    job = await workflow.submit("six by seven")
    state = await workflow.over(job)
    assert (state.status, state.budget_warned, state.progress) == (TaskStatus.COMPLETED, True, 100)
    assert (state.llm_calls, state.tool_calls, state.completed_steps) == (4, 2, 4)
    poor = await workflow.submit("six by seven", task_parameters={"budget": 0.02})
    assert (await workflow.over(poor)).error_type == "budget_exceeded"
    good = await session.submit(task_id="session-1", task_parameters={"reactions": 2})
    assert (await session.over(good)).ended_by == "session.completion"
    bad = await session.submit("fail")
    assert (await session.over(bad)).error == "The validation service does not answer"
    stop.set()
    await running
