"""Hostile message bodies: whatever comes in, one JSON object or a PayloadError comes out."""

from __future__ import annotations

import json
from datetime import UTC

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from jetbridge_schemas import PayloadError, encode_json, to_json
from tests.schemas.strategies import json_objects, json_values

content_types = st.sampled_from(
    [
        "application/json",
        "application/msgpack",
        "application/cloudevents+json",
        "application/cloudevents",
        "application/cloudevents-batch+json",
        "application/cloudevents+json; charset=utf-8",
        "text/plain",
        ";",
    ]
)
header_names = st.sampled_from(["Content-Type", "content-type", "ce-datacontenttype", "ce-id"])
header_maps = st.dictionaries(header_names | st.text(), content_types | st.text(), max_size=4)

packable = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats()
    | st.text()
    | st.binary()
    | st.datetimes(timezones=st.just(UTC))
    | st.builds(msgspec.msgpack.Ext, st.integers(-128, 127), st.binary(max_size=20)),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.none() | st.booleans() | st.integers(-9, 9) | st.floats() | st.text() | st.binary(),
            inner,
            max_size=3,
        )
    ),
    max_leaves=10,
)
envelopes = st.fixed_dictionaries(
    {"specversion": st.just("1.0") | json_values},
    optional={
        "data": json_values | json_objects,
        "data_base64": st.text() | st.text("ewp9IjpnoYGhYQE=", max_size=12),
        "datacontenttype": content_types | json_values,
    },
)
bodies = (
    st.binary()
    | json_objects.map(lambda value: json.dumps(value).encode())
    | packable.map(msgspec.msgpack.encode)
    | envelopes.map(lambda value: json.dumps(value).encode())
)


@given(bodies, st.none() | header_maps)
def test_any_bytes_under_any_headers_are_one_json_object_or_a_payload_error(
    data: bytes, headers: dict[str, str] | None
):
    try:
        line = to_json(data, headers)
    except PayloadError as error:
        encode_json({"reason": error.reason, "message": str(error)})
        return
    assert b"\n" not in line
    assert b"\r" not in line
    assert isinstance(json.loads(line), dict)
    assert to_json(line) == line
