"""Timestamps on the wire."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jetbridge_schemas import rfc3339


def test_nanoseconds_become_rfc_3339_with_a_z():
    assert rfc3339(1_767_323_045_123_456_789) == "2026-01-02T03:04:05.123456Z"
    assert rfc3339(0) == "1970-01-01T00:00:00.000000Z"
    assert rfc3339(-1) == "1969-12-31T23:59:59.999999Z"


@given(st.datetimes(min_value=datetime(1, 1, 2), max_value=datetime(9999, 12, 30)))
def test_a_timestamp_reads_back_as_the_same_moment(naive: datetime):
    moment = naive.replace(tzinfo=UTC)
    microseconds = (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    assert datetime.fromisoformat(rfc3339(microseconds * 1000)) == moment


def test_timestamps_sort_as_their_moments_do():
    assert rfc3339(999_999_999) < rfc3339(1_000_000_000) < rfc3339(1_000_001_000)


def test_a_moment_outside_the_calendar_is_an_overflow():
    with pytest.raises(OverflowError):
        rfc3339(2**63 * 1000)
