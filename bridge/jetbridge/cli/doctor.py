"""`jetbridge doctor`: is everything there that the bridge needs?"""

from __future__ import annotations

import asyncio

from jetbridge.cli.checks import Check, Verdict, check_bridge, check_nats
from jetbridge.cli.event_lines import GREEN, RED, YELLOW, paint
from jetbridge.cli.nats_session import NATS_FLAGS
from jetbridge.cli.setting_flags import Given, with_setting_flags
from jetbridge.cli.tail import wants_colour
from jetbridge.settings import Settings

COLOURS = {Verdict.OK: GREEN, Verdict.NOTE: YELLOW, Verdict.FAILED: RED}
STREAM_FLAGS = ("stream_replicas", "stream_max_age_hours", "stream_max_bytes")


@with_setting_flags(only=(*NATS_FLAGS, *STREAM_FLAGS))
def doctor(given: Given, *, url: str = "http://127.0.0.1:8000") -> int:
    """Check NATS, the streams, permissions, limits and the bridge.

    Each line is ok, a note, or a failure with what to do about it. Nothing is changed.
    The exit code is 1 if anything fails.

    Parameters
    ----------
    url
        Where the bridge is.
    """
    return asyncio.run(_examine(given.load(), url))


async def _examine(settings: Settings, url: str) -> int:
    colour = wants_colour()
    failures = 0
    async for check in check_nats(settings):
        failures += _print(check, colour=colour)
    failures += _print(await check_bridge(url), colour=colour)
    return 1 if failures else 0


def _print(check: Check, *, colour: bool) -> bool:
    print(paint(check.verdict.ljust(6), COLOURS[check.verdict], colour=colour) + check.text)
    if check.hint:
        print(" " * 6 + check.hint)
    return check.verdict is Verdict.FAILED
