"""CloudEvents in both modes, in and out."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jetbridge_schemas import (
    DeadLetterReason,
    PayloadError,
    encode_json,
    encode_msgpack,
    structured_event,
    to_json,
)

STRUCTURED = {"Content-Type": "application/cloudevents+json; charset=utf-8"}
BINARY = {
    "ce-specversion": "1.0",
    "ce-id": "1",
    "ce-source": "/agents/a",
    "ce-type": "agent.status",
}


def envelope(**members: Any) -> bytes:
    required = {"specversion": "1.0", "id": "1", "source": "/a", "type": "agent.status"}
    return encode_json({**required, **members})


def test_the_data_of_a_structured_event_is_delivered_with_its_own_tokens():
    event = b'{"specversion":"1.0","id":"1","source":"/a","type":"x","data": {"a": 1.00, "b": []}}'
    assert to_json(event, STRUCTURED) == b'{"a":1.00,"b":[]}'


def test_the_media_type_without_a_format_means_json():
    headers = {"content-type": "application/cloudevents"}
    assert to_json(envelope(data={"a": 1}), headers) == b'{"a":1}'


def test_structured_data_may_be_json_in_base64():
    event = envelope(data_base64=b64encode(b'{ "a": 1 }').decode())
    assert to_json(event, STRUCTURED) == b'{"a":1}'


def test_structured_data_may_be_messagepack_in_base64():
    event = envelope(
        datacontenttype="application/msgpack",
        data_base64=b64encode(encode_msgpack({"a": 1})).decode(),
    )
    assert to_json(event, STRUCTURED) == b'{"a":1}'


def test_data_that_is_json_needs_no_content_type_of_its_own():
    event = envelope(datacontenttype="text/plain", data={"a": 1}, data_base64=None)
    assert to_json(event, STRUCTURED) == b'{"a":1}'


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        (b"{", DeadLetterReason.BAD_JSON),
        (b"[]", DeadLetterReason.BAD_JSON),
        (b'{"data":{}}', DeadLetterReason.BAD_ENCODING),
        (b'{"specversion":1,"data":{}}', DeadLetterReason.BAD_ENCODING),
        (b'{"specversion":"0.3","data":{}}', DeadLetterReason.BAD_ENCODING),
        (envelope(), DeadLetterReason.BAD_ENCODING),
        (envelope(data_base64="!"), DeadLetterReason.BAD_ENCODING),
        (envelope(data_base64="é"), DeadLetterReason.BAD_ENCODING),
        (envelope(data_base64=7), DeadLetterReason.BAD_ENCODING),
        (envelope(data_base64=""), DeadLetterReason.BAD_JSON),
        (envelope(data=None), DeadLetterReason.BAD_JSON),
        (envelope(data="text"), DeadLetterReason.BAD_JSON),
        (envelope(data=[1]), DeadLetterReason.BAD_JSON),
    ],
    ids=lambda value: repr(value)[:60],
)
def test_a_structured_event_without_an_object_as_data_is_refused(
    event: bytes, reason: DeadLetterReason
):
    with pytest.raises(PayloadError) as refusal:
        to_json(event, STRUCTURED)
    assert refusal.value.reason == reason


def test_in_binary_mode_the_body_is_the_data():
    assert to_json(b'{"a": 1}', BINARY) == b'{"a":1}'
    assert to_json(b'{"a": 1}', {**BINARY, "Content-Type": "application/json"}) == b'{"a":1}'


@pytest.mark.parametrize(
    "header",
    [
        {"Content-Type": "application/msgpack"},
        {"ce-datacontenttype": "application/msgpack"},
        {"ce-datacontenttype": "application%2Fmsgpack"},
        {"ce-datacontenttype": "text/plain", "content-type": "application/msgpack"},
    ],
)
def test_in_binary_mode_the_content_type_says_what_the_data_is(header: dict[str, str]):
    assert to_json(encode_msgpack({"a": 1}), {**BINARY, **header}) == b'{"a":1}'


def test_batches_of_events_are_refused():
    with pytest.raises(PayloadError) as refusal:
        to_json(b"[]", {"Content-Type": "application/cloudevents-batch+json"})
    assert refusal.value.reason == DeadLetterReason.BAD_ENCODING


def test_an_event_goes_out_as_one_line_with_its_data_untouched():
    line = structured_event(
        sequence=7,
        agent="agent:001",
        job="job 1",
        type="agent.status",
        time="2026-01-02T03:04:05.000000Z",
        data_json=b'{"a":1.00}',
    )
    assert line.endswith(b',"data":{"a":1.00}}')
    assert json.loads(line) == {
        "specversion": "1.0",
        "id": "7",
        "source": "/agents/agent:001",
        "type": "agent.status",
        "subject": "job 1",
        "time": "2026-01-02T03:04:05.000000Z",
        "datacontenttype": "application/json",
        "data": {"a": 1.0},
    }


def test_without_a_job_there_is_no_subject():
    line = structured_event(sequence=1, agent="a", job=None, type="x", time="t", data_json=b"{}")
    assert "subject" not in json.loads(line)


@given(st.text(min_size=1), st.none() | st.text(min_size=1), st.dictionaries(st.text(), st.text()))
def test_what_goes_out_can_come_in_again(agent: str, job: str | None, data: dict[str, str]):
    data_json = encode_json(data)
    line = structured_event(
        sequence=1, agent=agent, job=job, type="x", time="t", data_json=data_json
    )
    assert to_json(line, STRUCTURED) == data_json
    source = json.loads(line)["source"]
    assert source.count("/") == 2
    assert unquote(source.removeprefix("/agents/")) == agent
