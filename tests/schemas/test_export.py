"""The generated files: true to the structs, and the same everywhere."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any, cast

import jsonschema
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jetbridge_schemas import (
    CONTROL_EVENTS,
    EVENT_TYPES,
    CaughtUp,
    Connected,
    Draining,
    Gap,
    GapReason,
    Heartbeat,
    PayloadError,
    SnapshotEnd,
    Unavailable,
    UnavailableReason,
    encode_json,
    event_subject,
    parse_event_subject,
    validate,
)
from jetbridge_schemas.export import (
    asyncapi_document,
    bundle,
    drift,
    event_schema,
    generated_files,
    write,
)
from tests.schemas.examples import INVALID, VALID, Payload

COMMITTED = Path(__file__).parents[2] / "schemas" / "generated"


@cache
def validator(type: str) -> Any:
    struct = {**EVENT_TYPES, **CONTROL_EVENTS}[type]
    schema = event_schema(type, struct)
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def fits_schema(type: str, payload: Payload) -> bool:
    return validator(type).is_valid(payload)


def fits_struct(type: str, payload: Payload) -> bool:
    try:
        validate(type, encode_json(payload))
    except PayloadError:
        return False
    return True


@pytest.mark.parametrize(("type", "payload"), VALID)
def test_the_json_schema_accepts_what_the_bridge_delivers(type: str, payload: Payload):
    assert fits_schema(type, payload)


@pytest.mark.parametrize(("type", "payload"), [(type, payload) for type, payload, _ in INVALID])
def test_the_json_schema_refuses_what_the_bridge_refuses(type: str, payload: Payload):
    assert not fits_schema(type, payload)


FIELD_VALUES: list[Any] = [
    *(None, True, "", "x", "RUNNING", "CRITICAL", "completed", 0, 1, -1, 3.0, 3.5, 100, 101),
    *({}, {"a": 1}, {"a": "b"}, {"a": None}, {"info_type": "x"}, {"info_type": ""}),
    *({"info_type": "x", "reaction_index": 1.5}, [], ["a"], [1], [{}], [{"a": 1}]),
]


@st.composite
def payloads(draw: st.DrawFn) -> tuple[str, Payload]:
    """Draw a payload near the valid ones: a few members changed, added or taken away."""
    type, valid = draw(st.sampled_from(VALID))
    struct = EVENT_TYPES[type]
    names = list(event_schema(type, struct)["$defs"][struct.__name__]["properties"])
    changed = draw(
        st.dictionaries(st.sampled_from(names), st.sampled_from(FIELD_VALUES), max_size=3)
    )
    removed = draw(st.sets(st.sampled_from(names), max_size=1))
    return type, {k: v for k, v in {**valid, **changed}.items() if k not in removed}


@given(payloads())
def test_json_schema_and_bridge_agree_on_every_payload(drawn: tuple[str, Payload]):
    type, payload = drawn
    assert fits_schema(type, payload) == fits_struct(type, payload)


CONTROL: dict[str, msgspec.Struct] = {
    "connected": Connected(
        client_id="c", stream="global", cursor=1, first_seq=1, last_seq=2, resumed=True
    ),
    "heartbeat": Heartbeat(timestamp="2026-01-02T03:04:05Z"),
    "caught-up": CaughtUp(last_seq=2, replayed=1),
    "gap": Gap(requested=1, first_available=2, reason=GapReason.PURGED),
    "snapshot-end": SnapshotEnd(last_seq=2, events=1),
    "draining": Draining(retry_ms=3000),
    "unavailable": Unavailable(reason=UnavailableReason.CAPACITY, retry_ms=3000),
}


@pytest.mark.parametrize("name", CONTROL_EVENTS)
def test_the_schema_of_a_control_event_asks_for_every_member_that_is_sent(name: str):
    data: dict[str, Any] = msgspec.to_builtins(CONTROL[name])
    assert fits_schema(name, data)
    for member in data:
        assert not fits_schema(name, {k: v for k, v in data.items() if k != member})


def test_the_bundle_tells_events_apart_by_their_type():
    schema = bundle()
    jsonschema.Draft202012Validator.check_schema(schema)
    validator: Any = jsonschema.Draft202012Validator(schema)
    is_valid = validator.is_valid
    for type, payload in VALID:
        assert is_valid({"type": type, "data": payload})
    assert not is_valid({"type": "chat.text", "data": {"type": "status", "message": "m"}})
    assert not is_valid({"type": "agent.status"})


def references(node: Any) -> list[str]:
    if isinstance(node, list):
        return [found for item in cast("list[Any]", node) for found in references(item)]
    if not isinstance(node, dict):
        return []
    members = cast("dict[str, Any]", node)
    own = [members["$ref"]] if "$ref" in members else []
    return own + references(list(members.values()))


def test_every_reference_in_the_asyncapi_document_leads_somewhere():
    document = asyncapi_document()
    for reference in references(document):
        node: Any = document
        for part in reference.removeprefix("#/").split("/"):
            node = node[part]


def test_the_asyncapi_document_has_the_subject_of_every_event():
    channels = asyncapi_document()["channels"]
    for type in EVENT_TYPES:
        address = channels[type]["address"].format(tenant="t", agent="a", job="j")
        assert address == event_subject(tenant="t", agent="a", job="j", type=type)
        assert parse_event_subject(address).type == type
        assert set(channels[type]["parameters"]) == {"tenant", "agent", "job"}


def test_the_asyncapi_document_has_every_message_on_every_stream():
    document = asyncapi_document()
    assert document["asyncapi"] == "3.0.0"
    for stream in ("global-stream", "agent-stream", "job-stream"):
        assert set(document["channels"][stream]["messages"]) == {*EVENT_TYPES, *CONTROL_EVENTS}
    assert document["channels"]["dead-letter"]["address"] == "dlq.{tenant}.{reason}"


def test_the_committed_files_are_up_to_date():
    assert drift(COMMITTED) == []


def test_what_is_written_has_no_drift_and_what_is_changed_has(tmp_path: Path):
    paths = write(tmp_path / "new" / "folder")
    assert {path.relative_to(tmp_path / "new" / "folder").as_posix() for path in paths} == set(
        generated_files()
    )
    assert drift(tmp_path / "new" / "folder") == []

    (tmp_path / "new/folder/events.ts").write_text("changed")
    (tmp_path / "new/folder/asyncapi.json").unlink()
    (tmp_path / "new/folder/json-schema/events/old.type.json").write_text("{}")
    assert drift(tmp_path / "new" / "folder") == [
        "asyncapi.json is missing",
        "events.ts is out of date",
        "json-schema/events/old.type.json is no longer generated: delete it",
    ]


def test_a_folder_that_is_not_there_misses_everything(tmp_path: Path):
    assert len(drift(tmp_path / "nothing")) == len(generated_files())


@pytest.mark.parametrize("seed", ["1", "2"])
def test_the_output_does_not_depend_on_hash_seeds(seed: str, tmp_path: Path):
    code = "import sys, pathlib, jetbridge_schemas.export as e; e.write(pathlib.Path(sys.argv[1]))"
    subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)],
        env={**os.environ, "PYTHONHASHSEED": seed},
        check=True,
    )
    assert drift(tmp_path) == []


def test_generated_json_is_indented_and_ends_with_a_newline():
    for name, text in generated_files().items():
        assert text.endswith("\n")
        if name.endswith(".json"):
            assert text.startswith('{\n  "')
            json.loads(text)
