"""A small SSE client over a plain socket: it can be cut anywhere, and hides nothing."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self, cast
from urllib.parse import urlsplit

CONTROL = {"connected", "heartbeat", "caught-up", "gap", "draining", "unavailable", "snapshot-end"}


@dataclass(frozen=True)
class Frame:
    """One dispatched event, as a browser would see it."""

    id: str | None
    event: str
    data: str
    retry: int | None = None

    @property
    def json(self) -> Any:
        return json.loads(self.data)

    @property
    def sequence(self) -> int:
        assert self.id is not None
        return int(self.id)


def parse_frame(block: bytes) -> Frame:
    """One frame without its blank line. Only what the bridge may send is accepted."""
    fields: dict[str, list[str]] = {}
    for line in block.decode().split("\n"):
        name, _, value = line.partition(": ")
        assert name in {"id", "event", "data", "retry"}, line
        fields.setdefault(name, []).append(value)
    assert all(len(values) == 1 for values in fields.values()), block
    first = {name: values[0] for name, values in fields.items()}
    retry = first.get("retry")
    return Frame(
        first.get("id"),
        first.get("event", "message"),
        first["data"],
        int(retry) if retry is not None else None,
    )


class SseClient:
    """One connection to one stream. Remembers every frame, and the last id for a resume."""

    def __init__(
        self,
        url: str,
        path: str,
        *,
        last_id: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        self.url = url
        self.path = path
        self.last_id = last_id
        self.headers = headers or {}
        self.frames: list[Frame] = []
        self.status = 0
        self.response_headers: dict[str, str] = {}
        self.ended = False
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._buffer = b""

    async def open(self) -> Self:
        """Connect, send the request, read the head of the response."""
        parts = urlsplit(self.url)
        assert parts.hostname is not None
        self._reader, self._writer = await asyncio.open_connection(parts.hostname, parts.port)
        headers = {"Host": parts.netloc, "Accept": "text/event-stream", **self.headers}
        if self.last_id is not None:
            headers["Last-Event-ID"] = self.last_id
        head = f"GET {self.path} HTTP/1.1\r\n"
        head += "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        self._writer.write((head + "\r\n").encode())
        await self._read_head()
        self.ended = False
        self._buffer = b""
        return self

    async def next(self, within: float = 10.0) -> Frame:
        """The next frame. Raises EOFError at the end of the stream."""
        async with asyncio.timeout(within):
            while b"\n\n" not in self._buffer:
                self._buffer += await self._read_chunk()
        block, _, self._buffer = self._buffer.partition(b"\n\n")
        frame = parse_frame(block)
        self.frames.append(frame)
        if frame.id is not None:
            self.last_id = frame.id
        return frame

    async def until(self, check: Callable[[Frame], bool], *, within: float = 15.0) -> list[Frame]:
        """Frames up to and with the first that fits."""
        taken: list[Frame] = []
        async with asyncio.timeout(within):
            while True:
                taken.append(await self.next(within))
                if check(taken[-1]):
                    return taken

    async def events(self, count: int, *, within: float = 20.0) -> list[Frame]:
        """The next `count` events, control frames left out."""
        taken: list[Frame] = []
        async with asyncio.timeout(within):
            while len(taken) < count:
                frame = await self.next(within)
                if frame.event not in CONTROL:
                    taken.append(frame)
        return taken

    async def until_event(self, name: str, *, within: float = 15.0) -> Frame:
        """The next frame of this name; what comes before stays in `frames`."""
        return (await self.until(lambda frame: frame.event == name, within=within))[-1]

    async def rest(self, *, within: float = 15.0) -> list[Frame]:
        """Every frame up to the end of the stream."""
        taken: list[Frame] = []
        try:
            while True:
                taken.append(await self.next(within))
        except EOFError:
            return taken

    def stop_reading(self) -> None:
        """Take nothing more from the socket, as a browser tab that is frozen."""
        assert self._writer is not None
        cast("asyncio.Transport", self._writer.transport).pause_reading()

    async def close(self) -> None:
        """Cut the connection."""
        if self._writer is not None:
            self._writer.transport.abort()
            self._writer = None

    async def reopen(self) -> Self:
        """Cut, and come back with the last id, as a browser does."""
        await self.close()
        return await self.open()

    async def __aenter__(self) -> Self:
        return await self.open()

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def _read_head(self) -> None:
        assert self._reader is not None
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode()
        first, *lines = head.strip().split("\r\n")
        self.status = int(first.split()[1])
        pairs = (line.partition(": ") for line in lines)
        self.response_headers = {name.lower(): value for name, _, value in pairs}

    async def _read_chunk(self) -> bytes:
        """One piece of the body. Raises EOFError at its end, clean or not."""
        assert self._reader is not None
        if self.ended:
            raise EOFError
        try:
            data = await self._read_body()
        except (ConnectionError, asyncio.IncompleteReadError) as error:
            self.ended = True
            raise EOFError from error
        if not data:
            self.ended = True
            raise EOFError
        return data

    async def _read_body(self) -> bytes:
        assert self._reader is not None
        if self.response_headers.get("transfer-encoding") != "chunked":
            return await self._reader.read(65536)
        size = int((await self._reader.readuntil(b"\r\n")).strip() or b"0", 16)
        data = await self._reader.readexactly(size)
        await self._reader.readexactly(2)
        return data
