"""The end of a stream on a connection of our own: a sink and a protocol in one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from jetbridge.backlog import Backlog, Discarded
from jetbridge.piece import Piece
from jetbridge.subscriber import Subscriber

LAST_CHUNK = b"0\r\n\r\n"


class DirectSink(asyncio.Protocol):
    """Writes frames as chunks of an HTTP/1.1 body; queues only while the client is slow:
    from when its socket has not taken all that was written until it has.

    A connection that takes nothing for `timeout_seconds` is cut. `on_end` is called once,
    when the connection is gone.
    """

    __slots__ = (
        "_backlog",
        "_closed",
        "_connections",
        "_deadline",
        "_drained",
        "_on_end",
        "_paused",
        "_settled",
        "_subscriber",
        "_timeout",
        "_transport",
        "stalled",
        "taken",
    )

    def __init__(self, *, timeout_seconds: float) -> None:
        self.taken = 0
        self.stalled = False
        self._timeout = timeout_seconds
        self._settled: int | None = None
        self._backlog: Backlog | None = None
        self._paused = True
        self._closed = False
        self._transport: asyncio.Transport | None = None
        self._deadline: asyncio.TimerHandle | None = None
        self._drained: asyncio.Event | None = None
        self._on_end: Callable[[Subscriber], None] | None = None
        self._subscriber: Subscriber | None = None
        self._connections: set[DirectSink] | None = None

    @property
    def waiting(self) -> int:
        """Events written and not yet taken by the connection."""
        return 0 if self._backlog is None else self._backlog.waiting

    @property
    def idle(self) -> bool:
        """True if the connection is ready for more."""
        return not self._paused

    def settled(self) -> int:
        """The cursor of the newest bytes that have left for the socket."""
        return self.taken if self._settled is None else self._settled

    def on_end(self, call: Callable[[Subscriber], None], subscriber: Subscriber) -> None:
        """Call this with the subscriber when the connection is gone."""
        self._on_end = call
        self._subscriber = subscriber

    def attach(self, transport: asyncio.Transport, connections: set[DirectSink]) -> None:
        """Begin to write to a connection; leave its server's `connections` at its end."""
        self._transport = transport
        self._connections = connections
        transport.set_write_buffer_limits(high=0)
        self.resume_writing()

    def abandon(self) -> None:
        """There will be no connection."""
        self.connection_lost(None)

    def write(self, piece: Piece, events: int, cursor: int) -> None:
        """Write whole frames, or queue them while the client is slow."""
        if self._closed:
            return
        if self._paused or self._transport is None:
            if self._backlog is None:
                self._backlog = Backlog()
            self._backlog.add(piece, events=events, cursor=cursor)
        else:
            self._send(self._transport, piece, cursor)

    def discard(self) -> Discarded:
        """Forget what the connection has not taken, as far as it can be read again."""
        backlog = self._backlog or Backlog()
        return backlog.discard(taken=self.taken)

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
        """The socket has not taken all of the last write: the client is slow."""
        self._paused = True
        self._settled = self.taken
        self._set_deadline()

    def resume_writing(self) -> None:
        """The socket has taken all that was written."""
        self._paused = False
        self._settled = None
        self._clear_deadline()
        self._write_queue()
        if not self._paused:
            self._wake()
            if self._closed:
                self._finish()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone; without an error, after all that was written had left."""
        if exc is None and not self.stalled:
            self._settled = None
        self._closed = True
        self._transport = None
        self._backlog = None
        self._paused = False
        self._clear_deadline()
        self._wake()
        if self._connections is not None:
            self._connections.discard(self)
        subscriber, self._subscriber = self._subscriber, None
        if self._on_end is not None and subscriber is not None:
            self._on_end(subscriber)

    def shutdown(self) -> None:
        """The server shuts down; the bridge has ended what it wanted to end."""
        self.close()

    def _write_queue(self) -> None:
        backlog, self._backlog = self._backlog, None
        if backlog and self._transport is not None:
            self._send(self._transport, *backlog.take())

    def _send(self, transport: asyncio.Transport, piece: Piece, cursor: int) -> None:
        transport.write(piece.chunk)
        # A transport that closes, perhaps because of this, drops what it is given.
        if not transport.is_closing():
            self.taken = cursor

    def _wake(self) -> None:
        if self._drained is not None:
            self._drained.set()
            self._drained = None

    def _finish(self) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(LAST_CHUNK)
            self._transport.close()
            self._set_deadline()

    def _set_deadline(self) -> None:
        self._clear_deadline()
        loop = asyncio.get_running_loop()
        self._deadline = loop.call_later(self._timeout, self._look, self._unsent())

    def _look(self, unsent_before: int) -> None:
        """Give the connection up, unless it has taken something since."""
        if self._unsent() < unsent_before:
            self._set_deadline()
            return
        self.stalled = True
        if self._transport is not None:
            self._transport.abort()

    def _unsent(self) -> int:
        return 0 if self._transport is None else self._transport.get_write_buffer_size()

    def _clear_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
