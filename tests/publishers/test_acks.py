from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jetbridge_publishers.acks import (
    NO_STREAM,
    Conflict,
    Full,
    Refused,
    Stored,
    TryAgain,
    read_answer,
)


def error(code: int, text: str = "why", *, err_code: int = 10000) -> bytes:
    return msgspec.json.encode({"error": {"code": code, "err_code": err_code, "description": text}})


def test_an_acknowledgement_carries_the_sequence() -> None:
    assert read_answer(b'{"stream":"EVT","seq":7}', None) == Stored(7)


def test_a_duplicate_carries_the_sequence_of_the_first() -> None:
    assert read_answer(b'{"stream":"EVT","seq":7,"duplicate":true}', None) == Stored(7)


def test_nobody_listening_means_there_is_no_stream_yet() -> None:
    assert read_answer(b"", {"Status": "503"}) == TryAgain(NO_STREAM)


@pytest.mark.parametrize("code", [500, 503, 408, 409, 429])
def test_what_passes_away_is_tried_again(code: int) -> None:
    assert read_answer(error(code), None) == TryAgain("why")


@pytest.mark.parametrize("code", [400, 403, 404, 413])
def test_what_is_wrong_with_the_event_itself_is_refused(code: int) -> None:
    assert read_answer(error(code), None) == Refused("why")


def test_a_condition_that_does_not_hold_tells_what_is_last() -> None:
    answer = read_answer(error(400, "wrong last sequence: 42", err_code=10071), None)
    assert answer == Conflict("wrong last sequence: 42", 42)


def test_a_condition_that_the_cluster_cannot_judge_yet_is_tried_again() -> None:
    answer = read_answer(error(400, "wrong last sequence", err_code=10164), None)
    assert answer == TryAgain("wrong last sequence")


def test_a_full_stream_is_told_from_one_that_cannot_write() -> None:
    full = read_answer(error(503, "maximum messages exceeded", err_code=10077), None)
    assert full == Full("maximum messages exceeded")
    assert isinstance(full, TryAgain)
    assert read_answer(error(503, "no space left", err_code=10077), None) == TryAgain(
        "no space left"
    )


@given(st.binary(max_size=60))
def test_a_reply_that_is_not_jetstreams_means_nothing(data: bytes) -> None:
    assert read_answer(data, None) is None


@pytest.mark.parametrize("data", [b"{}", b"[]", b"null", b'{"seq":3}', b'{"stream":1,"seq":3}'])
def test_json_that_is_no_acknowledgement_means_nothing(data: bytes) -> None:
    assert read_answer(data, None) is None
