"""What a demo agent says, and how long it thinks before: pure but for `play`."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncGenerator, Iterable
from dataclasses import dataclass

from jetbridge_publishers.worker.yielded import Yielded


@dataclass(frozen=True, slots=True)
class Beat:
    """One thing said, `pause_seconds` after the one before."""

    pause_seconds: float
    said: Yielded


async def play(beats: Iterable[Beat], *, pace: float) -> AsyncGenerator[Yielded]:
    """Say the beats; `pace` 2 takes twice the time, 0 none."""
    for beat in beats:
        if pace and beat.pause_seconds:
            await asyncio.sleep(pace * beat.pause_seconds)
        yield beat.said


def chance_of(seed: int, *about: str) -> random.Random:
    """The same chance for the same seed and subject, on every machine."""
    return random.Random("\0".join((str(seed), *about)))  # noqa: S311 - a demo, no secret
