"""A bridge in a process of its own: killed, frozen, drained and measured from outside."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import msgspec
import psutil

from tests.support.ports import steady_port

READY_SECONDS = 60.0

SERVE = ("jetbridge.cli", "serve")
INSPECTED = ("tests.support.inspected_bridge",)


@dataclass(frozen=True)
class Vitals:
    """What a process holds."""

    resident_bytes: int
    descriptors: int
    tasks: int


class BridgeProcess:
    """`jetbridge serve` on a port that its replacement gets too.

    `settings` are those of the bridge by name. One that is `inspected` also tells how many
    tasks it has.
    """

    def __init__(
        self,
        nats_url: str,
        log_file: Path,
        *,
        settings: Mapping[str, object],
        inspected: bool = False,
    ) -> None:
        self.port = steady_port()
        self.log_file = log_file
        self._module = INSPECTED if inspected else SERVE
        given = {"nats": nats_url, "port": self.port, "stream_manage": "create"} | dict(settings)
        self._settings = {f"JETBRIDGE_{name.upper()}": str(value) for name, value in given.items()}
        self._process: Process | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def process(self) -> Process:
        assert self._process is not None, "the bridge was not started"
        return self._process

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.returncode is None

    async def start(self) -> Self:
        """Start, and wait until streams are served."""
        with self.log_file.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", *self._module),
                stdin=PIPE,
                stdout=PIPE,
                stderr=log,
                env={**os.environ, **self._settings},
            )
        async with asyncio.timeout(READY_SECONDS):
            line = await self._read_line()
        assert line.startswith(b"ready "), f"it printed {line!r}; see {self.log_file}"
        return self

    def send(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    async def kill(self) -> None:
        """SIGKILL: no goodbye, nothing written down."""
        self.send(signal.SIGKILL)
        await self.process.wait()

    async def drain(self, *, within: float) -> int:
        """SIGTERM; the exit code, or TimeoutError."""
        self.send(signal.SIGTERM)
        async with asyncio.timeout(within):
            return await self.process.wait()

    async def vitals(self) -> Vitals:
        """What it holds just now. The bridge must be an inspected one."""
        assert self.process.stdin is not None
        self.process.stdin.write(b"\n")
        tasks = msgspec.json.decode(await self._read_line(), type=int)
        return Vitals(self.resident_bytes(), self.descriptors(), tasks)

    def resident_bytes(self) -> int:
        return psutil.Process(self.process.pid).memory_info().rss

    def descriptors(self) -> int:
        return psutil.Process(self.process.pid).num_fds()

    async def __aenter__(self) -> Self:
        return await self.start()

    async def __aexit__(self, *_: object) -> None:
        if self.running:
            self.send(signal.SIGCONT)
            await self.kill()

    async def _read_line(self) -> bytes:
        assert self.process.stdout is not None
        return await self.process.stdout.readline()
