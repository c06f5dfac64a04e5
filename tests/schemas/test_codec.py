"""Message bodies: JSON, MessagePack, and what is refused."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jetbridge_schemas import (
    MAX_EVENT_BYTES,
    AgentStatus,
    AgentStatusEnum,
    DeadLetterReason,
    PayloadError,
    encode_json,
    encode_msgpack,
    to_json,
)
from tests.schemas.strategies import json_objects

MSGPACK = {"Content-Type": "application/msgpack"}


def reason_for(data: bytes, headers: dict[str, str] | None = None) -> DeadLetterReason:
    with pytest.raises(PayloadError) as refusal:
        to_json(data, headers)
    assert str(refusal.value)
    return refusal.value.reason


@given(json_objects, st.booleans(), st.none() | st.integers(0, 4))
def test_json_passes_through_compact_and_otherwise_untouched(
    value: dict[str, Any], ascii_only: bool, indent: int | None
):
    compact = json.dumps(value, separators=(",", ":"), ensure_ascii=ascii_only).encode()
    loose = json.dumps(value, indent=indent, ensure_ascii=ascii_only).encode()
    assert to_json(compact) == compact
    assert to_json(b" \r\n\t" + loose + b"\n") == compact
    assert to_json(loose, {"Nats-Msg-Id": "1", "Content-Type": "application/json"}) == compact


@pytest.mark.parametrize(
    "data",
    [
        b'{"a":1.00,"b":1e2,"c":-0}',
        b'{"a":"\\u00e9\\/","b":"\\ud83d\\udd25"}',
        b'{"a":1,"a":2}',
        b"{}",
        '{"a":"one\u2028two\u2029three\u0085"}'.encode(),
        b'{"a":' + b"9" * 1000 + b',"b":1e999}',
        b'{"a":"line\\nbreak"}',
    ],
    ids=["numbers", "escapes", "doubled", "empty", "U+2028", "huge numbers", "line break"],
)
def test_the_publishers_own_tokens_are_kept(data: bytes):
    assert to_json(data) == data
    assert len(to_json(data).splitlines()) == 1


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b" ",
        b"null",
        b"[1]",
        b'"text"',
        b"1",
        b"{",
        b'{"a":1}{}',
        b'{"a":NaN}',
        b'{"a":Infinity}',
        b"{'a':1}",
        b'{"a":1,}',
        b'{"a":01}',
        b'{"a":"\\ud800"}',
        b'{"a":"\xff"}',
        b'{"a":"\xed\xa0\x80"}',
        b'{"a":"\n"}',
        b"\xef\xbb\xbf{}",
        b"\xff\xfe{\x00}\x00",
        b'{"a":' * 100_000,
        b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
        b"[" * 100_000 + b"]" * 100_000,
    ],
    ids=lambda data: repr(data[:20]),
)
def test_what_is_not_one_json_object_is_bad_json(data: bytes):
    assert reason_for(data) == DeadLetterReason.BAD_JSON
    assert reason_for(data, {"content-type": "application/json"}) == DeadLetterReason.BAD_JSON


def test_one_mebibyte_is_the_largest_event():
    largest = b'{"a":"' + b"x" * (MAX_EVENT_BYTES - 8) + b'"}'
    assert to_json(largest) == largest
    assert reason_for(largest + b" ") == DeadLetterReason.TOO_LARGE
    assert reason_for(b"\xff" * (MAX_EVENT_BYTES + 1), MSGPACK) == DeadLetterReason.TOO_LARGE


def test_messagepack_whose_json_is_too_large_is_refused():
    small = encode_msgpack({"a": [0.1234567890123] * 100_000})
    assert len(small) < MAX_EVENT_BYTES
    assert reason_for(small, MSGPACK) == DeadLetterReason.TOO_LARGE


def fits_64_bits(value: Any) -> bool:
    try:
        msgspec.msgpack.encode(value)
    except OverflowError:
        return False
    return True


@given(json_objects.filter(fits_64_bits))
def test_messagepack_says_the_same_as_json(value: dict[str, Any]):
    assert json.loads(to_json(encode_msgpack(value), MSGPACK)) == value


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({1: "a", 2.5: "b"}, b'{"1":"a","2.5":"b"}'),
        ({1: "a", "1": "b"}, b'{"1":"b"}'),
        ({"raw": b"\xff\x00"}, b'{"raw":"/wA="}'),
        ({"t": datetime(2026, 1, 2, tzinfo=UTC)}, b'{"t":"2026-01-02T00:00:00Z"}'),
        ({"a": float("nan"), "b": float("-inf")}, b'{"a":null,"b":null}'),
        ({"n": 2**64 - 1, "m": -(2**63)}, b'{"n":18446744073709551615,"m":-9223372036854775808}'),
        ({"s": "\u2028\x00é"}, '{"s":"\u2028\\u0000é"}'.encode()),
    ],
    ids=["number keys", "colliding keys", "bytes", "timestamp", "not finite", "64 bits", "text"],
)
def test_messagepack_values_that_json_lacks_get_a_sensible_form(
    value: dict[Any, Any], expected: bytes
):
    assert to_json(msgspec.msgpack.encode(value), MSGPACK) == expected


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xc1",
        b'{"a":1}',
        msgspec.msgpack.encode([1]),
        msgspec.msgpack.encode("text"),
        msgspec.msgpack.encode({"a": msgspec.msgpack.Ext(5, b"x")}),
        msgspec.msgpack.encode({None: 1}),
        msgspec.msgpack.encode({(1, 2): 1}),
        b"\x81\xa1a\x01\x01",
        b"\x81\xa1a\xa1\xff",
        b"\x81\xa1a\xdd\xff\xff\xff\xff",
        b"\x81\xa1a\xc7\x0c\xff\xff\xff\xff\xff\x7f\xff\xff\xff\xff\xff\xff\xff",
        b"\x81\xa1a" + b"\x91" * 100_000 + b"\x01",
    ],
    ids=lambda data: repr(data[:20]),
)
def test_what_is_not_a_messagepack_map_with_a_json_form_is_bad_encoding(data: bytes):
    assert reason_for(data, MSGPACK) == DeadLetterReason.BAD_ENCODING


@pytest.mark.parametrize(
    "headers",
    [
        {"content-type": "application/msgpack"},
        {"CONTENT-TYPE": "Application/MsgPack"},
        {"Content-Type": " application/x-msgpack ; charset=binary"},
        {"Nats-Msg-Id": "1", "Content-type": "application/vnd.msgpack"},
    ],
)
def test_headers_are_read_in_any_case_and_with_parameters(headers: dict[str, str]):
    assert to_json(encode_msgpack({"a": 1}), headers) == b'{"a":1}'


def test_a_json_object_is_welcome_under_any_content_type():
    for content_type in ("", "text/plain", "application/octet-stream", "application/ld+json"):
        assert to_json(b'{"a": 1}', {"Content-Type": content_type}) == b'{"a":1}'


def test_what_is_no_json_under_a_foreign_content_type_is_bad_encoding():
    headers = {"Content-Type": "application/x-protobuf"}
    assert reason_for(b"\x08\x96\x01", headers) == DeadLetterReason.BAD_ENCODING


def test_absent_optional_fields_are_not_sent():
    event = AgentStatus(agent_id="a", status=AgentStatusEnum.IDLE)
    assert encode_json(event) == b'{"agent_id":"a","status":"IDLE"}'
    assert to_json(encode_msgpack(event), MSGPACK) == encode_json(event)


def test_plain_dicts_are_encoded_compactly():
    assert encode_json({"a": [1, 2.5, None, "é"]}) == '{"a":[1,2.5,null,"é"]}'.encode()


@pytest.mark.parametrize(
    ("encode", "value"),
    [
        *((encode_json, value) for value in (object(), "\ud800", 1j, {None: 1})),
        *((encode_msgpack, value) for value in (object(), "\ud800", 1j, 2**64)),
    ],
)
def test_a_value_without_a_form_is_refused_before_it_is_sent(encode: Any, value: Any):
    with pytest.raises(PayloadError) as refusal:
        encode({"a": value})
    assert refusal.value.reason == DeadLetterReason.BAD_ENCODING


def test_a_value_that_holds_itself_is_refused():
    loop: dict[str, Any] = {}
    loop["again"] = loop
    with pytest.raises(PayloadError):
        encode_json(loop)
    with pytest.raises(PayloadError):
        encode_msgpack(loop)
