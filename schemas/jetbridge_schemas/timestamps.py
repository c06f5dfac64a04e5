"""Points in time as the wire has them: RFC 3339, UTC, with a `Z` (contract section 3)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def rfc3339(ns: int) -> str:
    """Write nanoseconds since 1970 as `2026-01-02T03:04:05.123456Z`.

    The fraction always has six digits; what is below a microsecond is cut off.
    Raises OverflowError outside the years 1 to 9999.
    """
    moment = _EPOCH + timedelta(microseconds=ns // 1000)
    return moment.isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"
