"""Has a reader really seen everything? In a NATS cluster its node may be behind.

JetStream puts a consumer on any node that has the stream. One that was away for a while
and is catching up says "that was all" at the end of what it has: measured, 9,909 of
10,000 events short, 30 ms after it was back. The stream's leader knows better.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from jetbridge.filters import Filter
from jetbridge.gaps import StreamState
from jetbridge.leader_query import LeaderQuery

AT_ONCE = 50
"""Questions under way at a time: a filter of many ids needs one for each subject."""


class Completeness:
    """Asks the stream's leader whether a reader has left something out."""

    def __init__(
        self, leader: LeaderQuery, query_state: Callable[[], Awaitable[StreamState]]
    ) -> None:
        self._leader = leader
        self._query_state = query_state
        self._places = asyncio.Semaphore(AT_ONCE)

    async def proven(self, wanted: Filter, *, after: int, upto: int) -> bool:
        """True if nothing that `wanted` covers is stored after one sequence, up to another.

        One node has nobody to be behind, and needs no question. Raises JetStreamError or
        JetStreamUnavailableError.
        """
        if after >= upto:
            return True
        state = await self._query_state()
        if state.replicas == 1:
            return True
        if state.last_sequence < upto:
            return False
        found = await asyncio.gather(*(self._next(each, after) for each in wanted.subjects()))
        return all(sequence is None or sequence > upto for sequence in found)

    async def _next(self, subject: str, after: int) -> int | None:
        async with self._places:
            return await self._leader.next_on(subject, after=after)
