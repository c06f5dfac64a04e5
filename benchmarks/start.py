"""Work: starting the bridge."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks import bridge


@dataclass(frozen=True)
class Start:
    """`jetbridge serve` on a NATS server that runs, until it says `ready`."""

    def run(self) -> dict[str, float]:
        """Measure once; a start before it makes the streams."""
        with bridge.nats_server() as nats:
            with bridge.bridge(nats):
                pass
            with bridge.bridge(nats) as server:
                return {"ready_seconds": server.start_seconds}
