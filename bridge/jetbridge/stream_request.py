"""What a client asks for, from its URL and headers. Pure."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from starlette.datastructures import QueryParams

from jetbridge.filters import parse_types
from jetbridge.frames import Framing
from jetbridge.positions import Start, parse_header, parse_start, parse_time
from jetbridge.views import View
from jetbridge_schemas.errors import JetbridgeError
from jetbridge_schemas.subjects import encode_id

logger = logging.getLogger("jetbridge.http")

MAX_PAGE = 1000
MAX_LISTED_IDS = 1000
MAX_CLIENT_ID_BYTES = 256
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
    types = _listed(query, "event_types")
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
        client_id=_client_id(query.get("client_id", "")),
    )


def wants_page(accept: str) -> bool:
    """True if JSON is preferred over an event stream."""
    weights = dict(_weighted(part) for part in accept.split(","))
    return weights.get("application/json", 0.0) > weights.get("text/event-stream", 0.0)


def accepts_stream(accept: str) -> bool:
    """True if the client names event streams, as `EventSource` does."""
    return any(kind == "text/event-stream" for kind, _ in map(_weighted, accept.split(",")))


def _weighted(part: str) -> tuple[str, float]:
    kind, _, parameters = part.partition(";")
    name, _, value = parameters.strip().partition("=")
    try:
        weight = float(value) if name.strip() == "q" else 1.0
    except ValueError:
        weight = 1.0
    return kind.strip().lower(), weight


def _from_header(headers: Mapping[str, str]) -> Start | None:
    try:
        return parse_header(headers.get("last-event-id"))
    except JetbridgeError as error:
        logger.warning("a malformed header was ignored: %s", error)
        return None


def _listed(query: QueryParams, name: str) -> list[str]:
    parts = (part.strip() for value in query.getlist(name) for part in value.split(","))
    return [part for part in parts if part]


def _ids(query: QueryParams, name: str) -> Sequence[str]:
    ids = _listed(query, name)
    if len(ids) > MAX_LISTED_IDS:
        raise RequestError(f"{name} lists {len(ids)} ids, more than {MAX_LISTED_IDS}")
    for each in ids:
        encode_id(each)
    return ids


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


def _client_id(text: str) -> str | None:
    if len(text.encode(errors="replace")) > MAX_CLIENT_ID_BYTES:
        raise RequestError(f"client_id is over {MAX_CLIENT_ID_BYTES} bytes")
    return text or None
