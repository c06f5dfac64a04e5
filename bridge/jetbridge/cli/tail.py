"""`jetbridge tail`: watch a stream in a terminal, or feed it to another program."""

from __future__ import annotations

import contextlib
import os
import sys
from typing import Annotated

from cyclopts import Parameter
from cyclopts.validators import Number
from httpx2 import ServerSentEvent

from jetbridge.cli.event_lines import DIM, YELLOW, for_people, for_programs, paint, printable
from jetbridge.cli.follow import follow
from jetbridge.cli.signals import until_interrupted
from jetbridge.cli.stream_url import stream_url
from jetbridge_schemas.control import CONTROL_EVENTS

WORTH_TELLING = ("gap", "draining", "unavailable")


def tail(
    *,
    url: str = "http://127.0.0.1:8000",
    agent: str = "",
    job: str = "",
    types: str = "",
    since: str = "",
    limit: Annotated[int, Parameter(validator=Number(gte=0))] = 0,
    json: Annotated[bool, Parameter(negative="")] = False,
    api_prefix: str = "/api/v1/stream",
) -> int:
    """Follow a stream. A lost connection comes back by itself, without a hole.

    Events go to standard output, one a line; what happens to the connection goes to
    standard error. Ends at SIGINT, at SIGTERM, and when the stream ends.

    Parameters
    ----------
    url
        Where the bridge is.
    agent
        Only this agent, its jobs included.
    job
        Only this job; shows its progress unless --types says otherwise.
    types
        Only these event types, comma-separated; a `*` at the end stands for the rest.
    since
        Begin in the past: a duration (10m, 2h), RFC 3339, or milliseconds since 1970.
    limit
        Stop after so many events; 0 goes on for ever.
    json
        One JSON object a line, `{"id","type","data"}`, for pipes.
    api_prefix
        The bridge's setting of that name, if it is not the default.
    """
    address = stream_url(url, agent=agent, job=job, types=types, since=since, api_prefix=api_prefix)
    with until_interrupted():
        _print_events(address, limit=limit, as_json=json)
    return 0


def _print_events(address: str, *, limit: int, as_json: bool) -> None:
    printed = 0
    colour = wants_colour()
    with contextlib.closing(follow(address, tell=_tell)) as events:
        for event in events:
            if event.event in CONTROL_EVENTS:
                _tell_control(event)
                continue
            line = for_programs(event) if as_json else for_people(event, colour=colour)
            print(line, flush=True)
            printed += 1
            if printed == limit:
                return


def wants_colour() -> bool:
    """True for a terminal, unless the person has set NO_COLOR (https://no-color.org)."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")


def _tell_control(event: ServerSentEvent) -> None:
    if event.event in WORTH_TELLING:
        text = f"{event.event} {printable(event.data)}"
        print(paint(text, YELLOW, colour=sys.stderr.isatty()), file=sys.stderr, flush=True)


def _tell(text: str) -> None:
    print(paint(text, DIM, colour=sys.stderr.isatty()), file=sys.stderr, flush=True)
