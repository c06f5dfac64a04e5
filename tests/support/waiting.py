"""Waiting for something to become true, instead of sleeping for a fixed time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from inspect import isawaitable
from typing import TypeVar, cast

T = TypeVar("T")


async def eventually(
    check: Callable[[], T | Awaitable[T]], *, within: float = 10.0, every: float = 0.01
) -> T:
    """Call `check` until it returns something true and raises no AssertionError; return that.

    Raises AssertionError with the last failure after `within` seconds.
    """
    deadline = time.monotonic() + within
    while True:
        problem: AssertionError
        try:
            result = check()
            value = cast("T", await result if isawaitable(result) else result)
            if value:
                return value
            problem = AssertionError(f"still {value!r}")
        except AssertionError as error:
            problem = error
        if time.monotonic() > deadline:
            raise AssertionError(f"not true within {within} s: {problem}") from problem
        await asyncio.sleep(every)
