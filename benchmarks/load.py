"""The load generator: one C file, compiled when first needed, and driven by its pipes."""

from __future__ import annotations

import hashlib
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Self

import msgspec

from jetbridge_schemas.errors import JetbridgeError

SOURCE = Path(__file__).with_name("load.c")
BUILD = SOURCE.parent.parent / "build" / "benchmarks"
FLAGS = ("-O2", "-std=gnu11", "-Wall", "-Wextra")
EVENT_BYTES = 270
POLL_SECONDS = 0.02


class LoadError(JetbridgeError):
    """The load generator could not be made, or did not do what was asked."""


class Times(msgspec.Struct):
    """Percentiles in milliseconds of `count` measured times."""

    count: int
    p50: float
    p90: float
    p99: float
    p999: float
    max: float


class Report(msgspec.Struct):
    """What the watchers saw since the last reset; connections are counted from the start."""

    opened: int
    failed: int
    closed: int
    refused: int
    ready: int
    events: int
    fewest: int
    most: int
    disordered: int
    bytes: int
    reads: int
    span_seconds: float
    cpu_seconds: float
    latency_ms: Times
    ready_ms: Times


class Published(msgspec.Struct):
    """What one run of the publisher did."""

    published: int
    seconds: float
    cpu_seconds: float


def program() -> Path:
    """The compiled load generator. Raises LoadError when there is no C compiler."""
    source = SOURCE.read_bytes()
    binary = BUILD / f"load-{hashlib.sha256(source).hexdigest()[:12]}"
    if not binary.exists():
        BUILD.mkdir(parents=True, exist_ok=True)
        try:
            subprocess.run(["cc", *FLAGS, "-o", binary, SOURCE], check=True)
        except (OSError, subprocess.CalledProcessError) as error:
            raise LoadError(
                f"the load generator cannot be compiled: {error}",
                hint="it needs a C compiler: apt-get install gcc libc6-dev",
            ) from error
    return binary


class Watchers:
    """Many clients of event streams, in one process of their own; a context manager.

    `paths` are shared out among them, `%d` in each standing for the client's number modulo
    `distinct` (0: each its own). `until` is when a client counts as ready: `headers` or
    `caught-up`.
    """

    def __init__(
        self,
        port: int,
        clients: int,
        paths: Sequence[str],
        *,
        distinct: int = 0,
        until: str = "caught-up",
        last_event_id: int = 0,
    ) -> None:
        self.clients = clients
        self._process = subprocess.Popen(
            [
                str(program()),
                *("watch", "127.0.0.1", str(port), str(clients), str(distinct or clients)),
                *(until, str(last_event_id)),
                *paths,
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()

    def report(self) -> Report:
        """What has been seen since the last `reset`."""
        self._say("report")
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise LoadError(f"the load generator ended with {self._process.wait()}")
        return msgspec.json.decode(line, type=Report)

    def reset(self) -> None:
        """Begin to count anew."""
        self._say("reset")

    def ready(self, within_seconds: float = 60.0) -> Report:
        """Wait until every client is ready. Raises LoadError when one cannot be."""
        report = self._until(lambda seen: seen.ready + seen.failed >= self.clients, within_seconds)
        if report.ready < self.clients:
            raise LoadError(f"{report.ready} of {self.clients} clients are ready: {report}")
        return report

    def received(self, events: int, *, quiet_seconds: float = 5.0) -> Report:
        """Wait until so many events have come, or none for `quiet_seconds`."""
        report = self.report()
        quiet_since = time.monotonic()
        while report.events < events and time.monotonic() - quiet_since < quiet_seconds:
            time.sleep(POLL_SECONDS)
            before, report = report.events, self.report()
            if report.events != before:
                quiet_since = time.monotonic()
        return report

    def _until(self, reached: Callable[[Report], bool], within_seconds: float) -> Report:
        deadline = time.monotonic() + within_seconds
        while not reached(report := self.report()) and time.monotonic() < deadline:
            time.sleep(POLL_SECONDS)
        return report

    def _say(self, command: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{command}\n".encode())
        self._process.stdin.flush()


def publish(
    port: int,
    target: str,
    events: int,
    *,
    protocol: str = "nats",
    rate: float = 0.0,
    agents: int = 1,
    first: int = 1,
) -> Published:
    """Publish `events` events, numbered from `first` on, at `rate` a second (0: as fast as
    they are stored).

    `target` is a subject in which `%d` becomes the agent's number, or a path to POST to.
    """
    command = [
        str(program()),
        *("publish", protocol, "127.0.0.1", str(port), target),
        *(str(first), str(events), str(rate), str(agents), str(EVENT_BYTES)),
    ]
    done = subprocess.run(command, check=False, stdout=subprocess.PIPE)
    if done.returncode:
        raise LoadError(f"the publisher ended with {done.returncode}")
    return msgspec.json.decode(done.stdout, type=Published)
