"""Ending a command from outside: SIGINT and SIGTERM are how people and systems say "enough"."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Generator
from types import FrameType
from typing import Never


@contextlib.contextmanager
def until_interrupted() -> Generator[None]:
    """Run the block until it ends or SIGINT or SIGTERM comes; either way, all is well.

    A block that handles these signals in its own way, as a server does, still may.
    """
    before = signal.signal(signal.SIGTERM, _interrupt)
    try:
        yield
    except KeyboardInterrupt:
        pass
    finally:
        signal.signal(signal.SIGTERM, before)


def _interrupt(_signum: int, _frame: FrameType | None) -> Never:
    raise KeyboardInterrupt
