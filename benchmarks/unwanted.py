"""Work: events that nobody wants, and whether it matters how many do not want them."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks import bridge, load

PATHS = (
    f"{bridge.EVENTS}?agents=nobody-%d",
    f"{bridge.EVENTS}?jobs=nothing-%d",
    f"{bridge.EVENTS}?event_types=never.%d",
)


@dataclass(frozen=True)
class UnwantedEvents:
    """`filters` clients with a filter each, by agent, job and type in turn; none matches."""

    filters: int
    rate: float
    seconds: float
    agents: int = 1000

    def run(self) -> dict[str, float]:
        """Measure once: all filters, between two measurements with one filter alone."""
        with bridge.nats_server() as nats, bridge.bridge(nats) as server:
            one = self._cores(nats.port, server, 1)
            many = self._cores(nats.port, server, self.filters)
            one = (one + self._cores(nats.port, server, 1)) / 2
        return {"cores": many, "cpu_ratio": many / one}

    def _cores(self, nats_port: int, server: bridge.BridgeProcess, filters: int) -> float:
        with load.Watchers(server.port, filters, PATHS) as watchers:
            watchers.ready()
            self._publish(nats_port, 1.0)
            before = server.cpu_seconds()
            published = self._publish(nats_port, self.seconds)
            return (server.cpu_seconds() - before) / published.seconds

    def _publish(self, nats_port: int, seconds: float) -> load.Published:
        events = int(self.rate * seconds)
        return load.publish(nats_port, bridge.SUBJECT, events, rate=self.rate, agents=self.agents)
