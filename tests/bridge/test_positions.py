"""What a client may say about where to begin, and what it may not."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jetbridge.positions import (
    MAX_SEQUENCE,
    MAX_TIME_NS,
    After,
    Earliest,
    Latest,
    PositionError,
    Recent,
    Since,
    Start,
    parse_header,
    parse_sequence,
    parse_start,
    parse_time,
)
from jetbridge_schemas.timestamps import rfc3339

NOW_NS = 1_767_225_600 * 10**9
"""2026-01-01T00:00:00Z"""

MICROSECOND = timedelta(microseconds=1)


def start(
    *, last_event_id: str | None = None, begin: str | None = None, since: str | None = None
) -> Start | None:
    return parse_start(last_event_id=last_event_id, start=begin, since=since, now_ns=NOW_NS)


def time(text: str) -> int:
    return parse_time("since", text, now_ns=NOW_NS)


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("latest", Latest()),
        ("earliest", Earliest()),
        ("recent", Recent()),
        ("7", After(6)),
        ("1", Earliest()),
        ("0", Earliest()),
    ],
)
def test_from_is_a_word_or_the_first_sequence_wanted(text: str, position: Start) -> None:
    assert start(begin=text) == position


def test_an_id_wins_over_from_which_wins_over_since() -> None:
    assert start(last_event_id="5", begin="latest", since="1h") == After(5, resumed=True)
    assert start(last_event_id="0", begin="latest") == After(0, resumed=True)
    assert start(begin="latest", since="1h") == Latest()
    assert start(since="1h") == Since(NOW_NS - 3600 * 10**9)
    assert start() is None


@pytest.mark.parametrize(
    "malformed",
    [
        {"last_event_id": "x", "begin": "latest"},
        {"last_event_id": "5", "begin": "soon"},
        {"last_event_id": "5", "since": "yesterday"},
        {"begin": "latest", "since": "yesterday"},
    ],
)
def test_a_malformed_position_is_refused_even_if_another_wins(malformed: dict[str, str]) -> None:
    with pytest.raises(PositionError):
        start(**malformed)


@given(st.integers(0, MAX_SEQUENCE))
def test_every_sequence_is_read_back(sequence: int) -> None:
    assert parse_sequence("x", str(sequence)) == sequence
    assert parse_header(str(sequence)) == After(sequence, resumed=True)


@pytest.mark.parametrize(
    "text", ["-1", "+1", "1.0", "1e3", " 1", "1 ", "x", "٣", "²", "", "1_0", str(2**63), "9" * 5000]
)
def test_what_is_no_sequence_is_refused_with_the_name_of_the_parameter(text: str) -> None:
    with pytest.raises(PositionError, match="last_event_id=") as caught:
        parse_sequence("last_event_id", text)
    assert len(str(caught.value)) < 100
    assert caught.value.hint


def test_no_header_and_an_empty_one_are_no_position() -> None:
    assert parse_header(None) is None
    assert parse_header("") is None


@given(st.integers(0, MAX_TIME_NS // 1000).map(lambda microseconds: microseconds * 1000))
def test_times_as_the_bridge_writes_them_are_read_back(time_ns: int) -> None:
    assert time(rfc3339(time_ns)) == time_ns


@given(
    st.datetimes(datetime(1970, 1, 2), datetime(2262, 4, 10)),
    st.integers(-14 * 60, 14 * 60),
)
def test_an_offset_is_counted_and_its_plus_may_arrive_as_a_space(
    moment: datetime, minutes: int
) -> None:
    there = moment.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    since_1970 = there - datetime(1970, 1, 1, tzinfo=UTC)
    expected = max(since_1970 // MICROSECOND * 1000, 0)
    assert time(there.isoformat()) == expected
    assert time(there.isoformat().replace("+", " ")) == expected
    assert time(there.isoformat().lower()) == expected


@pytest.mark.parametrize(
    ("text", "ago_ns"),
    [
        ("250ms", 250 * 10**6),
        ("90s", 90 * 10**9),
        ("1.5s", 15 * 10**8),
        ("15m", 15 * 60 * 10**9),
        ("2h", 2 * 3600 * 10**9),
        ("7d", 7 * 86_400 * 10**9),
        ("0s", 0),
    ],
)
def test_a_duration_is_a_time_so_long_ago(text: str, ago_ns: int) -> None:
    assert time(text) == NOW_NS - ago_ns


def test_whole_numbers_are_milliseconds_since_1970() -> None:
    assert time("1767225600123") == 1_767_225_600_123_000_000


@pytest.mark.parametrize(
    "text",
    ["999999999999999", "9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59-23:59"],
)
def test_a_time_after_the_end_of_the_clock_is_the_end_of_the_clock(text: str) -> None:
    assert time(text) == MAX_TIME_NS


@pytest.mark.parametrize("text", ["999999999d", "0001-01-01T00:00:00Z", "1969-12-31T23:59:59Z"])
def test_a_time_before_1970_is_1970(text: str) -> None:
    assert time(text) == 0


@pytest.mark.parametrize(
    "text",
    [
        *("yesterday", "", "15x", "m", "-15m", "1.m", "١٥m", "1e3s", "15 m", "1h30m"),
        *("2026-01-31", "2026-01-31T12:00:00", "2026-02-30T00:00:00Z", "T", "2026-01-31T25:00:00Z"),
        *("9999999999999999", "2026-01-31T12:00:00Z" + "0" * 5000),
    ],
)
def test_what_is_no_time_is_refused_with_what_would_be_one(text: str) -> None:
    with pytest.raises(PositionError, match="since=") as caught:
        time(text)
    assert len(str(caught.value)) < 100
    assert "RFC 3339" in caught.value.hint


@given(st.text(max_size=40))
def test_any_text_is_a_time_or_refused(text: str) -> None:
    with contextlib.suppress(PositionError):
        assert 0 <= time(text) <= MAX_TIME_NS
