"""The command line as its users run it: a process of its own."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import IO


@dataclass
class Running:
    """A command that prints `ready URL NATS-URL`."""

    process: subprocess.Popen[str]
    url: str
    nats: str

    def end(self, signum: int) -> int:
        """Send a signal; the exit code."""
        self.process.send_signal(signum)
        return self.process.wait(timeout=20)


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "jetbridge.cli", *arguments]


@contextlib.contextmanager
def running(*arguments: str, stderr: IO[str], cwd: Path | None = None) -> Generator[Running]:
    """`jetbridge` with these arguments, once it is ready; killed at the end if it still runs."""
    process = subprocess.Popen(
        command(*arguments), stdout=subprocess.PIPE, stderr=stderr, text=True, cwd=cwd
    )
    assert process.stdout is not None
    with process:
        try:
            line = process.stdout.readline()
            assert line.startswith("ready http://"), f"it printed {line!r}; see standard error"
            _, url, nats = line.split()
            yield Running(process, url, nats)
        finally:
            process.kill()
