"""Work: one client reads the whole history, then another reads what one agent said."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks import bridge, load

EARLIEST = "?from=earliest"


@dataclass(frozen=True)
class WholeHistory:
    """`events` events of `agents` agents in the stream, read by one client at a time."""

    events: int
    agents: int

    def run(self) -> dict[str, float]:
        """Measure once: the time from connecting to `caught-up`."""
        with bridge.nats_server() as nats, bridge.bridge(nats) as server:
            self._fill(nats.port, server)
            everything = self._read(server, bridge.EVENTS)
            one_agent = self._read(server, bridge.AGENT)
        return {
            "lost": self.events - everything.events + self.events // self.agents - one_agent.events,
            "disordered": everything.disordered + one_agent.disordered,
            "events_per_second": everything.events / everything.ready_ms.max * 1000,
            "filtered_ms": one_agent.ready_ms.max,
        }

    def _fill(self, nats_port: int, server: bridge.BridgeProcess) -> None:
        """Publish, and wait until the bridge has all of it."""
        with load.Watchers(server.port, 1, [bridge.EVENTS]) as watchers:
            watchers.ready()
            load.publish(nats_port, bridge.SUBJECT, self.events, agents=self.agents)
            watchers.received(self.events)

    def _read(self, server: bridge.BridgeProcess, path: str) -> load.Report:
        with load.Watchers(server.port, 1, [path + EARLIEST]) as watchers:
            return watchers.ready()
