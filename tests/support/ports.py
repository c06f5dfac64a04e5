"""Ports that stay ours while nobody listens on them."""

from __future__ import annotations

import itertools
import os
import socket
from pathlib import Path

RANGE = Path("/proc/sys/net/ipv4/ip_local_port_range")
LOWEST = 15_000

_turn = itertools.count()


def steady_port() -> int:
    """A free port on loopback below those that the system hands to outgoing connections.

    A server that is killed and started again finds it free. A port out of the system's
    own range may be taken meanwhile, even by a client that tries to reach the dead server
    and is connected to itself.
    """
    highest = int(RANGE.read_text().split()[0]) if RANGE.exists() else 32_768
    span = highest - LOWEST
    while True:
        port = LOWEST + (os.getpid() * 97 + next(_turn)) % span
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
