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
    """`python -m tests.worker.stuck_agent`."""

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


@contextlib.contextmanager
def stuck_agent(url: str, *, ack_wait_seconds: float = 1.0) -> Generator[WorkerProcess]:
    """A worker whose first attempt at a task says "begun" and then waits until it may go on."""
    command = [sys.executable, "-m", "tests.worker.stuck_agent", url, str(ack_wait_seconds)]
    process = subprocess.Popen(command, cwd=ROOT)
    try:
        yield WorkerProcess(process)
    finally:
        process.kill()
        process.wait(timeout=10)
