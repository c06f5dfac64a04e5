"""What a client asks for, from its URL and headers. Pure."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from starlette.datastructures import QueryParams

from jetbridge.filters import parse_types
from jetbridge.frames import Framing
from jetbridge.positions import Start, parse_header, parse_start, parse_time
from jetbridge.views import View
from jetbridge_schemas.errors import InvalidIdError, JetbridgeError
from jetbridge_schemas.subjects import encode_id

logger = logging.getLogger("jetbridge.http")

MAX_PAGE = 1000
MAX_LISTED_IDS = 1000
FRAMINGS = {"native": Framing.TYPED, "cloudevents": Framing.CLOUDEVENTS}


class RequestError(JetbridgeError):
    """A parameter that cannot be understood: the client's mistake, HTTP 400."""


@dataclass(frozen=True)
class StreamRequest:
    """One wish: what to see, from where, to where, in which form."""

    view: View
    framing: Framing
    start: Start | None
    until_ns: int | None
    limit: int | None
    client_id: str | None
    snapshot: bool = False
    speed: float = 0.0
    explicit_ack: bool = False


def parse_stream_request(
    view: View,
    query: QueryParams,
    headers: Mapping[str, str],
    *,
    default_types: frozenset[str] | None,
    now_ns: int,
) -> StreamRequest:
    """Read the query and `Last-Event-ID`, which wins over every position in the query.

    Unknown parameters are ignored; a malformed header is too, with a line in the log.
    Raises JetbridgeError, naming the parameter, for anything else that is malformed.
    """
    asked = parse_start(
        last_event_id=query.get("last_event_id") or None,
        start=query.get("from") or None,
        since=query.get("since") or None,
        now_ns=now_ns,
    )
    until = query.get("until")
    types = _types(query)
    client_id = _client_id(query.get("client_id", ""))
    return StreamRequest(
        view=view.narrowed(
            agents=_ids(query, "agents"),
            jobs=_ids(query, "jobs"),
            types=parse_types(types) if types else default_types,
        ),
        framing=_framing(query.get("format", "")),
        start=_from_header(headers) or asked,
        until_ns=parse_time("until", until, now_ns=now_ns) if until else None,
        limit=_limit(query.get("limit", "")),
        client_id=client_id,
        snapshot=_flag("snapshot", query.get("snapshot", "")),
        speed=_speed(query.get("speed", "")),
        explicit_ack=_explicit_ack(query.get("ack", ""), client_id),
    )


def wants_page(accept: str) -> bool:
    """True if JSON is preferred over an event stream."""
    weights = _weights(accept)
    return weights.get("application/json", 0.0) > weights.get("text/event-stream", 0.0)


def accepts_stream(accept: str) -> bool:
    """True if the client names event streams, as `EventSource` does, and not JSON before them."""
    return _weights(accept).get("text/event-stream", 0.0) > 0 and not wants_page(accept)


def header_cursor(headers: Mapping[str, str]) -> int | None:
    """The sequence in `Last-Event-ID`, if there is one."""
    try:
        position = parse_header(headers.get("last-event-id"))
    except JetbridgeError:
        return None
    return position and position.cursor


def _weights(accept: str) -> dict[str, float]:
    return dict(_weighted(part) for part in accept.lower().split(","))


def _weighted(part: str) -> tuple[str, float]:
    kind, *parameters = (each.strip() for each in part.split(";"))
    given = next((each[2:] for each in parameters if each.startswith("q=")), "1")
    try:
        return kind, float(given)
    except ValueError:
        return kind, 1.0


def _from_header(headers: Mapping[str, str]) -> Start | None:
    try:
        return parse_header(headers.get("last-event-id"))
    except JetbridgeError as error:
        logger.warning("a malformed header was ignored: %s", error)
        return None


def _listed(query: QueryParams, name: str) -> list[str]:
    return [part for value in query.getlist(name) for part in value.split(",")]


def _types(query: QueryParams) -> list[str]:
    types = (each.strip() for each in _listed(query, "event_types"))
    return [each for each in types if each]


def _ids(query: QueryParams, name: str) -> Sequence[str]:
    """The ids exactly as they stand there: a space belongs to an id, and an empty id is an
    error, lest a page with an empty list of agents gets the events of all."""
    ids = _listed(query, name)
    if len(ids) > MAX_LISTED_IDS:
        raise RequestError(f"{name} lists {len(ids)} ids, more than {MAX_LISTED_IDS}")
    for each in ids:
        check_id(name, each)
    return ids


def check_id(name: str, id: str) -> None:
    """Accept an id that a subject can carry; raises RequestError, naming the parameter."""
    if "\ufffd" in id:
        raise RequestError(f"{name}: {id[:80]!r} is not UTF-8", hint="percent-encode its UTF-8")
    try:
        encode_id(id)
    except InvalidIdError as error:
        raise RequestError(f"{name}: {error}", hint=error.hint) from error


def _framing(text: str) -> Framing:
    framing = FRAMINGS.get(text or "native")
    if framing is None:
        raise RequestError(f"format={text[:40]!r} is neither native nor cloudevents")
    return framing


def _limit(text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and 0 < len(text) <= 12 and int(text) > 0):
        raise RequestError(f"limit={text[:40]!r} is not a whole number above 0")
    return int(text)


def _flag(name: str, text: str) -> bool:
    if text in {"1", "true"}:
        return True
    if text in {"", "0", "false"}:
        return False
    raise RequestError(f"{name}={text[:40]!r} is neither 1 nor 0")


def _speed(text: str) -> float:
    """How many times as fast as it happened; 0 is as fast as possible."""
    if re.fullmatch(r"(\d{1,6}(\.\d{1,6})?)?", text, re.ASCII):
        return float(text or 0)
    raise RequestError(f"speed={text[:40]!r} is not a number", hint="for example speed=10")


def _client_id(text: str) -> str | None:
    if not text:
        return None
    check_id("client_id", text)
    return text


def _explicit_ack(text: str, client_id: str | None) -> bool:
    if text not in {"", "auto", "explicit"}:
        raise RequestError(f"ack={text[:40]!r} is neither auto nor explicit")
    if text == "explicit" and client_id is None:
        raise RequestError("ack=explicit needs a client_id", hint="acks name the client by it")
    return text == "explicit"
