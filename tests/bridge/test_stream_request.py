"""Reading what a client asks for from its URL and headers."""

from __future__ import annotations

import logging

import pytest
from starlette.datastructures import QueryParams

from jetbridge.frames import Framing
from jetbridge.positions import After, Latest
from jetbridge.stream_request import (
    MAX_LISTED_IDS,
    RequestError,
    StreamRequest,
    accepts_stream,
    parse_stream_request,
    wants_page,
)
from jetbridge.views import JOB_DEFAULT_TYPES, View, agent_view, global_view, job_view
from jetbridge_schemas.errors import JetbridgeError


def asked(
    query: str = "",
    view: View | None = None,
    *,
    default_types: frozenset[str] | None = None,
    **headers: str,
) -> StreamRequest:
    return parse_stream_request(
        view or global_view("default"),
        QueryParams(query),
        {name.replace("_", "-"): value for name, value in headers.items()},
        default_types=default_types,
        now_ns=0,
    )


def test_nothing_asked_means_everything_from_now_on() -> None:
    request = asked()
    assert request.view == global_view("default")
    assert (request.start, request.until_ns, request.limit) == (None, None, None)
    assert (request.framing, request.client_id) == (Framing.TYPED, None)


def test_lists_may_be_repeated_and_comma_separated() -> None:
    wanted = asked("agents=a,b&jobs=j&agents=c&event_types=x,y&event_types=z*").view.filter
    assert wanted.agents == {"a", "b", "c"}
    assert wanted.jobs == {"j"}
    assert wanted.types == {"x", "y", "z*"}


def test_types_may_be_written_with_spaces_and_empty_parts() -> None:
    assert asked("event_types=x,%20y%20,,").view.filter.types == {"x", "y"}


def test_ids_are_taken_to_the_letter() -> None:
    assert asked("agents=%20a,b%20,%2A,%3E,..").view.filter.agents == {" a", "b ", "*", ">", ".."}


@pytest.mark.parametrize(
    "query", ["agents=", "jobs=", "agents=a,,b", "agents=,", "agents=a&agents="]
)
def test_an_empty_id_is_refused_lest_it_mean_all(query: str) -> None:
    with pytest.raises(RequestError, match="must not be empty"):
        asked(query)


def test_ids_of_others_leave_nothing_of_an_agents_stream() -> None:
    assert asked("agents=b", agent_view("default", "a")).view.filter.agents == frozenset()
    assert asked("agents=b,a", agent_view("default", "a")).view.filter.agents == {"a"}


def test_a_job_stream_shows_progress_unless_other_types_are_asked_for() -> None:
    job = job_view("default", "j")
    assert asked("", job, default_types=JOB_DEFAULT_TYPES).view.filter.types == JOB_DEFAULT_TYPES
    everything = asked("event_types=*", job, default_types=JOB_DEFAULT_TYPES)
    assert everything.view.filter.types is None
    some = asked("event_types=alarm.*", job, default_types=JOB_DEFAULT_TYPES)
    assert some.view.filter.types == {"alarm.*"}


def test_the_header_wins_over_every_position_in_the_query() -> None:
    request = asked("last_event_id=5&from=latest&since=1h", last_event_id="9")
    assert request.start == After(9, resumed=True)


@pytest.mark.parametrize("header", ["x", "-1", "1.5", "9" * 40, "1,2", "é"])
def test_a_malformed_header_is_ignored_with_a_line_in_the_log(
    header: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "jetbridge.http"):
        assert asked("from=latest", last_event_id=header).start == Latest()
    (record,) = caplog.records
    assert "Last-Event-ID" in record.getMessage()


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("last_event_id=x", "last_event_id"),
        ("from=soon", "from"),
        ("since=yesterday", "since"),
        ("until=tomorrow", "until"),
        ("limit=0", "limit"),
        ("limit=-1", "limit"),
        ("limit=ten", "limit"),
        ("limit=1.5", "limit"),
        ("limit=9999999999999", "limit"),
        ("format=xml", "format"),
        ("event_types=a..b", "event_types"),
        ("event_types=*x", "event_types"),
        ("agents=" + "x" * 257, "agents"),
        ("agents=%ff", "agents"),
        ("jobs=%c3%28", "jobs"),
        ("client_id=" + "x" * 257, "client_id"),
        ("agents=" + ",".join(map(str, range(MAX_LISTED_IDS + 1))), "agents"),
    ],
)
def test_a_malformed_parameter_is_refused_by_its_name(query: str, named: str) -> None:
    with pytest.raises(JetbridgeError) as caught:
        asked(query)
    assert str(caught.value).startswith(named)
    assert len(str(caught.value)) < 300


def test_unknown_parameters_are_ignored() -> None:
    assert asked("nonsense=1&_=169&utm_source=x") == asked()


def test_parameters_given_empty_are_as_if_not_given() -> None:
    assert asked("from=&since=&until=&limit=&last_event_id=&format=&event_types=") == asked()


@pytest.mark.parametrize(
    ("accept", "page", "stream"),
    [
        ("text/event-stream", False, True),
        ("TEXT/Event-Stream", False, True),
        ("", False, False),
        ("*/*", False, False),
        ("text/html,application/xhtml+xml,*/*;q=0.8", False, False),
        ("application/json", True, False),
        ("Application/JSON; charset=utf-8", True, False),
        ("application/json, text/event-stream", False, True),
        ("application/json; q=0.5, text/event-stream", False, True),
        ("application/json, text/event-stream;q=0.5", True, False),
        ("application/json;charset=utf-8;q=0.4, text/event-stream;q=0.5", False, True),
        ("application/json;q=0", False, False),
        ("text/event-stream;q=0", False, False),
        ("application/json;q=much", True, False),
        (",;;=,q=,;q", False, False),
    ],
)
def test_accept_decides_between_page_and_stream(accept: str, page: bool, stream: bool) -> None:
    assert wants_page(accept) == page
    assert accepts_stream(accept) == stream
