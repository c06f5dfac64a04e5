"""A TCP proxy that can stall, lose everything, or break connections in the middle of a frame."""

from __future__ import annotations

import asyncio
import contextlib
from random import Random
from typing import Self

from tests.support.ports import steady_port

CHUNK = 64 * 1024


class Crossing:
    """One connection through the proxy."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writers = [writer]
        self.lost = False
        """Nothing passes any more, and neither side is told."""
        self.condemned = False
        """The next piece of data is cut short, and the connection with it."""
        self.gone = asyncio.Event()

    def break_off(self) -> None:
        for writer in self.writers:
            writer.transport.abort()


class TcpProxy:
    """Stands between clients and `host:port`; see `stall`, `swallow` and `cut`."""

    def __init__(self, port: int, *, host: str = "127.0.0.1", dice: Random) -> None:
        self.port = steady_port()
        self._target = (host, port)
        self._dice = dice
        self._open = asyncio.Event()
        self._open.set()
        self._swallowing = False
        self._crossings: set[Crossing] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    def stall(self) -> None:
        """Let nothing pass until `heal`; then everything that waits follows."""
        self._open.clear()

    def swallow(self) -> None:
        """Lose everything until `heal`, as a network does that drops packets and tells nobody.
        What is connected meanwhile stays dead for ever, and never hears of it."""
        self._swallowing = True
        for crossing in self._crossings:
            crossing.lost = True

    def heal(self) -> None:
        """Let data pass again."""
        self._swallowing = False
        self._open.set()

    async def cut(self) -> None:
        """Break every connection in the middle of what it carries next; returns when all
        that carry anything within two seconds are broken."""
        for crossing in self._crossings:
            crossing.condemned = True
        gone = [crossing.gone.wait() for crossing in self._crossings]
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(2.0):
                await asyncio.gather(*gone)

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for crossing in tuple(self._crossings):
            crossing.break_off()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        crossing = Crossing(reader, writer)
        crossing.lost = self._swallowing
        self._crossings.add(crossing)
        task = asyncio.create_task(self._serve(crossing))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, crossing: Crossing) -> None:
        try:
            with contextlib.suppress(OSError):
                await self._carry(crossing)
        finally:
            crossing.break_off()
            crossing.gone.set()
            self._crossings.discard(crossing)

    async def _carry(self, crossing: Crossing) -> None:
        """Both directions, until one side has gone; a lost crossing, until both have."""
        near = crossing.writers[0]
        await self._open.wait()
        if crossing.lost:
            await self._pump(crossing, crossing.reader, near)
            return
        reader, far = await asyncio.open_connection(*self._target)
        crossing.writers.append(far)
        pumps = [
            asyncio.create_task(self._pump(crossing, crossing.reader, far)),
            asyncio.create_task(self._pump(crossing, reader, near)),
        ]
        try:
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
            if crossing.lost:
                await asyncio.wait(pumps)
        finally:
            for pump in pumps:
                pump.cancel()
            await asyncio.gather(*pumps, return_exceptions=True)

    async def _pump(
        self, crossing: Crossing, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(CHUNK):
                await self._open.wait()
                if crossing.lost:
                    continue
                if crossing.condemned:
                    writer.write(data[: self._dice.randrange(len(data))])
                    return
                writer.write(data)
                await writer.drain()
            if not crossing.lost:
                writer.close()
                await writer.wait_closed()
