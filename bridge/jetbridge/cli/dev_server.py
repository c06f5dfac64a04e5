"""Choosing a port for the NATS server of `jetbridge dev`, and sparing one that still runs."""

from __future__ import annotations

import json
from pathlib import Path

from jetbridge.embedded import accepts_connections
from jetbridge.server import listen
from jetbridge_schemas.errors import JetbridgeError

DEFAULT_NATS_PORT = 4222


def choose_nats_port(asked: int | None) -> int:
    """The port to start NATS on; 0 lets it choose. Raises JetbridgeError if `asked` is taken."""
    if asked is None:
        return DEFAULT_NATS_PORT if _is_free(DEFAULT_NATS_PORT) else 0
    if not _is_free(asked):
        raise JetbridgeError(
            f"port {asked}, wanted for NATS, is taken",
            hint="choose another with --nats-port, or leave it out for any free one",
        )
    return asked


def check_not_running(data_dir: Path) -> None:
    """Raise JetbridgeError when a NATS server already works on `data_dir`.

    Two servers on one store would destroy it.
    """
    for path in data_dir.glob("nats-server_*.ports"):
        port = _port_in(path)
        if port is not None and accepts_connections(port):
            process = path.stem.removeprefix("nats-server_")
            raise JetbridgeError(
                f"a NATS server (process {process}) already uses {data_dir}",
                hint=f"stop it with `kill {process}`, or choose another --data-dir",
            )


def _port_in(path: Path) -> int | None:
    try:
        return int(json.loads(path.read_text())["nats"][0].rpartition(":")[2])
    except (OSError, ValueError, LookupError, TypeError):
        return None


def _is_free(port: int) -> bool:
    try:
        listen("127.0.0.1", port).close()
    except JetbridgeError:
        return False
    return True
