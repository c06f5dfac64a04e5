"""An EventSource that follows one stream across cuts, fast enough to have fifty of them.

It keeps what the guarantees are about: which events came, in which order, and what was
said to be gone. Every frame must be whole and well-formed.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import urlsplit

import msgspec

from tests.support.http_body import Body
from tests.support.waiting import eventually

FRAME = re.compile(rb"(?:retry: \d+\n)?(?:id: (\d+)\n)?event: ([^\r\n]+)\ndata: (\{[^\r\n]*\})\n\n")
CONTROL = {
    b"connected",
    b"heartbeat",
    b"caught-up",
    b"gap",
    b"draining",
    b"unavailable",
    b"snapshot-end",
}

LENGTH = re.compile(rb"(?i)\r\ncontent-length: (\d+)\r\n")
POLL_SECONDS = 0.01


@dataclass(frozen=True)
class GapSeen:
    """A gap as the client was told of it; `before` is how many events had come by then."""

    requested: int
    first_available: int
    reason: str
    before: int


class Watcher:
    """One client of one stream; `path` with prefix and query. Not connected at first."""

    def __init__(self, url: str, path: str, *, last_id: int | None = None) -> None:
        self.url = url
        self.path = path
        self.last_id = last_id
        self.events: list[int] = []
        self.payloads: list[bytes] = []
        self.gaps: list[GapSeen] = []
        self.controls: list[tuple[str, int | None, Any]] = []
        self.connections = 0
        self._pending = bytearray()
        self._body = Body()
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def connect(self, *, small_buffers: bool = False) -> Self:
        """Connect with the last id. With `small_buffers` the client soon counts as slow
        when it does not read."""
        parts = urlsplit(self.url)
        assert parts.hostname is not None
        assert parts.port is not None
        sock = socket.socket()
        sock.setblocking(False)
        if small_buffers:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        await asyncio.get_running_loop().sock_connect(sock, (parts.hostname, parts.port))
        limit = 4096 if small_buffers else 2**18
        self._reader, self._writer = await asyncio.open_connection(sock=sock, limit=limit)
        self._writer.write(self._request(parts.netloc))
        head = await self._reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200"), head
        self._pending.clear()
        length = LENGTH.search(head)
        self._body = Body(length=int(length[1]) if length else None)
        self.connections += 1
        return self

    def cut(self) -> None:
        """Break the connection off; what was not yet a whole frame is forgotten."""
        if self._writer is not None:
            self._writer.transport.abort()
            self._writer = None

    async def read(self, at_most: int | None = None) -> int:
        """Read what comes next, at most so many bytes of the body; how many there were.

        0 at the end of the stream.
        """
        assert self._reader is not None
        body = b""
        while not body and not self._body.ended:
            try:
                data = await self._reader.read(2**18)
            except ConnectionError:
                return 0
            if not data:
                return 0
            body = self._body.feed(data)
        body = body[:at_most]
        self._pending += body
        self._take_frames()
        return len(body)

    async def read_bytes(self, count: int, *, unless: Callable[[], bool]) -> None:
        """Read exactly `count` bytes of the body, or fewer once `unless` is true."""
        while count > 0 and not unless():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(POLL_SECONDS):
                    count -= await self.read(count) or count

    async def read_until(self, done: Callable[[], bool], *, within: float = 15.0) -> None:
        """Read until `done`; at the end of a stream, come back as a browser does."""
        async with asyncio.timeout(within):
            while not done():
                if not await self.read():
                    await self.come_back()

    async def up_to(self, sequence: int, *, within: float = 15.0) -> None:
        """Read until the event with this sequence was the last."""
        await self.read_until(lambda: self.events[-1:] == [sequence], within=within)

    async def until_told(self, name: str, *, within: float = 15.0) -> None:
        """Read until there was a control frame of this name."""
        await self.read_until(lambda: bool(self.of_kind(name)), within=within)

    async def come_back(self) -> None:
        """Cut, and connect again with the last id; again and again while there is nobody."""
        self.cut()

        async def connected() -> bool:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError):
                await self.connect()
                return True
            return False

        await eventually(connected)

    def of_kind(self, name: str) -> list[Any]:
        """The data of every control frame of this name."""
        return [data for kind, _, data in self.controls if kind == name]

    def _request(self, host: str) -> bytes:
        last = "" if self.last_id is None else f"Last-Event-ID: {self.last_id}\r\n"
        head = f"GET {self.path} HTTP/1.1\r\nHost: {host}\r\nAccept: text/event-stream\r\n{last}"
        return f"{head}\r\n".encode()

    def _take_frames(self) -> None:
        end = self._pending.rfind(b"\n\n") + 2
        if end < 2:
            return
        whole = bytes(self._pending[:end])
        del self._pending[:end]
        place = 0
        while place < end:
            match = FRAME.match(whole, place)
            assert match is not None, whole[place : place + 200]
            place = match.end()
            self._take(match[1], match[2], match[3])

    def _take(self, id_: bytes | None, event: bytes, data: bytes) -> None:
        if id_ is not None:
            self.last_id = int(id_)
        if event not in CONTROL:
            assert id_ is not None
            self.events.append(int(id_))
            self.payloads.append(data)
            return
        content = msgspec.json.decode(data)
        self.controls.append((event.decode(), self.last_id if id_ else None, content))
        if event == b"gap":
            self.gaps.append(GapSeen(**content, before=len(self.events)))
