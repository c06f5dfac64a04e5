"""The connection's end of a stream, for servers that offer nothing but ASGI."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator

from jetbridge.piece import Piece


class QueueSink:
    """A queue between a subscriber and the response that sends it.

    Whatever waits is sent in one write. The subscriber bounds what it puts in.
    """

    def __init__(self) -> None:
        self.waiting = 0
        self.taken = 0
        self.stalled = False
        self._chunks: deque[tuple[bytes, int]] = deque()
        self._ready = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._closed = False

    @property
    def idle(self) -> bool:
        """True if the connection has taken all that was written."""
        return self._idle.is_set()

    def write(self, piece: Piece, *, events: int, cursor: int) -> None:
        """Hand over whole frames; ignored after `close`."""
        if self._closed:
            return
        self._chunks.append((piece.data, cursor))
        self.waiting += events
        self._idle.clear()
        self._ready.set()

    def discard(self) -> None:
        """Forget what the connection has not taken."""
        self._chunks.clear()
        self.waiting = 0

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
            while self._chunks or not self._closed:
                await self._ready.wait()
                if self._chunks:
                    yield self._take()
                if not self._chunks:
                    self._rest()
        finally:
            self._closed = True
            self._idle.set()

    def _rest(self) -> None:
        self._idle.set()
        if not self._closed:
            self._ready.clear()

    def _take(self) -> bytes:
        data = b"".join([chunk for chunk, _ in self._chunks])
        self.taken = self._chunks[-1][1]
        self._chunks.clear()
        self.waiting = 0
        return data
