"""A client of one stream that does as little as it can, so that the bridge is measured."""

from __future__ import annotations

import asyncio
import ssl
import time
from http import HTTPStatus
from typing import cast
from urllib.parse import urlsplit

import httptools
import msgspec

from jetbridge.cli.latencies import Latencies
from jetbridge_schemas.errors import JetbridgeError

BENCH_TYPE = "jetbridge.bench"
CAUGHT_UP, UNAVAILABLE = b"caught-up", b"unavailable"
CONNECT_SECONDS = 30.0
CUT = "the bridge ended the connection"


class BenchError(JetbridgeError):
    """The stream cannot be had."""


class Tick(msgspec.Struct):
    """The part of an event that is looked at: its number, and when it was published."""

    n: int
    ts: int


class BenchClient(asyncio.Protocol):
    """Counts the events of one stream, and notes how long each was under way.

    `last` is the number of the newest; `disordered` counts events that came twice, or
    after a newer one. `lost_connection` becomes true when the bridge hangs up.
    """

    def __init__(self, request: bytes, latencies: Latencies) -> None:
        self.events = 0
        self.last = 0
        self.disordered = 0
        self.lost_connection = False
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._request = request
        self._transport: asyncio.Transport | None = None
        self._latencies = latencies
        self._parser = httptools.HttpResponseParser(self)
        self._text = b""
        self._received = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the stream."""
        self._transport = cast("asyncio.Transport", transport)
        self._transport.write(self._request)

    def connection_lost(self, exc: Exception | None) -> None:
        """The bridge has hung up, or we have."""
        self.lost_connection = True
        self._fail(CUT)

    def close(self) -> None:
        """Hang up."""
        if self._transport is not None:
            self._transport.abort()

    def data_received(self, data: bytes) -> None:
        """Take what came, wherever it is cut."""
        self._received = time.time_ns()
        self._parser.feed_data(data)

    def on_headers_complete(self) -> None:
        """Called by the parser."""
        status = self._parser.get_status_code()
        if status != HTTPStatus.OK:
            self._fail(f"the bridge refused: {status}")

    def on_body(self, body: bytes) -> None:
        """Called by the parser, with whole frames and parts of frames."""
        *frames, self._text = (self._text + body).split(b"\n\n")
        for frame in frames:
            self._take(frame)

    def _take(self, frame: bytes) -> None:
        _, _, rest = frame.partition(b"\nevent: ")
        name, _, data = rest.partition(b"\ndata: ")
        if name == CAUGHT_UP and not self.ready.done():
            self.ready.set_result(None)
        elif name == UNAVAILABLE:
            self._fail(f"the bridge has no stream just now: {data.decode(errors='replace')}")
        elif name == BENCH_TYPE.encode():
            self._count(msgspec.json.decode(data, type=Tick))

    def _count(self, tick: Tick) -> None:
        self.events += 1
        self.disordered += tick.n <= self.last
        self.last = max(self.last, tick.n)
        self._latencies.record((self._received - tick.ts) / 1e9)

    def _fail(self, why: str) -> None:
        if not self.ready.done():
            self.ready.set_exception(BenchError(why))


async def open_client(url: str, latencies: Latencies) -> BenchClient:
    """Open the stream at `url`, and wait until it is live. Raises BenchError."""
    where = urlsplit(url)
    secure = where.scheme == "https"
    target = where.path + (f"?{where.query}" if where.query else "")
    request = (
        f"GET {target} HTTP/1.1\r\nHost: {where.netloc.rpartition('@')[2]}\r\n"
        "Accept: text/event-stream\r\n\r\n"
    ).encode()
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            transport, client = await asyncio.get_running_loop().create_connection(
                lambda: BenchClient(request, latencies),
                where.hostname or "",
                where.port or (443 if secure else 80),
                ssl=ssl.create_default_context() if secure else None,
            )
            try:
                await client.ready
            except BaseException:
                transport.abort()
                raise
    except (OSError, TimeoutError) as error:
        raise BenchError(
            f"cannot open {url}: {str(error) or 'no answer in time'}",
            hint="start a bridge with `jetbridge dev`, or say where it is with --url",
        ) from error
    return client
