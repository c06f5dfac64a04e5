"""Where a client starts to read: pure parsing of what it asked for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from jetbridge_schemas.errors import JetbridgeError

MAX_SEQUENCE = 2**63 - 1
"""The largest sequence a NATS client of any language can hold."""

_DURATION = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,9})?)(ms|s|m|h|d)")
_UNIT_NS = {
    "ms": 10**6,
    "s": 10**9,
    "m": 60 * 10**9,
    "h": 3600 * 10**9,
    "d": 86_400 * 10**9,
}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MAX_TIME_NS = 9_223_372_036 * 10**9
"""In the year 2262 JetStream's clock, 63 bits of nanoseconds, ends: nothing is stored later."""


class PositionError(JetbridgeError):
    """A position that cannot be understood."""


@dataclass(frozen=True)
class After:
    """Events with a sequence above `cursor`; `resumed` if the client brought it as an id."""

    cursor: int
    resumed: bool = False


@dataclass(frozen=True)
class Latest:
    """Only what comes from now on."""


@dataclass(frozen=True)
class Earliest:
    """Everything that is retained."""


@dataclass(frozen=True)
class Recent:
    """The last few matching events (`max_event_history`), then what comes."""


@dataclass(frozen=True)
class Since:
    """Events stored at or after a time, in nanoseconds since 1970."""

    time_ns: int


Start = After | Latest | Earliest | Recent | Since


def parse_start(
    *, last_event_id: str | None, start: str | None, since: str | None, now_ns: int
) -> Start | None:
    """The position a query asks for, first that applies: `last_event_id`, `from`, `since`.

    `None` if it asks for none. Raises PositionError for a malformed one, even if it does
    not apply.
    """
    resumed = parse_sequence("last_event_id", last_event_id) if last_event_id else None
    begin = _parse_from(start) if start else None
    moment = Since(parse_time("since", since, now_ns=now_ns)) if since else None
    return begin or moment if resumed is None else After(resumed, resumed=True)


def parse_header(value: str | None) -> After | None:
    """The position in a `Last-Event-ID` header. Raises PositionError for a malformed one."""
    return After(parse_sequence("Last-Event-ID", value), resumed=True) if value else None


def parse_sequence(name: str, text: str) -> int:
    """A stream sequence: decimal digits, 0 to 2^63-1. Raises PositionError naming `name`."""
    if text.isascii() and text.isdigit() and len(text) <= 19 and int(text) <= MAX_SEQUENCE:
        return int(text)
    raise PositionError(
        f"{name}={text[:40]!r} is not an event id",
        hint="event ids are the whole numbers that the stream sent as `id`",
    )


def parse_time(name: str, text: str, *, now_ns: int) -> int:
    """A time in nanoseconds since 1970, from RFC 3339, epoch milliseconds or a duration ago.

    Raises PositionError naming the parameter.
    """
    if text.isascii() and text.isdigit() and len(text) <= 15:
        return min(int(text) * 10**6, MAX_TIME_NS)
    if duration := _DURATION.fullmatch(text):
        ago = int(float(duration[1]) * _UNIT_NS[duration[2]])
        return max(now_ns - ago, 0)
    # In a query string a `+` arrives as a space.
    spelled = text.upper().replace(" ", "+")
    try:
        moment = datetime.fromisoformat(spelled) if "T" in spelled else None
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise PositionError(
            f"{name}={text[:40]!r} is not a time",
            hint="use RFC 3339 with an offset (2026-01-31T12:00:00Z), epoch milliseconds, "
            "or a duration ago (90s, 15m, 2h)",
        )
    time_ns = (moment - _EPOCH) // timedelta(microseconds=1) * 1000
    return min(max(time_ns, 0), MAX_TIME_NS)


def _parse_from(text: str) -> Start:
    match text:
        case "latest":
            return Latest()
        case "earliest":
            return Earliest()
        case "recent":
            return Recent()
        case _:
            first = parse_sequence("from", text)
            return After(first - 1) if first > 1 else Earliest()
