"""One HTTP connection to one stream: whole frames, as they come, at the client's own pace."""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import AsyncIterator
from typing import NamedTuple
from urllib.parse import urlsplit

from tests.support.http_body import Body

FRAME = re.compile(rb"(?:retry: \d+\n)?(?:id: (\d+)\n)?event: ([^\r\n]+)\ndata: (\{[^\r\n]*\})\n\n")
LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)
SMALL = 4096
LARGE = 2**18


class MalformedError(Exception):
    """The bridge has sent what is no frame."""


class RefusedError(Exception):
    """The answer is not a stream."""


class Received(NamedTuple):
    """A frame; `id` is None if it has none."""

    id: int | None
    event: str
    data: bytes


class Connection:
    """An open stream. `slow`: with buffers so small that the bridge notices a slow reader.
    `patience`: seconds of silence after which it is given up."""

    def __init__(self, *, slow: bool, patience: float) -> None:
        self._patience = patience
        self._limit = SMALL if slow else LARGE
        self._pending = bytearray()
        self._body = Body()
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def open(self, url: str, path: str, *, last_id: int | None) -> None:
        """Connect and send the request.

        Raises OSError or TimeoutError if nobody answers, RefusedError for anything but 200.
        """
        parts = urlsplit(url)
        assert parts.hostname is not None
        assert parts.port is not None
        async with asyncio.timeout(self._patience):
            sock = socket.socket()
            sock.setblocking(False)
            if self._limit == SMALL:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL)
            try:
                address = (parts.hostname, parts.port)
                await asyncio.get_running_loop().sock_connect(sock, address)
                streams = await asyncio.open_connection(sock=sock, limit=self._limit)
            except BaseException:
                sock.close()
                raise
            self._reader, self._writer = streams
            last = "" if last_id is None else f"Last-Event-ID: {last_id}\r\n"
            head = f"GET {path} HTTP/1.1\r\nHost: {parts.netloc}\r\nAccept: text/event-stream\r\n"
            self._writer.write(f"{head}{last}\r\n".encode())
            await self._read_head()

    async def frames(self) -> AsyncIterator[Received]:
        """Every frame until the stream ends, is cut, or is silent for too long.

        Raises MalformedError for what is no frame.
        """
        assert self._reader is not None
        while not self._body.ended:
            try:
                async with asyncio.timeout(self._patience):
                    data = await self._reader.read(self._limit)
            except OSError:
                return
            if not data:
                return
            self._pending += self._body.feed(data)
            for frame in self._whole():
                yield frame

    def cut(self) -> None:
        """Break the connection off; what was not yet read is lost."""
        if self._writer is not None:
            self._writer.transport.abort()

    def leave(self) -> None:
        """Say that nothing more is wanted; what is under way can still be read."""
        if self._writer is not None and self._writer.can_write_eof():
            self._writer.write_eof()

    async def _read_head(self) -> None:
        assert self._reader is not None
        try:
            head = await self._reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError as error:
            raise ConnectionResetError("no answer") from error
        if not head.startswith(b"HTTP/1.1 200"):
            raise RefusedError(head.decode())
        length = LENGTH.search(head)
        self._body = Body(length=int(length[1]) if length else None)

    def _whole(self) -> list[Received]:
        """The whole frames that have come, taken out of what is pending."""
        end = self._pending.rfind(b"\n\n") + 2
        if end < 2:
            return []
        whole = bytes(self._pending[:end])
        del self._pending[:end]
        frames: list[Received] = []
        place = 0
        while place < end:
            match = FRAME.match(whole, place)
            if match is None:
                raise MalformedError(repr(whole[place : place + 200]))
            place = match.end()
            id_ = int(match[1]) if match[1] is not None else None
            frames.append(Received(id_, match[2].decode(), match[3]))
        return frames
