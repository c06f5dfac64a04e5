"""Every frame, read back by two SSE parsers that are not ours, in whatever pieces it comes."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any, NamedTuple

import httpx2
import msgspec
import pytest
import sseclient
from hypothesis import given
from hypothesis import strategies as st

from jetbridge.event import join_frames
from jetbridge.frames import RECONNECT_MS, Framing, control_frame, event_frame, retry_line
from jetbridge.problems import unavailable_frame
from jetbridge_schemas.codec import to_json
from jetbridge_schemas.control import CONTROL_EVENTS
from jetbridge_schemas.errors import InvalidSubjectError
from jetbridge_schemas.reasons import GapReason, UnavailableReason
from jetbridge_schemas.subjects import MAX_ID_BYTES, check_event_type
from tests.support.events import make_event


class Seen(NamedTuple):
    """An event as a parser hands it out."""

    id: str
    event: str
    data: str
    retry: int | None


def by_httpx(pieces: list[bytes]) -> list[Seen]:
    response = httpx2.Response(
        200,
        headers={"Content-Type": "text/event-stream; charset=utf-8"},
        content=iter(pieces),
        request=httpx2.Request("GET", "http://test"),
    )
    return [Seen(sse.id, sse.event, sse.data, sse.retry) for sse in httpx2.EventSource(response)]


def by_sseclient(pieces: list[bytes]) -> list[Seen]:
    events = sseclient.SSEClient(iter(pieces)).events()
    return [
        Seen(sse.id or "", sse.event, sse.data, None if sse.retry is None else int(sse.retry))
        for sse in events
    ]


def cut(data: bytes, places: list[int]) -> list[bytes]:
    """The same bytes in pieces."""
    edges = sorted({0, len(data), *(place % (len(data) + 1) for place in places)})
    return [data[begin:end] for begin, end in pairwise(edges)]


def read(data: bytes, places: list[int]) -> list[Seen]:
    """What both parsers see; they must agree."""
    pieces = cut(data, places)
    seen = by_httpx(pieces)
    assert by_sseclient(pieces) == seen
    return seen


def is_event_type(text: str) -> bool:
    try:
        check_event_type(text)
    except InvalidSubjectError:
        return False
    return True


SEQUENCES = st.integers(0, 2**53)
PLACES = st.lists(st.integers(0, 2**16), max_size=40)
IDS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40).filter(
    lambda id: len(id.encode()) <= MAX_ID_BYTES
)
TYPES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=24).filter(
    is_event_type
)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]))
    | st.sampled_from(
        ["\u2028", "\u2029", "\u0085", "\r\n", "\n\ndata: x\n\n", "\x00", "😀", "\ufeff"]
    ),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)
PAYLOADS = st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), JSON, max_size=4)


def published(payload: dict[str, Any], *, ascii_only: bool, indent: int | None) -> bytes:
    """The payload as some publisher may write it, and as the bridge then carries it."""
    return to_json(json.dumps(payload, ensure_ascii=ascii_only, indent=indent).encode())


@given(
    sequence=SEQUENCES,
    type=TYPES,
    payload=PAYLOADS,
    ascii_only=st.booleans(),
    indent=st.sampled_from([None, 0, 2]),
    places=PLACES,
)
def test_a_typed_event_is_read_back_whatever_is_in_it(
    *,
    sequence: int,
    type: str,
    payload: dict[str, Any],
    ascii_only: bool,
    indent: int | None,
    places: list[int],
) -> None:
    data = published(payload, ascii_only=ascii_only, indent=indent)
    event = make_event(sequence, type=type, data=data)
    (seen,) = read(event_frame(event, Framing.TYPED), places)
    assert seen == Seen(str(sequence), type, data.decode(), None)
    assert json.loads(seen.data) == payload


@given(SEQUENCES, PAYLOADS, PLACES)
def test_an_unnamed_event_is_a_message(
    sequence: int, payload: dict[str, Any], places: list[int]
) -> None:
    data = published(payload, ascii_only=False, indent=None)
    (seen,) = read(event_frame(make_event(sequence, data=data), Framing.UNNAMED), places)
    assert seen == Seen(str(sequence), "message", data.decode(), None)


@given(
    sequence=SEQUENCES,
    type=TYPES,
    payload=PAYLOADS,
    agent=IDS,
    job=st.none() | IDS,
    places=PLACES,
)
def test_a_cloudevent_is_read_back_whatever_the_ids(
    *,
    sequence: int,
    type: str,
    payload: dict[str, Any],
    agent: str,
    job: str | None,
    places: list[int],
) -> None:
    data = published(payload, ascii_only=False, indent=None)
    event = make_event(sequence, type=type, data=data, agent=agent, job=job)
    (seen,) = read(event_frame(event, Framing.CLOUDEVENTS), places)
    assert (seen.id, seen.event) == (str(sequence), type)
    assert json.loads(seen.data)["data"] == payload
    assert json.loads(seen.data).get("subject") == job


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "client_id": TEXT,
    "stream": TEXT,
    "resumed": st.booleans(),
    "timestamp": st.just("2026-01-01T00:00:00.000000Z"),
}
"""Fields of control events that are not whole numbers."""


@pytest.mark.parametrize("name", CONTROL_EVENTS)
@given(st.data(), SEQUENCES, st.none() | st.integers(0, 10**6), PLACES)
def test_every_control_event_is_read_back_with_its_retry(
    name: str, draw: st.DataObject, cursor: int, retry_ms: int | None, places: list[int]
) -> None:
    struct = CONTROL_EVENTS[name]
    reasons = st.sampled_from(UnavailableReason if name == "unavailable" else GapReason)
    wanted = {"reason": reasons, **FIELDS}
    fields = {
        field.name: draw.draw(wanted.get(field.name, SEQUENCES))
        for field in msgspec.structs.fields(struct)
        if field.required
    }
    data = struct(**fields)
    frame = control_frame(name, cursor, data)
    (seen,) = read(frame if retry_ms is None else retry_line(retry_ms) + frame, places)
    assert (seen.id, seen.event, seen.retry) == (str(cursor), name, retry_ms)
    assert msgspec.json.decode(seen.data, type=struct) == data


@given(
    st.lists(st.tuples(st.sampled_from(Framing), TYPES, PAYLOADS), max_size=6),
    PLACES,
)
def test_frames_in_a_row_stay_apart(
    events: list[tuple[Framing, str, dict[str, Any]]], places: list[int]
) -> None:
    stream = retry_line(RECONNECT_MS)
    for sequence, (framing, type, payload) in enumerate(events, 1):
        data = published(payload, ascii_only=False, indent=None)
        stream += event_frame(make_event(sequence, type=type, data=data), framing)
    seen = read(stream, places)
    assert [int(each.id) for each in seen] == list(range(1, len(events) + 1))
    if seen:
        assert [each.retry for each in seen] == [RECONNECT_MS, *[None] * (len(seen) - 1)]


@pytest.mark.parametrize(
    "odd", ["\u2028", "\u2029", "\u0085", "\x0b", "\x0c", "\x1c", "\r", "\n", "\r\n"]
)
@pytest.mark.parametrize("ascii_only", [True, False])
def test_nothing_that_some_language_calls_a_line_end_breaks_an_event(
    odd: str, ascii_only: bool
) -> None:
    payload = {odd: f"a{odd}b{odd}{odd}event: forged{odd}data: {{}}{odd}{odd}"}
    data = published(payload, ascii_only=ascii_only, indent=4)
    (seen,) = read(event_frame(make_event(7, data=data), Framing.TYPED), [])
    assert json.loads(seen.data) == payload


def test_a_batch_is_its_frames_joined_and_each_event_encodes_its_frame_once() -> None:
    events = [make_event(1), make_event(2, data=b'{"n":2}')]
    joined = join_frames(events, Framing.TYPED)
    assert joined == b'id: 1\nevent: x\ndata: {}\n\nid: 2\nevent: x\ndata: {"n":2}\n\n'
    assert events[0].frame(Framing.TYPED) is events[0].frame(Framing.TYPED)


def test_unavailable_repeats_the_clients_cursor_or_leaves_it_alone() -> None:
    known = unavailable_frame(UnavailableReason.CAPACITY, cursor=12, retry_ms=2500)
    assert known == (
        b'retry: 2500\nid: 12\nevent: unavailable\ndata: {"reason":"capacity","retry_ms":2500}\n\n'
    )
    unknown = unavailable_frame(UnavailableReason.CAPACITY, cursor=None, retry_ms=2500)
    assert unknown == known.replace(b"id: 12\n", b"")
