"""Refusals: `application/problem+json` (RFC 9457), or a frame where a browser listens."""

from __future__ import annotations

import logging
import random
from http import HTTPStatus

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from jetbridge.frames import control_frame, retry_line
from jetbridge.sse_response import STREAM_HEADERS, STREAM_TYPE
from jetbridge.stream_request import accepts_stream, header_cursor
from jetbridge_schemas.control import Unavailable
from jetbridge_schemas.errors import JetbridgeError
from jetbridge_schemas.reasons import UnavailableReason

logger = logging.getLogger("jetbridge.http")

RETRY_MS = {
    UnavailableReason.CAPACITY: (2_000, 8_000),
    UnavailableReason.NATS_UNREACHABLE: (500, 1_000),
}
"""Over how many milliseconds the clients that are turned away come back. Few come while NATS
is away, since open streams stay open, and all are to be back within five seconds after it."""

OTHER_RETRY_MS = (500, 3_000)

NOT_KEPT = {"Cache-Control": "no-store"}
"""For answers that are true at this moment only; 404, 405 and 204 would be kept by caches."""


class Problem(msgspec.Struct, omit_defaults=True):
    """The body of an error answer."""

    title: str
    status: int
    detail: str = ""
    hint: str = ""
    reason: str = ""


def problem(status: HTTPStatus, error: Exception, *, reason: str = "") -> Response:
    """An error answer that says what is wrong and what to do."""
    body = Problem(
        title=status.phrase,
        status=status,
        detail=str(error),
        hint=error.hint if isinstance(error, JetbridgeError) else "",
        reason=reason,
    )
    return Response(
        msgspec.json.encode(body), status, NOT_KEPT, media_type="application/problem+json"
    )


def unavailable(request: Request, reason: UnavailableReason, error: Exception) -> Response:
    """A refusal that will pass: 503, or for `EventSource`, which a 503 would end for good,
    one frame that says so and how long to wait."""
    retry_ms = random.randint(*RETRY_MS.get(reason, OTHER_RETRY_MS))  # noqa: S311 - jitter, guards nothing
    if not accepts_stream(request.headers.get("accept", "")):
        answer = problem(HTTPStatus.SERVICE_UNAVAILABLE, error, reason=reason)
        answer.headers["Retry-After"] = str(-(-retry_ms // 1000))
        return answer
    cursor = header_cursor(request.headers)
    frame = unavailable_frame(reason, cursor=cursor, retry_ms=retry_ms)
    return Response(frame, headers=STREAM_HEADERS, media_type=STREAM_TYPE)


def unavailable_frame(reason: UnavailableReason, *, cursor: int | None, retry_ms: int) -> bytes:
    """The frame. It repeats the client's cursor; without one it has no id, so that the
    client's place stays as it was."""
    data = Unavailable(reason=reason, retry_ms=retry_ms)
    frame = control_frame("unavailable", cursor or 0, data)
    if cursor is None:
        frame = frame.partition(b"\n")[2]
    return retry_line(retry_ms) + frame


async def http_error(_: Request, error: Exception) -> Response:
    """Starlette's own refusals (404, 405 …) in our form."""
    assert isinstance(error, HTTPException)
    answer = problem(HTTPStatus(error.status_code), Exception(error.detail))
    answer.headers.update(error.headers or {})
    return answer


async def bad_request(_: Request, error: Exception) -> Response:
    """A request that cannot be understood."""
    return problem(HTTPStatus.BAD_REQUEST, error)


def server_error(request: Request, error: Exception) -> Response:
    """A mistake of ours: the details are for the log, not for the client."""
    logger.error("failed to answer %s %s", request.method, request.url.path, exc_info=error)
    return unavailable(
        request, UnavailableReason.SERVER_ERROR, Exception("something went wrong in the bridge")
    )
