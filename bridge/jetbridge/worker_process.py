"""A worker as its supervisor sees it: a process that is started, told things, and ends."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
from asyncio.subprocess import PIPE, Process

import msgspec

from jetbridge.worker import Order, Report
from jetbridge_schemas.errors import JetbridgeError


class WorkerError(JetbridgeError):
    """A worker could not start, or did not end."""


class WorkerProcess:
    """One worker, which may be started again and again."""

    def __init__(self, order: Order) -> None:
        self.order = order
        self._process: Process | None = None

    @property
    def pid(self) -> int:
        """The process id of the last start, 0 before the first."""
        return self._process.pid if self._process else 0

    @property
    def running(self) -> bool:
        """True from the start to the end of the process."""
        return self._process is not None and self._process.returncode is None

    async def start(self) -> str:
        """Run a process until it serves; returns its URL. Raises WorkerError if it ends first."""
        process = self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "jetbridge.worker"),
            stdin=PIPE,
            stdout=PIPE,
            # A terminal's Ctrl-C is for the supervisor, which passes it on once.
            start_new_session=True,
        )
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(msgspec.json.encode(self.order) + b"\n")
        line = await process.stdout.readline()
        report = msgspec.json.decode(line, type=Report) if line else Report()
        if report.url:
            return report.url
        ended = in_words(await process.wait())
        unsaid = f"worker {self.order.number} {ended} before it served"
        raise WorkerError(report.failed or unsaid, hint=report.hint)

    async def ended(self) -> int:
        """Wait for the end of the process; returns its exit code, negative for a signal."""
        assert self._process is not None
        return await self._process.wait()

    def tell(self, number: signal.Signals) -> None:
        """Send a signal to the process, if it runs."""
        if self._process is not None and self.running:
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(number)


def in_words(exit_code: int) -> str:
    """How a process ended."""
    if exit_code >= 0:
        return f"ended with exit code {exit_code}"
    try:
        return f"was killed by {signal.Signals(-exit_code).name}"
    except ValueError:
        return f"was killed by signal {-exit_code}"
