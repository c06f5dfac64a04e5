"""Work: many clients, events at a steady rate, each written to all who want it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from benchmarks import bridge, load, peer
from benchmarks.measuring import WARM_UP_EVENTS, WARM_UP_SECONDS, measure

PEER_FIGURES = {
    "p50_ms": "peer_p50_ms",
    "p99_ms": "peer_p99_ms",
    "lost": "peer_lost",
    "delivery_us": "peer_delivery_us",
}


@dataclass(frozen=True)
class FanOut:
    """`clients` streams, `rate` events a second in all, for `seconds`.

    All watch everything, or each the events of one of `agents` alone. With `against_peer`
    nchan does the same afterwards.
    """

    clients: int
    rate: float
    seconds: float
    agents: int = 10
    one_agent_each: bool = False
    against_peer: bool = False

    def run(self) -> dict[str, float]:
        """Measure once."""
        figures = self.of_bridge()
        if self.against_peer and peer.module():
            seen = self.of_peer()
            figures |= {name: seen[ours] for ours, name in PEER_FIGURES.items()}
            figures["p99_ratio"] = figures["p99_ms"] / seen["p99_ms"]
        return figures

    def of_peer(self) -> dict[str, float]:
        """The same figures for nchan, whose clients all watch one channel."""
        with (
            peer.nchan() as server,
            load.Watchers(server.port, self.clients, [peer.EVENTS], until="headers") as watchers,
        ):
            watchers.ready()
            publish = partial(
                load.publish, server.port, peer.PUBLISH, protocol="http", rate=self.rate
            )
            return measure(
                watchers, publish, server.cpu_seconds, events=self._events, warm_up=self._warm_up
            )

    def of_bridge(self) -> dict[str, float]:
        """The figures of the bridge alone."""
        path = bridge.AGENT if self.one_agent_each else bridge.EVENTS
        with bridge.nats_server() as nats, bridge.bridge(nats) as server:
            memory = server.memory_bytes()
            with load.Watchers(server.port, self.clients, [path], distinct=self.agents) as watchers:
                watchers.ready()
                grown = server.memory_bytes() - memory
                publish = partial(
                    load.publish, nats.port, bridge.SUBJECT, rate=self.rate, agents=self.agents
                )
                seen = measure(
                    watchers,
                    publish,
                    server.cpu_seconds,
                    events=self._events,
                    warm_up=self._warm_up,
                    share=1 / self.agents if self.one_agent_each else 1.0,
                )
        return seen | {"kb_per_client": grown / self.clients / 1024}

    @property
    def _events(self) -> int:
        return self._whole(self.rate * self.seconds)

    @property
    def _warm_up(self) -> int:
        return self._whole(max(self.rate * WARM_UP_SECONDS, WARM_UP_EVENTS))

    def _whole(self, events: float) -> int:
        """A number of events of which each agent gets the same."""
        return max(round(events / self.agents), 1) * self.agents


@dataclass(frozen=True)
class Saturation:
    """As FanOut; then the most deliveries a second that are made without loss, compared with
    the most that nchan makes at all. `rates` and `peer_rates` are what is tried."""

    fan_out: FanOut
    rates: tuple[float, ...]
    peer_rates: tuple[float, ...]
    seconds: float

    def run(self) -> dict[str, float]:
        """Measure once."""
        figures = self.fan_out.run()
        tried = [figures, *(self._at(rate).of_bridge() for rate in self.rates)]
        figures["best_rate"] = max(each["rate"] for each in tried if not each["lost"])
        if peer.module():
            best = max(self._at(rate).of_peer()["rate"] for rate in self.peer_rates)
            figures |= {"peer_best_rate": best, "rate_ratio": figures["best_rate"] / best}
        return figures

    def _at(self, rate: float) -> FanOut:
        return FanOut(self.fan_out.clients, rate, self.seconds)
