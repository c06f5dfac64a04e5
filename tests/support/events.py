"""Events for tests of the pure parts."""

from __future__ import annotations

from hypothesis import strategies as st

from jetbridge.event import Event
from jetbridge.filters import Filter
from jetbridge_schemas.subjects import event_subject

IDS = ["a", "b", "agent:1", "a b.c", "*", ">", "=YQ", "-", "é", "a\nb"]
TYPES = ["agent.status", "agent.alarm", "agent.a.b", "WorkflowStarted", "WorkflowFailed", "x"]
PATTERNS = [*TYPES, "*", "agent.*", "agent.a*", "Workflow*", "W*", "x*", "agent.a.*"]


def make_event(
    sequence: int = 1,
    *,
    agent: str = "a",
    job: str | None = None,
    type: str = "x",
    data: bytes = b"{}",
    tenant: str = "default",
    time_ns: int = 1_767_225_600_000_000_000,
) -> Event:
    """An event, all of it ordinary but what is said."""
    return Event(
        sequence=sequence,
        time_ns=time_ns,
        tenant=tenant,
        agent=agent,
        job=job,
        type=type,
        data=data,
    )


def subject_of(event: Event) -> str:
    """The subject the event was published on."""
    return event_subject(tenant=event.tenant, agent=event.agent, job=event.job, type=event.type)


def events() -> st.SearchStrategy[Event]:
    """Events from a small world, so that filters often match."""
    return st.builds(
        make_event,
        st.integers(1, 2**53),
        agent=st.sampled_from(IDS),
        job=st.none() | st.sampled_from(IDS),
        type=st.sampled_from(TYPES),
        tenant=st.sampled_from(["default", "other"]),
    )


def filters() -> st.SearchStrategy[Filter]:
    """Filters of the same world."""
    some_ids = st.none() | st.frozensets(st.sampled_from(IDS), max_size=4)
    some_types = st.none() | st.frozensets(st.sampled_from(PATTERNS[:6] + PATTERNS[7:]), min_size=1)
    return st.builds(
        Filter,
        st.sampled_from(["default", "other"]),
        some_ids,
        some_ids,
        some_types,
    )
