"""The state of a task out of its events."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jetbridge_schemas import (
    EVENT_TYPES,
    OutOfOrderError,
    Surface,
    TaskState,
    TaskStatus,
    fold_task,
    is_terminal,
)
from tests.schemas.task_events import ASKED, Triple, histories, history, stage, submitted

CANCELLED = ("task.cancelled", ASKED)


def test_a_task_goes_from_created_to_completed() -> None:
    events = history(
        submitted(description="d", timestamp="2026-01-01T00:00:00Z"),
        submitted(query="q"),
        stage("Started", attempt=1, worker_id="w", budget=2, queue_sequence=7),
        stage("Completed", result={"answer": 42}, cost=0.5),
    )
    statuses = [fold_task(events[:count]).status for count in range(5)]
    assert statuses == ["created", "created", "queued", "running", "completed"]
    state = fold_task(events)
    assert (state.description, state.query, state.budget) == ("d", "q", 2)
    assert (state.result, state.cost, state.progress) == ({"answer": 42}, 0.5, 100)
    assert (state.created_at, state.started_at) == ("2026-01-01T00:00:00Z", "2026-01-02T03:04:05Z")
    assert (state.worker_id, state.queue_sequence) == ("w", 7)
    assert (state.first_sequence, state.submitted_sequence, state.last_sequence) == (1, 2, 4)
    assert (state.ended_by, state.ended_sequence, state.closed) == ("WorkflowCompleted", 4, True)


def test_what_was_spent_stays_when_an_attempt_is_lost_and_what_was_done_does_not() -> None:
    state = fold_task(
        history(
            submitted(query=""),
            stage("Started", attempt=1),
            stage("StepStarted", step="retrieve", total_steps=2),
            stage("ToolCallStarted", tool="search"),
            stage("ToolCallCompleted", tool="search", cost=0.5),
            stage("StepCompleted", step="retrieve"),
            stage("Started", attempt=2),
        )
    )
    assert (state.attempt, state.used_attempts, state.status) == (2, 2, TaskStatus.RUNNING)
    assert (state.cost, state.tool_calls) == (0.5, 1)
    assert (state.current_step, state.progress, state.completed_steps) == (None, None, 0)


def test_a_worker_that_hands_over_uses_up_no_attempt() -> None:
    events = history(
        submitted(query=""),
        stage("Started", attempt=1),
        stage("Paused", reason="worker_stopped"),
    )
    state = fold_task(events)
    assert (state.status, state.used_attempts, state.pause_wanted) == (TaskStatus.PAUSED, 0, False)


def test_a_pause_outlives_the_worker_that_kept_it() -> None:
    paused = [submitted(query=""), stage("Started"), stage("Paused"), stage("Started")]
    assert fold_task(history(*paused)).pause_wanted
    assert not fold_task(history(*paused, stage("Resumed"))).pause_wanted


def test_steps_may_be_nested() -> None:
    events = history(
        stage("Started"),
        stage("StepStarted", step="outer", total_steps=4),
        stage("StepStarted", step="inner"),
        stage("StepCompleted", step="inner"),
    )
    assert fold_task(events[:3]).current_step == "inner"
    state = fold_task(events)
    assert (state.current_step, state.open_steps, state.progress) == ("outer", ("outer",), 25)


@pytest.mark.parametrize(
    "end",
    [
        stage("Failed", error="cancelled", error_type="cancelled"),
        ("session.completion", {"_type": "completion", "status": "error", "error": "cancelled"}),
    ],
)
def test_a_cancelled_task_is_told_from_a_failed_one(end: tuple[str, dict[str, object]]) -> None:
    state = fold_task(history(submitted(query=""), stage("Started"), CANCELLED, end))
    assert state.status is TaskStatus.CANCELLED


def test_the_first_end_counts_and_the_tasks_own_end_completes_it() -> None:
    events = history(
        stage("Started"),
        ("chat.complete", {"type": "complete", "result": {"answer": "42"}}),
        ("chat.text", {"type": "text", "content": "late"}),
        stage("Failed", error="while cleaning up", cost=0.5),
    )
    state = fold_task(events)
    assert (state.status, state.ended_by, state.ended_sequence) == ("completed", "chat.complete", 2)
    assert (state.result, state.error, state.cost) == ({"answer": "42"}, None, 0.5)
    assert not fold_task(events[:3]).closed
    assert state.closed


def test_agents_that_are_no_workers_have_a_state_too() -> None:
    info = {"type": "info", "message": "m", "timestamp": "2026-01-01T00:00:00Z", "worker_id": "w"}
    state = fold_task(history(("session.info", {**info, "aux": {"info_type": "x"}})))
    assert (state.status, state.started_at) == (TaskStatus.RUNNING, "2026-01-01T00:00:00Z")
    assert (state.worker_id, state.is_session) == ("w", True)


def test_a_specialists_progress_is_not_that_of_the_turn() -> None:
    whole = ("chat.progress", {"type": "progress", "progress": 40, "current_action": "Reading"})
    part = ("chat.progress", {"type": "progress", "progress": 90, "specialist": "d"})
    state = fold_task(history(whole, part))
    assert (state.progress, state.current_step) == (40, "Reading")


def test_dead_letters_change_nothing_but_the_sequences() -> None:
    good = history(submitted(query=""), stage("Started"))
    bad: list[Triple] = [(3, "WorkflowCompleted", b"{}"), (4, "WorkflowFailed", b"not json")]
    state = fold_task(good + bad)
    assert (state.status, state.last_sequence) == (TaskStatus.RUNNING, 4)
    assert state.lifecycle_sequence == 4


def test_events_out_of_order_are_refused() -> None:
    events = history(stage("Started"), stage("Completed"))
    with pytest.raises(OutOfOrderError, match="1 came after 2"):
        fold_task(reversed(events))
    with pytest.raises(OutOfOrderError):
        fold_task([events[0], events[0]])


@given(histories())
def test_folding_is_deterministic(events: list[Triple]) -> None:
    assert fold_task(events) == fold_task(iter(events))


@given(histories(), st.data())
def test_folding_in_pieces_that_overlap_is_folding_once(
    events: list[Triple], data: st.DataObject
) -> None:
    cut = data.draw(st.integers(0, len(events)))
    again = data.draw(st.integers(0, cut))
    first = fold_task(events[:cut])
    assert fold_task(events[again:], first) == fold_task(events)


@given(histories())
def test_folding_again_what_is_known_changes_nothing(events: list[Triple]) -> None:
    state = fold_task(events)
    assert fold_task(events, state) == state


@given(histories())
def test_a_longer_history_never_takes_anything_back(events: list[Triple]) -> None:
    before = TaskState()
    for count in range(1, len(events) + 1):
        after = fold_task(events[:count])
        for name in ("cost", "attempt", "tool_calls", "llm_calls", "hand_overs", "last_sequence"):
            assert getattr(after, name) >= getattr(before, name)
        if before.status.is_over:
            assert after.status is before.status
            assert after.ended_sequence == before.ended_sequence
        if before.closed:
            changed = {"last_sequence": 0, "lifecycle_sequence": 0}
            replace = msgspec.structs.replace
            assert replace(after, **changed) == replace(before, **changed)
        before = after


@given(histories())
def test_a_task_is_over_exactly_after_a_terminal_event_that_is_valid(events: list[Triple]) -> None:
    state = fold_task(events)
    assert state.status.is_over == (state.ended_by is not None)
    if state.ended_by is not None:
        assert any(is_terminal(state.ended_by, surface) for surface in Surface)


@given(histories())
def test_the_state_can_be_told_as_json(events: list[Triple]) -> None:
    state = fold_task(events)
    assert msgspec.json.decode(msgspec.json.encode(state), type=TaskState) == state


@pytest.mark.parametrize(
    ("surface", "types"),
    [
        (Surface.TASK, {"WorkflowCompleted", "WorkflowFailed"}),
        (Surface.CHAT, {"WorkflowCompleted", "WorkflowFailed", "chat.complete", "chat.error"}),
        (Surface.SESSION, {"WorkflowCompleted", "WorkflowFailed", "session.completion"}),
    ],
)
def test_each_surface_has_its_ends(surface: Surface, types: set[str]) -> None:
    assert {type for type in EVENT_TYPES if is_terminal(type, surface)} == types
    assert not is_terminal("note", surface)
