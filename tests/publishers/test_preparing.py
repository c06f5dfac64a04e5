from __future__ import annotations

from typing import Any, ClassVar

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jetbridge_publishers.preparing import Encoding, EventData, Prepared, header_value, prepare
from jetbridge_publishers.publish_errors import PublishRejectedError
from jetbridge_schemas.codec import MAX_EVENT_BYTES, to_json
from jetbridge_schemas.errors import InvalidIdError, InvalidSubjectError
from jetbridge_schemas.events import Event
from jetbridge_schemas.process_heat import AgentStatus, AgentStatusEnum, MetricsUpdate

RUNNING = AgentStatus(agent_id="agent:001", status=AgentStatusEnum.RUNNING, progress_percent=33)


def prepared(
    event: EventData,
    *,
    agent: str = "agent:001",
    job: str | None = None,
    type: str | None = None,
    encoding: Encoding = "json",
    traceparent: str | None = None,
) -> Prepared:
    return prepare(
        event,
        tenant="default",
        agent=agent,
        job=job,
        type=type,
        encoding=encoding,
        traceparent=traceparent,
    )


def test_a_struct_knows_its_type_and_absent_fields_are_not_sent() -> None:
    message = prepared(RUNNING)
    assert message.subject == "evt.default.agent:001.-.agent.status"
    assert message.payload == (b'{"agent_id":"agent:001","status":"RUNNING","progress_percent":33}')
    assert message.headers == {}


def test_a_mapping_needs_a_type_and_is_sent_as_it_is() -> None:
    message = prepared({"b": 1, "a": [None]}, job="job:7", type="my.own.event")
    assert message.subject == "evt.default.agent:001.job:7.my.own.event"
    assert message.payload == b'{"b":1,"a":[null]}'
    with pytest.raises(PublishRejectedError, match="no type"):
        prepared({"a": 1})


def test_a_users_own_event_class_is_published_under_its_type() -> None:
    class DoorOpened(Event, frozen=True, kw_only=True):
        event_type: ClassVar[str] = "door.opened"
        door: str

    message = prepared(DoorOpened(door="north"))
    assert message.type == "door.opened"
    assert message.payload == b'{"door":"north"}'


def test_a_struct_cannot_be_sent_under_another_type() -> None:
    assert prepared(RUNNING, type="agent.status").type == "agent.status"
    with pytest.raises(PublishRejectedError, match="cannot be sent as"):
        prepared(RUNNING, type="alarm.update")


@pytest.mark.parametrize(
    ("event", "type"),
    [
        (AgentStatus(agent_id="a", status=AgentStatusEnum.IDLE, progress_percent=101), None),
        (AgentStatus(agent_id="", status=AgentStatusEnum.IDLE), None),
        (MetricsUpdate(source_id="a", metrics={"t": float("nan")}), None),
        ({"agent_id": "a", "status": "DREAMING"}, "agent.status"),
        ({"agent_id": "a"}, "agent.status"),
    ],
)
def test_an_event_that_does_not_fit_its_schema_is_rejected_before_it_is_sent(
    event: EventData, type: str | None
) -> None:
    with pytest.raises(PublishRejectedError, match="not valid"):
        prepared(event, type=type)


def test_what_json_cannot_say_is_rejected() -> None:
    with pytest.raises(PublishRejectedError, match="not valid"):
        prepared({"a": object()}, type="x")


@pytest.mark.parametrize("type", ["heartbeat", "caught-up", "gap", "a..b", "a b", "a.*", ""])
def test_types_that_no_event_may_have_are_refused(type: str) -> None:
    with pytest.raises(InvalidSubjectError):
        prepared({}, type=type)


@pytest.mark.parametrize(("agent", "job"), [("", None), ("a", ""), ("x" * 300, None)])
def test_ids_that_no_subject_can_carry_are_refused(agent: str, job: str | None) -> None:
    with pytest.raises(InvalidIdError):
        prepared({}, agent=agent, job=job, type="x")


def test_ids_that_look_like_wildcards_are_encoded() -> None:
    subject = prepared({}, agent="*", job=">", type="x").subject
    assert subject == "evt.default.=Kg.=Pg.x"


def test_an_event_of_exactly_the_limit_passes_and_one_byte_more_does_not() -> None:
    room = MAX_EVENT_BYTES - len('{"a":""}')
    assert len(prepared({"a": "x" * room}, type="x").payload) == MAX_EVENT_BYTES
    with pytest.raises(PublishRejectedError, match="1,048,577 bytes"):
        prepared({"a": "x" * (room + 1)}, type="x")


json_objects = st.dictionaries(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=5),
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False),
    max_size=5,
)


@given(json_objects)
def test_messagepack_reaches_browsers_as_the_same_json(event: dict[str, Any]) -> None:
    plain = prepared(event, type="x")
    packed = prepared(event, type="x", encoding="msgpack")
    assert packed.headers == {"Content-Type": "application/msgpack"}
    assert msgspec.json.decode(to_json(packed.payload, packed.headers)) == msgspec.json.decode(
        plain.payload
    )


def test_a_trace_context_travels_as_a_header() -> None:
    context = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    assert prepared(RUNNING, traceparent=context).headers == {"traceparent": context}


@pytest.mark.parametrize("text", ["", " a", "a ", "a\r\nb", "é", "x" * 1025])
def test_a_header_that_nats_would_change_is_rejected(text: str) -> None:
    with pytest.raises(PublishRejectedError, match="header"):
        header_value(text)


@pytest.mark.parametrize("text", ["a", "a b", "x" * 1024, "job:1/step=2"])
def test_any_other_header_is_left_as_it_is(text: str) -> None:
    assert header_value(text) == text
