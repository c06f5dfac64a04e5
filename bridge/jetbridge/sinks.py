"""The connection's end of a stream, for servers that offer nothing but ASGI."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from jetbridge.backlog import Backlog, Discarded
from jetbridge.piece import Piece


class QueueSink:
    """A queue between a subscriber and the response that sends it.

    Whatever waits is sent in one write. The subscriber bounds what it puts in.
    """

    def __init__(self) -> None:
        self.taken = 0
        self.stalled = False
        self._settled: int | None = None
        self._backlog = Backlog()
        self._ready = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._closed = False

    @property
    def waiting(self) -> int:
        """Events written and not yet taken by the connection."""
        return self._backlog.waiting

    @property
    def idle(self) -> bool:
        """True if the connection has taken all that was written."""
        return self._idle.is_set()

    def settled(self) -> int:
        """The cursor of the newest bytes that the response has sent. What its server holds
        back then is not known here."""
        return self.taken if self._settled is None else self._settled

    def write(self, piece: Piece, events: int, cursor: int) -> None:
        """Hand over whole frames; ignored after `close`."""
        if self._closed:
            return
        self._backlog.add(piece, events=events, cursor=cursor)
        self._idle.clear()
        self._ready.set()

    def discard(self) -> Discarded:
        """Forget what the connection has not taken, as far as it can be read again."""
        return self._backlog.discard(taken=self.taken)

    def close(self) -> None:
        """End the response after what is written."""
        self._closed = True
        self._ready.set()

    async def drained(self, within: float | None = None) -> bool:
        """Wait until the connection has taken everything; False after `within` seconds."""
        try:
            async with asyncio.timeout(within):
                await self._idle.wait()
        except TimeoutError:
            return False
        return True

    async def chunks(self) -> AsyncIterator[bytes]:
        """What the response sends: resumed each time the connection has taken the last."""
        try:
            while self._backlog or not self._closed:
                await self._ready.wait()
                if self._backlog:
                    self._settled = self.taken
                    yield self._take()
                    self._settled = self.taken
                if not self._backlog:
                    self._rest()
        finally:
            self._closed = True
            self._idle.set()

    def _rest(self) -> None:
        self._idle.set()
        if not self._closed:
            self._ready.clear()

    def _take(self) -> bytes:
        piece, self.taken = self._backlog.take()
        return piece.data
