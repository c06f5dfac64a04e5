"""The event families: what passes, what is refused, and with which words."""

from __future__ import annotations

import json
from typing import Any, ClassVar

import pytest

from jetbridge_schemas import (
    CONTROL_EVENTS,
    EVENT_TYPES,
    AgentStatus,
    AgentStatusEnum,
    ChatEvent,
    ChatToolCall,
    Connected,
    DeadLetterReason,
    Event,
    Gap,
    GapReason,
    InvalidSubjectError,
    PayloadError,
    SessionCompletion,
    check_event_type,
    decode_event,
    encode_json,
    event_type_of,
    validate,
)
from tests.schemas.examples import INVALID, VALID, Payload


@pytest.mark.parametrize(("type", "payload"), VALID)
def test_payloads_as_the_guides_show_them_pass(type: str, payload: Payload):
    validate(type, encode_json(payload))


@pytest.mark.parametrize(("type", "payload"), VALID)
def test_a_struct_encodes_to_the_payload_it_was_made_from(type: str, payload: Payload):
    event = decode_event(type, encode_json(payload))
    assert event is not None
    assert event_type_of(event) == type
    known = set(type_fields(event))
    sent = json.loads(encode_json(event))
    assert sent == {k: v for k, v in payload.items() if k in known and v is not None}


def type_fields(event: Event) -> list[str]:
    config = event.__struct_config__
    return [*event.__struct_fields__, *([config.tag_field] if config.tag_field else [])]


@pytest.mark.parametrize(("type", "payload", "field"), INVALID)
def test_payloads_that_do_not_fit_are_refused_with_the_field_named(
    type: str, payload: Payload, field: str
):
    with pytest.raises(PayloadError, match=field) as refusal:
        validate(type, encode_json(payload))
    assert refusal.value.reason == DeadLetterReason.SCHEMA
    assert str(refusal.value).startswith(f"{type}: ")


def test_every_known_type_has_a_payload_that_passes():
    assert {type for type, _ in VALID} == set(EVENT_TYPES)


def test_the_registry_has_exactly_the_types_of_the_contract():
    chat = (
        "status specialist_activated specialist_update specialist_complete progress thinking "
        "tool_call partial_result synthesis text timeout batch error complete"
    )
    workflow = (
        "Started Completed Failed LLMCallStarted LLMCallCompleted ToolCallStarted "
        "ToolCallCompleted BudgetWarning BudgetExceeded Paused Resumed StepStarted StepCompleted"
    )
    assert list(EVENT_TYPES) == [
        *("agent.status", "calculation.progress", "alarm.update", "metrics.update"),
        *(f"Workflow{stage}" for stage in workflow.split()),
        *(f"chat.{kind}" for kind in chat.split()),
        *("session.info", "session.data", "session.error", "session.completion"),
        *("task.submitted", "task.cancelled"),
    ]


@pytest.mark.parametrize("type", EVENT_TYPES)
def test_every_known_type_can_be_published(type: str):
    check_event_type(type)


def test_unknown_types_pass_whatever_they_hold():
    validate("furnace.door", b'{"open":true}')
    assert decode_event("furnace.door", b"{}") is None


def test_a_doubled_member_is_checked_each_time():
    with pytest.raises(PayloadError):
        validate("agent.status", b'{"agent_id":"a","status":"IDLE","status":"lazy"}')
    with pytest.raises(PayloadError):
        validate("agent.status", b'{"agent_id":"a","status":"lazy","status":"IDLE"}')


@pytest.mark.parametrize(
    "metadata",
    [b'{"a":' * 5_000 + b"1" + b"}" * 5_000, b'{"a":' + b"9" * 10_000 + b"}", b'{"a":1e999}'],
    ids=["nested", "a huge integer", "a huge float"],
)
def test_values_that_python_cannot_hold_are_refused_not_raised(metadata: bytes):
    with pytest.raises(PayloadError):
        validate("agent.status", b'{"agent_id":"a","status":"IDLE","metadata":%b}' % metadata)


def test_a_refusal_does_not_repeat_a_whole_payload():
    with pytest.raises(PayloadError) as refusal:
        validate("agent.status", encode_json({"agent_id": "a", "status": "x" * 100_000}))
    assert len(str(refusal.value)) == 500


def test_the_tag_is_sent_first_and_cannot_be_forgotten():
    call = ChatToolCall(tool="search", arguments={"q": "x"})
    assert encode_json(call) == b'{"type":"tool_call","tool":"search","arguments":{"q":"x"}}'
    done = SessionCompletion(status="completed")
    assert encode_json(done) == b'{"_type":"completion","status":"completed"}'


def test_events_cannot_be_changed():
    event: Any = AgentStatus(agent_id="a", status=AgentStatusEnum.IDLE)
    with pytest.raises(AttributeError):
        event.agent_id = "b"


def test_an_event_of_ones_own_has_the_type_it_names():
    class DoorOpened(Event, frozen=True, kw_only=True):
        event_type: ClassVar[str] = "furnace.door"

    assert event_type_of(DoorOpened()) == "furnace.door"


def test_an_event_without_a_type_is_refused_with_a_hint():
    with pytest.raises(InvalidSubjectError, match="ChatEvent has no event type") as refusal:
        event_type_of(ChatEvent())
    assert "event_type" in refusal.value.hint


def test_control_events_are_sent_whole():
    connected = Connected(
        client_id=None, stream="global", cursor=7, first_seq=1, last_seq=9, resumed=False
    )
    assert json.loads(encode_control(connected)) == {
        "status": "connected",
        "client_id": None,
        "stream": "global",
        "cursor": 7,
        "first_seq": 1,
        "last_seq": 9,
        "resumed": False,
        "durable": False,
        "durable_reason": None,
        "durable_cursor": None,
    }
    gap = Gap(requested=1, first_available=5, reason=GapReason.EXPIRED)
    assert encode_control(gap) == b'{"requested":1,"first_available":5,"reason":"expired"}'


def encode_control(event: Any) -> bytes:
    assert type(event) in CONTROL_EVENTS.values()
    return encode_json(event)
