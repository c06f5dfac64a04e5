"""Work: clients that are connected and get nothing, and the memory they cost."""

from __future__ import annotations

import time
from dataclasses import dataclass

from benchmarks import bridge, load, peer

SETTLE_SECONDS = 2.0


@dataclass(frozen=True)
class IdleClients:
    """`clients` streams of everything, while nothing happens."""

    clients: int

    def run(self) -> dict[str, float]:
        """Measure once: resident memory with all of them connected, less that without."""
        figures = {"kb_per_client": self._bridge()}
        if peer.module():
            figures["peer_kb_per_client"] = self._peer()
        return figures

    def _bridge(self) -> float:
        with bridge.nats_server() as nats, bridge.bridge(nats) as server:
            before = server.memory_bytes()
            with load.Watchers(server.port, self.clients, [bridge.EVENTS]) as watchers:
                watchers.ready()
                time.sleep(SETTLE_SECONDS)
                return (server.memory_bytes() - before) / self.clients / 1024

    def _peer(self) -> float:
        with peer.nchan() as server:
            before = server.memory_bytes()
            with load.Watchers(
                server.port, self.clients, [peer.EVENTS], until="headers"
            ) as watchers:
                watchers.ready()
                time.sleep(SETTLE_SECONDS)
                return (server.memory_bytes() - before) / self.clients / 1024
