"""The end of a stream on a connection of our own: a sink and a protocol in one."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

from jetbridge.piece import Piece

HIGH_WATER_BYTES = 128 * 1024
"""What may lie in the connection's buffer before the client counts as slow."""

LAST_CHUNK = b"0\r\n\r\n"


class DirectSink(asyncio.Protocol):
    """Writes frames as chunks of an HTTP/1.1 body; queues only while the client is slow.

    A connection that takes nothing for `timeout_seconds` is cut. `on_end` is called once,
    when the connection is gone.
    """

    __slots__ = (
        "_closed",
        "_deadline",
        "_drained",
        "_on_end",
        "_on_lost",
        "_paused",
        "_pieces",
        "_timeout",
        "_transport",
        "stalled",
        "taken",
        "waiting",
    )

    def __init__(self, *, timeout_seconds: float) -> None:
        self.waiting = 0
        self.taken = 0
        self.stalled = False
        self._timeout = timeout_seconds
        self._pieces: deque[tuple[Piece, int]] | None = None
        self._paused = True
        self._closed = False
        self._transport: asyncio.Transport | None = None
        self._deadline: asyncio.TimerHandle | None = None
        self._drained: asyncio.Event | None = None
        self._on_end: Callable[[], None] | None = None
        self._on_lost: Callable[[], None] | None = None

    @property
    def idle(self) -> bool:
        """True if the connection is ready for more."""
        return not self._paused

    def on_end(self, call: Callable[[], None]) -> None:
        """Call this when the connection is gone."""
        self._on_end = call

    def attach(self, transport: asyncio.Transport, *, on_lost: Callable[[], None]) -> None:
        """Begin to write to a connection."""
        self._transport = transport
        self._on_lost = on_lost
        transport.set_write_buffer_limits(high=HIGH_WATER_BYTES)
        self.resume_writing()

    def abandon(self) -> None:
        """There will be no connection."""
        self.connection_lost(None)

    def write(self, piece: Piece, *, events: int, cursor: int) -> None:
        """Write whole frames, or queue them while the client is slow."""
        if self._closed:
            return
        if self._paused or self._transport is None:
            if self._pieces is None:
                self._pieces = deque()
            self._pieces.append((piece, cursor))
            self.waiting += events
        else:
            self.taken = cursor
            self._transport.write(piece.chunk)

    def discard(self) -> None:
        """Forget what the connection has not taken."""
        self._pieces = None
        self.waiting = 0

    def close(self) -> None:
        """End the response after what is written."""
        self._closed = True
        if not self._paused:
            self._finish()

    async def drained(self, within: float | None = None) -> bool:
        """Wait until the connection is ready for more; False after `within` seconds."""
        if not self._paused:
            # Without a pause here a fast client's replay would keep the loop to itself.
            await asyncio.sleep(0)
            return True
        if self._drained is None:
            self._drained = asyncio.Event()
        try:
            async with asyncio.timeout(within):
                await self._drained.wait()
        except TimeoutError:
            return False
        return True

    def pause_writing(self) -> None:
        """The connection's buffer is full: the client is slow."""
        self._paused = True
        self._set_deadline()

    def resume_writing(self) -> None:
        """The connection has room again."""
        self._paused = False
        self._clear_deadline()
        self._write_queue()
        if not self._paused:
            self._wake()
            if self._closed:
                self._finish()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone."""
        self._closed = True
        self._transport = None
        self._pieces = None
        self._clear_deadline()
        self._wake()
        for call in (self._on_lost, self._on_end):
            if call is not None:
                call()
        self._on_lost = self._on_end = None

    def shutdown(self) -> None:
        """The server shuts down; the bridge has ended what it wanted to end."""
        self.close()

    def _write_queue(self) -> None:
        pieces, self._pieces = self._pieces, None
        self.waiting = 0
        if pieces and self._transport is not None:
            self.taken = pieces[-1][1]
            self._transport.write(Piece(b"".join([piece.data for piece, _ in pieces])).chunk)

    def _wake(self) -> None:
        if self._drained is not None:
            self._drained.set()
            self._drained = None

    def _finish(self) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(LAST_CHUNK)
            self._transport.close()
            self._set_deadline()

    def _give_up(self) -> None:
        self.stalled = True
        if self._transport is not None:
            self._transport.abort()

    def _set_deadline(self) -> None:
        self._clear_deadline()
        self._deadline = asyncio.get_running_loop().call_later(self._timeout, self._give_up)

    def _clear_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
