"""HTTP by hand: what is sent is exactly what is written, what comes back is shown whole."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Answer:
    """A whole response. Header names are in lower case; none is merged with another."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str | None:
        """The only header of this name."""
        values = [value for each, value in self.headers if each == name]
        assert len(values) <= 1, values
        return values[0] if values else None

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    def assert_problem(self, status: int) -> dict[str, Any]:
        """Check that this is a refusal in the form of RFC 9457; return what it says."""
        assert self.status == status, self
        assert self.header("content-type") == "application/problem+json"
        assert self.header("cache-control") == "no-store"
        assert self.json["status"] == status
        assert self.json["title"]
        return self.json


async def exchange(url: str, request: bytes, *, within: float = 10.0) -> bytes:
    """Send bytes, return all that comes until the server hangs up."""
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    try:
        writer.write(request)
        async with asyncio.timeout(within):
            return await reader.read()
    finally:
        writer.transport.abort()


async def ask(url: str, target: str | bytes, *, method: str = "GET", **headers: str) -> Answer:
    """One request whose response ends by itself; `target` stands in the request as it is."""
    raw = target.encode() if isinstance(target, str) else target
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    lines = {"Host": urlsplit(url).netloc, "Connection": "close", **named}
    head = b"%b %b HTTP/1.1\r\n" % (method.encode(), raw)
    head += b"".join(f"{name}: {value}\r\n".encode() for name, value in lines.items())
    return parse_answer(await exchange(url, head + b"\r\n"))


async def send(url: str, target: str, body: object) -> Answer:
    """POST a body: bytes as they are, anything else as JSON."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    head = f"POST {target} HTTP/1.1\r\nHost: {urlsplit(url).netloc}\r\nConnection: close\r\n"
    head += f"Content-Type: application/json\r\nContent-Length: {len(data)}\r\n\r\n"
    return parse_answer(await exchange(url, head.encode() + data))


def parse_answer(data: bytes) -> Answer:
    """Take a response apart."""
    head, _, body = data.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = [
        (name.lower(), value.strip()) for name, _, value in (line.partition(":") for line in lines)
    ]
    if ("transfer-encoding", "chunked") in headers:
        body = join_chunks(body)
    return Answer(int(first.split()[1]), headers, body)


def join_chunks(data: bytes) -> bytes:
    """The body that came in chunks; all of them, or AssertionError."""
    body = b""
    while True:
        line, _, data = data.partition(b"\r\n")
        size = int(line, 16)
        if not size:
            assert data == b"\r\n", data
            return body
        assert data[size : size + 2] == b"\r\n"
        body, data = body + data[:size], data[size + 2 :]
