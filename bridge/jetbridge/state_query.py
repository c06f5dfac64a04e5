"""Asking for the state of the stream, however many clients want to know at once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from jetbridge.gaps import StreamState


class StateQuery:
    """Shares one answer among all who asked before its question was sent.

    Who asks while a question is under way waits for the next one: an answer is never
    older than the question it answers. So a thousand reconnects cost two requests, and
    what is learnt never goes back in time.
    """

    def __init__(
        self, ask: Callable[[], Awaitable[StreamState]], learn: Callable[[StreamState], None]
    ) -> None:
        self._ask = ask
        self._learn = learn
        self._asking: asyncio.Task[StreamState] | None = None
        self._next: asyncio.Task[StreamState] | None = None

    async def __call__(self) -> StreamState:
        """The present state of the stream. Raises what the request raises."""
        if self._next is None:
            self._next = asyncio.create_task(self._after(self._asking))
            self._next.add_done_callback(forget_failure)
        return await asyncio.shield(self._next)

    async def _after(self, previous: asyncio.Task[StreamState] | None) -> StreamState:
        if previous is not None:
            await asyncio.wait([previous])
        self._asking, self._next = self._next, None
        state = await self._ask()
        self._learn(state)
        return state


def forget_failure(task: asyncio.Task[StreamState]) -> None:
    """Those who wait are told; if all have gone meanwhile, nobody needs to be."""
    if not task.cancelled():
        task.exception()
