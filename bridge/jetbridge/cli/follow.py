"""Following a stream over HTTP: connects again by itself, and goes on where it was."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterable
from http import HTTPStatus

import httpx2
import msgspec
from httpx2 import ServerSentEvent

from jetbridge.cli.patience import Patience
from jetbridge_schemas.errors import JetbridgeError

TIMEOUT = httpx2.Timeout(10.0, read=90.0)
"""Seconds; three heartbeats missed, and the connection is dead even if TCP has not noticed."""


class FollowError(JetbridgeError):
    """The stream cannot be had, and trying again would not help."""


class Problem(msgspec.Struct):
    """The part of an `application/problem+json` body that is for people."""

    title: str = ""
    detail: str = ""


class LostError(Exception):
    """The connection ended or could not be made; the message says how."""


def follow(
    url: str,
    *,
    tell: Callable[[str], None],
    sleep: Callable[[float], None] = time.sleep,
) -> Generator[ServerSentEvent]:
    """Every event of a stream, control events too, until the server says that it is over.

    A lost connection is told in one line by `tell`, then made again for ever, resuming
    after the last id. Raises FollowError when the first connection cannot be made, or the
    server refuses for good.
    """
    patience = Patience()
    with httpx2.Client(timeout=TIMEOUT, follow_redirects=True) as client:
        while True:
            try:
                yield from _heeded(_connection(client, url, patience), patience, tell)
            except LostError as lost:
                if not patience.reached:
                    raise _unreachable(url, lost) from lost
                sleep(_pause(lost, patience, tell))
            else:
                return


def _heeded(
    events: Iterable[ServerSentEvent], patience: Patience, tell: Callable[[str], None]
) -> Generator[ServerSentEvent]:
    for event in events:
        if patience.failures:
            tell("connected again")
        patience.heed(event)
        yield event


def _pause(lost: LostError, patience: Patience, tell: Callable[[str], None]) -> float:
    is_first = patience.failures == 0
    seconds = patience.pause()
    if is_first:
        tell(f"{lost}; trying again in {seconds:.1f} s")
    return seconds


def _connection(client: httpx2.Client, url: str, patience: Patience) -> Generator[ServerSentEvent]:
    """The events of one connection. Raises LostError at its end, unless the stream is over."""
    headers = {"Accept": "text/event-stream"}
    if patience.last_id:
        headers["Last-Event-ID"] = patience.last_id
    try:
        with client.stream("GET", url, headers=headers) as answer:
            patience.reached = True
            if answer.status_code == HTTPStatus.NO_CONTENT:
                return
            _check(answer, patience)
            # The contract allows events of 1 MiB, which the decoder's own limit would cut.
            yield from httpx2.EventSource(answer, max_event_size=None)
    except httpx2.SSEError as error:
        raise FollowError(
            f"{url} does not serve events", hint="is this the address of a Jetbridge bridge?"
        ) from error
    except httpx2.ReadTimeout as error:
        raise LostError("no sign of life from the bridge") from error
    except httpx2.TransportError as error:
        raise LostError(str(error) or "the connection broke") from error
    raise LostError("the bridge ended the connection")


def _check(answer: httpx2.Response, patience: Patience) -> None:
    status = answer.status_code
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        patience.heed_retry_after(answer.headers.get("Retry-After", ""))
        raise LostError(f"the bridge answered {status} {answer.reason_phrase}")
    if status != HTTPStatus.OK:
        raise FollowError(f"the bridge refused: {status} {_reason(answer)}")


def _reason(answer: httpx2.Response) -> str:
    try:
        problem = msgspec.json.decode(answer.read(), type=Problem)
    except (msgspec.MsgspecError, UnicodeDecodeError, httpx2.TransportError):
        return answer.reason_phrase
    return ": ".join(part for part in (problem.title, problem.detail) if part)


def _unreachable(url: str, lost: LostError) -> FollowError:
    where = httpx2.URL(url)
    return FollowError(
        f"cannot reach a bridge at {where.scheme}://{where.netloc.decode()}: {lost}",
        hint="start one with `jetbridge dev`, or say where it is with --url",
    )
