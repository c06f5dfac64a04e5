"""The bridge under test: `jetbridge serve` in a process of its own, on a NATS server of its own."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Mapping
from pathlib import Path
from typing import IO

import psutil

from benchmarks.load import LoadError
from jetbridge.embedded import NatsServer

EVENTS = "/api/v1/stream/events"
AGENT = "/api/v1/stream/agents/agent-%d"
SUBJECT = "evt.default.agent-%d.-.agent.status"

SETTINGS = {
    "JETBRIDGE_STREAM_MANAGE": "create",
    "JETBRIDGE_MAX_CLIENTS_PER_STREAM": "0",
    "JETBRIDGE_PORT": "0",
    "JETBRIDGE_LOG_LEVEL": "warning",
}
"""All other settings are the defaults: validation, filters and guarantees are on."""


class BridgeProcess:
    """A running bridge: where it listens, and what it has used so far."""

    def __init__(self, process: subprocess.Popen[str], url: str, start_seconds: float) -> None:
        self.pid = process.pid
        self.port = int(url.rpartition(":")[2])
        self.start_seconds = start_seconds
        self._process = psutil.Process(process.pid)

    def cpu_seconds(self) -> float:
        """Processor time used since it started, in user and kernel mode."""
        used = self._process.cpu_times()
        return used.user + used.system

    def memory_bytes(self) -> int:
        """Resident memory."""
        return self._process.memory_info().rss


@contextlib.contextmanager
def nats_server() -> Generator[NatsServer]:
    """A nats-server with an empty store; killed at the end, since nothing is to be kept."""
    with tempfile.TemporaryDirectory(prefix="jetbridge-bench-") as folder:
        server = NatsServer(Path(folder) / "nats").start()
        try:
            yield server
        finally:
            server.kill()


@contextlib.contextmanager
def bridge(nats: NatsServer, settings: Mapping[str, str] | None = None) -> Generator[BridgeProcess]:
    """`jetbridge serve`, from the moment it is ready until the block ends."""
    environment = {**os.environ, **SETTINGS, "JETBRIDGE_NATS": nats.url, **(settings or {})}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed bridge is compiled once
    command = [sys.executable, "-m", "jetbridge.cli", "serve"]
    with tempfile.TemporaryFile("w+") as log:
        started = time.monotonic()
        process = subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=log, text=True
        )
        try:
            url = _ready_url(process, log)
            yield BridgeProcess(process, url, time.monotonic() - started)
        finally:
            process.kill()
            process.communicate()


def _ready_url(process: subprocess.Popen[str], log: IO[str]) -> str:
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line.startswith("ready "):
        log.seek(0)
        raise LoadError(f"the bridge did not start: {log.read().strip()}")
    return line.split()[1]
