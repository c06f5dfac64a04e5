"""Workers in processes of their own, to be frozen and killed."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class WorkerProcess:
    """A worker that can be treated badly."""

    process: subprocess.Popen[bytes]

    def kill(self) -> None:
        """End it as a power cut would."""
        self.process.kill()
        self.process.wait(timeout=10)

    def freeze(self) -> None:
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    def terminate(self) -> int:
        """Ask it to stop; the exit code."""
        self.process.terminate()
        return self.process.wait(timeout=20)


def spawn(module: str, url: str, *, ack_wait_seconds: float) -> WorkerProcess:
    """A worker of `tests.worker.<module>`."""
    command = [sys.executable, "-m", f"tests.worker.{module}", url, str(ack_wait_seconds)]
    return WorkerProcess(subprocess.Popen(command, cwd=ROOT))


@contextlib.contextmanager
def stuck_agent(url: str, *, ack_wait_seconds: float = 1.0) -> Generator[WorkerProcess]:
    """A worker whose first attempt at a task says "begun" and then waits until it may go on."""
    worker = spawn("stuck_agent", url, ack_wait_seconds=ack_wait_seconds)
    try:
        yield worker
    finally:
        worker.kill()
