"""Events of one task, for tests of the fold."""

from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import strategies as st

Triple = tuple[int, str, bytes]

STAGE: dict[str, Any] = {"agent_id": "a", "task_id": "t", "timestamp": "2026-01-02T03:04:05Z"}
ASKED: dict[str, Any] = {"agent_id": "a", "task_id": "t", "task_parameters": {}}
SESSION: dict[str, Any] = {
    "message": "m",
    "timestamp": "2026-01-02T03:04:05Z",
    "worker_id": "w",
    "aux": {"info_type": "x"},
}


def history(*events: tuple[str, dict[str, Any]], start: int = 1) -> list[Triple]:
    """Events in a row, from the sequence `start` on."""
    return [
        (number, type, msgspec.json.encode(data))
        for number, (type, data) in enumerate(events, start)
    ]


def stage(type: str, **data: Any) -> tuple[str, dict[str, Any]]:
    """A workflow event."""
    return f"Workflow{type}", {**STAGE, **data}


def submitted(**data: Any) -> tuple[str, dict[str, Any]]:
    return "task.submitted", {**ASKED, **data}


_costs = st.sampled_from([None, 0, 0.25, 1.5])
_steps = st.sampled_from(["one", "two", 3])
_texts = st.sampled_from([None, "x", "cancelled", "worker_stopped"])


def _stages(name: str, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[str, Any]]:
    return st.fixed_dictionaries(fields).map(lambda data: stage(name, **data))


some_events: st.SearchStrategy[tuple[str, dict[str, Any]]] = st.one_of(
    st.fixed_dictionaries({"query": st.sampled_from([None, "", "q"])}).map(
        lambda data: submitted(**data)
    ),
    st.just(("task.cancelled", ASKED)),
    _stages("Started", attempt=st.sampled_from([None, 1, 2, 5]), budget=_costs),
    _stages("Paused", reason=_texts),
    _stages("Resumed", reason=_texts),
    _stages("StepStarted", step=_steps, total_steps=st.sampled_from([None, 2, 4])),
    _stages("StepCompleted", step=_steps),
    _stages("LLMCallStarted", model=_texts),
    _stages("LLMCallCompleted", cost=_costs),
    _stages("ToolCallStarted", tool=_texts),
    _stages("ToolCallCompleted", cost=_costs),
    _stages("BudgetWarning", spent=_costs),
    _stages("BudgetExceeded", spent=_costs),
    _stages("Completed", result=_texts, cost=_costs),
    _stages("Failed", error=_texts, error_type=_texts),
    st.sampled_from(
        [
            ("chat.text", {"type": "text", "content": "c"}),
            ("chat.progress", {"type": "progress", "progress": 50}),
            ("chat.tool_call", {"type": "tool_call", "tool": "t"}),
            ("chat.complete", {"type": "complete", "result": 1}),
            ("chat.error", {"type": "error", "error": "e"}),
            ("session.info", {"type": "info", **SESSION}),
            ("session.completion", {"_type": "completion", "status": "completed"}),
            ("session.completion", {"_type": "completion", "status": "error", "error": "e"}),
            ("calculation.progress", {"job_id": "t", "agent_id": "a", "progress_percent": 20}),
            ("calculation.progress", {"progress_percent": "not a number"}),
            ("WorkflowStarted", {}),
            ("note", {"any": "thing"}),
            ("my.own.type", {}),
        ]
    ),
)
"""Events of every kind that means something to the fold, and of some that do not."""


@st.composite
def histories(draw: st.DrawFn) -> list[Triple]:
    """A history with holes between its sequences, as filters and other jobs leave them."""
    events = draw(st.lists(some_events, max_size=25))
    gaps = draw(st.lists(st.integers(1, 5), min_size=len(events), max_size=len(events)))
    sequence, found = 0, list[Triple]()
    for gap, (type, data) in zip(gaps, events, strict=True):
        sequence += gap
        found.append((sequence, type, msgspec.json.encode(data)))
    return found
