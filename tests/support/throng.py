"""Thousands of clients in one process: each costs a socket and a few bytes.

They watch the global stream and check that no sequence is left out, repeated or out of
order: every message of the stream must be an event.
"""

from __future__ import annotations

import asyncio
import re
import resource
import socket
from collections.abc import Iterable
from typing import cast
from urllib.parse import urlsplit

from tests.support.http_body import Body

CONTROL = rb"connected|heartbeat|caught-up|gap|draining|unavailable|snapshot-end"
EVENT_ID = re.compile(rb"^id: (\d+)\nevent: (?!(?:%b)\n)" % CONTROL, re.MULTILINE)
CONTROL_FRAME = re.compile(
    rb"^(?:retry: \d+\n)?(?:id: \d+\n)?event: (%b)\ndata: (.*)\n\n" % CONTROL, re.MULTILINE
)
CONNECTING_AT_ONCE = 500
PATH = "/api/v1/stream/events"


class Watching(asyncio.Protocol):
    """One client. `last` is the sequence up to which it has everything."""

    def __init__(self, host: str, path: str, *, last: int | None) -> None:
        self.last = last
        self.count = 0
        self.controls: list[tuple[bytes, bytes]] = []
        self.wrong: list[tuple[int, int]] = []
        """Where the order was broken: the last sequence before, and what came."""
        self.closed_at: float | None = None
        self._request = request(host, path, last)
        self._rest = b""
        self._body: Body | None = None
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        if self._body is None:
            head, end, data = (self._rest + data).partition(b"\r\n\r\n")
            if not end:
                self._rest = head
                return
            assert head.startswith(b"HTTP/1.1 200"), head
            self._rest, self._body = b"", Body()
        text = self._rest + self._body.feed(data)
        whole = text.rfind(b"\n\n") + 2
        if whole >= 2:
            self._take(text[:whole])
            text = text[whole:]
        self._rest = text

    def connection_lost(self, exc: Exception | None) -> None:
        self.closed_at = asyncio.get_running_loop().time()

    def told(self, name: bytes) -> list[bytes]:
        """The data of every control frame of this name."""
        return [data for each, data in self.controls if each == name]

    def stop_reading(self) -> None:
        """Take nothing more from the socket."""
        assert self._transport is not None
        self._transport.pause_reading()

    def read_on(self) -> None:
        """Read again, with as large a buffer as anybody's."""
        assert self._transport is not None
        sock: socket.socket = self._transport.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2**20)
        self._transport.resume_reading()

    def cut(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def _take(self, frames: bytes) -> None:
        self.controls += CONTROL_FRAME.findall(frames)
        ids = [int(each) for each in EVENT_ID.findall(frames)]
        if not ids:
            return
        first = ids[0] if self.last is None else self.last + 1
        if ids != list(range(first, first + len(ids))):
            self.wrong.append((first - 1, next(i for i, n in enumerate(ids, first) if i != n)))
        self.count += len(ids)
        self.last = ids[-1]


def request(host: str, path: str, last: int | None) -> bytes:
    """What an EventSource sends; `last` is its last id."""
    last_id = "" if last is None else f"Last-Event-ID: {last}\r\n"
    head = f"GET {path} HTTP/1.1\r\nHost: {host}\r\nAccept: text/event-stream\r\n{last_id}\r\n"
    return head.encode()


async def connect(
    url: str,
    count: int,
    *,
    path: str = PATH,
    last: int | None = None,
    receive_buffer: int | None = None,
) -> list[Watching]:
    """So many clients, each with the last id `last`; all connections stand on return."""
    parts = urlsplit(url)
    assert parts.hostname is not None
    assert parts.port is not None
    address = (parts.hostname, parts.port)
    loop = asyncio.get_running_loop()
    turn = asyncio.Semaphore(CONNECTING_AT_ONCE)

    async def one() -> Watching:
        async with turn:
            sock = socket.socket()
            sock.setblocking(False)
            if receive_buffer is not None:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
            await loop.sock_connect(sock, address)
            _, watching = await loop.create_connection(
                lambda: Watching(parts.netloc, path, last=last), sock=sock
            )
            return watching

    return await asyncio.gather(*(one() for _ in range(count)))


def cut_all(clients: Iterable[Watching]) -> None:
    for client in clients:
        client.cut()


def allow_descriptors(count: int) -> None:
    """Raise this process's limit of open files, which its children inherit.

    Raises AssertionError when the system does not allow so many.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    allowed = hard == resource.RLIM_INFINITY or hard >= count
    assert allowed, f"only {hard} open files are allowed; `ulimit -Hn` must be {count}"
    if soft < count:
        resource.setrlimit(resource.RLIMIT_NOFILE, (count, hard))
