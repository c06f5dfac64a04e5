"""Which events a client gets, and which subjects a consumer for them needs."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jetbridge.event import Event
from jetbridge.filters import MAX_SUBJECTS, Filter, FilterError, parse_types
from tests.support.events import events, filters, make_event, subject_of
from tests.support.nats_subjects import collide, covers


def wants(types: frozenset[str] | None, type: str) -> bool:
    return Filter("default", types=types).matches(make_event(type=type))


@given(filters(), events())
def test_the_subjects_of_a_filter_cover_every_event_it_matches(
    wanted: Filter, event: Event
) -> None:
    covered = any(covers(subject, subject_of(event)) for subject in wanted.subjects())
    assert covered or not wanted.matches(event)


@given(filters())
def test_the_subjects_of_a_filter_never_overlap(wanted: Filter) -> None:
    subjects = wanted.subjects()
    assert subjects
    assert not [pair for pair in combinations(subjects, 2) if collide(*pair)]


@given(filters(), events())
def test_what_matches_is_what_agent_job_and_type_say_each_for_itself(
    wanted: Filter, event: Event
) -> None:
    by_agent = wanted.agents is None or event.agent in wanted.agents
    by_job = wanted.jobs is None or event.job in wanted.jobs
    by_type = wanted.types is None or any(
        event.type.startswith(each[:-1]) if each.endswith("*") else event.type == each
        for each in wanted.types
    )
    same_tenant = event.tenant == wanted.tenant
    assert wanted.matches(event) == (same_tenant and by_agent and by_job and by_type)


@pytest.mark.parametrize(
    ("pattern", "wanted", "unwanted"),
    [
        ("agent.*", ["agent.status", "agent.a.b"], ["agent", "agents.x"]),
        (
            "Workflow*",
            ["WorkflowStarted", "Workflow", "Workflow.x"],
            ["workflowStarted", "XWorkflow"],
        ),
        ("agent.sta*", ["agent.status", "agent.start.x"], ["agent.stop"]),
        ("agent.status", ["agent.status"], ["agent.status.x", "agent"]),
    ],
)
def test_a_star_at_the_end_stands_for_any_rest(
    pattern: str, wanted: list[str], unwanted: list[str]
) -> None:
    types = parse_types([pattern])
    assert [type for type in wanted + unwanted if wants(types, type)] == wanted


def test_a_star_alone_and_no_types_at_all_mean_any_type() -> None:
    assert parse_types([]) is None
    assert parse_types(["*", "x"]) is None


@pytest.mark.parametrize(
    "pattern",
    [
        *("a*b", "*a", "a**", ">", "a.>", ".", "a.", ".a", "a..b", "a..*", ".*"),
        *("a b", "a\tb", "a\nb", "a\u2028b", "a.b.c.d.e", "a.b.c.d.*", "x" * 129),
    ],
)
def test_what_is_no_type_and_no_beginning_of_one_is_refused(pattern: str) -> None:
    with pytest.raises(FilterError, match="event_types="):
        parse_types(["agent.status", pattern])


def test_a_control_event_may_be_named_though_it_is_sent_anyway() -> None:
    assert not wants(parse_types(["heartbeat"]), "agent.status")


def test_narrowing_by_ids_of_others_leaves_nothing_and_asks_nats_for_nothing() -> None:
    nothing = Filter("default", agents=frozenset("a")).narrowed(agents=["b"], jobs=[])
    assert not nothing.matches(make_event(agent="a"))
    assert not nothing.matches(make_event(agent="b"))
    assert not any(covers(subject, subject_of(make_event())) for subject in nothing.subjects())


@given(st.integers(0, 400), st.integers(0, 400), st.integers(1, 40))
def test_however_many_ids_are_listed_the_subjects_stay_few_and_cover(
    agents: int, jobs: int, types: int
) -> None:
    wanted = Filter(
        "default",
        frozenset(f"a{number}" for number in range(agents)) or None,
        frozenset(f"j{number}" for number in range(jobs)) or None,
        frozenset(f"t{number}" for number in range(types)),
    )
    subjects = wanted.subjects()
    assert len(subjects) <= MAX_SUBJECTS
    one = make_event(
        agent=f"a{max(agents - 1, 0)}", job=f"j{max(jobs - 1, 0)}", type=f"t{types - 1}"
    )
    assert any(covers(subject, subject_of(one)) for subject in subjects)
