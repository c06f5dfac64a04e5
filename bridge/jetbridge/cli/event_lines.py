"""One event as one line: coloured for people, JSON for programs. Pure."""

from __future__ import annotations

import json
import re

import msgspec
from httpx2 import ServerSentEvent

DIM, RED, YELLOW, BLUE, MAGENTA, CYAN, GREEN = 2, 31, 33, 34, 35, 36, 32
COLOURS = (BLUE, MAGENTA, CYAN, GREEN)
ALARMING = re.compile(r"alarm|error|fail|exceeded", re.IGNORECASE)
WARNING = re.compile(r"warn|paused|timeout", re.IGNORECASE)

# Control characters could make a terminal do more than show text.
UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def for_people(event: ServerSentEvent, *, colour: bool) -> str:
    """`<id>  <type>  <data>`, with nothing in it that a terminal would obey."""
    name = printable(event.event).ljust(22)
    return "  ".join(
        (
            paint(printable(event.id), DIM, colour=colour),
            paint(name, _colour_of(event.event), colour=colour),
            printable(event.data),
        )
    )


def for_programs(event: ServerSentEvent) -> str:
    """`{"id":…,"type":…,"data":…}`, on one line.

    The id is a number if it is a sequence; data is the publisher's own JSON, token for
    token, or a string if it is not JSON.
    """
    number = event.id.isascii() and event.id.isdigit()
    id_json = str(int(event.id)) if number else json.dumps(event.id)
    return f'{{"id":{id_json},"type":{json.dumps(event.event)},"data":{_data(event.data)}}}'


def paint(text: str, code: int, *, colour: bool) -> str:
    """`text` in an ANSI colour, or as it is."""
    return f"\x1b[{code}m{text}\x1b[0m" if colour else text


def printable(text: str) -> str:
    """`text` with control characters shown as escapes."""
    return UNPRINTABLE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def _data(text: str) -> str:
    # Splicing keeps numbers as they were written; JSON strings hold no raw line breaks.
    try:
        msgspec.json.decode(text, type=msgspec.Raw)
    except msgspec.MsgspecError:
        return json.dumps(text)
    return " ".join(text.splitlines()) if "\n" in text else text


def _colour_of(event_type: str) -> int:
    if ALARMING.search(event_type):
        return RED
    if WARNING.search(event_type):
        return YELLOW
    return COLOURS[sum(event_type.encode()) % len(COLOURS)]
