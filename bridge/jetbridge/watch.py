"""Looks after the tail: learns what JetStream does not tell by itself."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from jetbridge.gaps import StreamState
from jetbridge.hub import Hub
from jetbridge.tail import Tail
from jetbridge_schemas.errors import JetbridgeError

logger = logging.getLogger("jetbridge.tail")

WATCH_SECONDS = 1.0
"""How long a purge may go unnoticed while nobody connects, and a stuck consumer at all."""


class Watch:
    """Asks for the state of the stream now and then, from which the hub learns of removals.

    A tail that is behind the stream and has not moved for `WATCH_SECONDS` has a consumer
    which is there but delivers nothing: paused by an operator, or cut off within a cluster.
    """

    def __init__(
        self, hub: Hub, tail: Tail, query_state: Callable[[], Awaitable[StreamState]]
    ) -> None:
        self._hub = hub
        self._tail = tail
        self._query_state = query_state
        self._behind_at: int | None = None

    async def run(self) -> None:
        """Watch for ever; ends only when cancelled."""
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            try:
                self._look(await self._query_state())
            except JetbridgeError as error:
                self._behind_at = None
                logger.debug("the stream cannot be watched: %s", error)

    def _look(self, state: StreamState) -> None:
        position = self._hub.position
        behind = state.last_sequence > position
        if behind and position == self._behind_at:
            self._tail.doubt("its consumer delivers nothing, though there are events")
        self._behind_at = position if behind else None
