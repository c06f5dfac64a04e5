"""Work: most of the clients lose their connections and come back all at once."""

from __future__ import annotations

import threading
from dataclasses import dataclass

import httpx2

from benchmarks import bridge, load

BEHIND_EVENTS = 500


class Source:
    """Publishes at a steady rate; its events are numbered from the first to the last."""

    def __init__(self, nats_port: int, rate: float) -> None:
        self._nats_port = nats_port
        self._rate = rate
        self._next = 1

    def fill(self, events: int) -> None:
        """Publish so many as fast as possible."""
        self._publish(events, 0.0)

    def run(self, seconds: float) -> int:
        """Publish for so long; returns how many events that were."""
        return self._publish(int(self._rate * seconds), self._rate)

    def _publish(self, events: int, rate: float) -> int:
        first, self._next = self._next, self._next + events
        load.publish(self._nats_port, bridge.SUBJECT, events, rate=rate, first=first)
        return events


@dataclass(frozen=True)
class ReconnectStorm:
    """`staying` clients stay connected; `returning` ones are cut, and come back together,
    each 500 events behind. All the time `rate` events a second are published."""

    staying: int
    returning: int
    rate: float
    seconds: float

    def run(self) -> dict[str, float]:
        """Measure once: until the last has caught up, and what the others felt of it."""
        with bridge.nats_server() as nats, bridge.bridge(nats) as server:
            source = Source(nats.port, self.rate)
            source.fill(2 * BEHIND_EVENTS)
            with load.Watchers(server.port, self.staying, [bridge.EVENTS]) as stay:
                before = self._all_connected(server, stay, source)
                returned, during = self._storm(server, stay, source)
        return {
            "caught_up_seconds": returned.ready_ms.max / 1000,
            "p99_before_ms": before.latency_ms.p99,
            "p99_during_ms": during.latency_ms.p99,
            "p99_growth": during.latency_ms.p99 / before.latency_ms.p99,
            "disordered": before.disordered + during.disordered + returned.disordered,
            "lost": max(BEHIND_EVENTS - returned.fewest, 0),
        }

    def _all_connected(
        self, server: bridge.BridgeProcess, stay: load.Watchers, source: Source
    ) -> load.Report:
        """What those see who will stay, while all are connected and nothing happens."""
        with load.Watchers(server.port, self.returning, [bridge.EVENTS]) as leave:
            stay.ready()
            leave.ready()
            stay.received(source.run(1.0) * self.staying)
            stay.reset()
            return stay.received(source.run(self.seconds) * self.staying)

    def _storm(
        self, server: bridge.BridgeProcess, stay: load.Watchers, source: Source
    ) -> tuple[load.Report, load.Report]:
        """What those saw who came back, and those who stayed while they came."""
        last_seen = last_sequence(server) - BEHIND_EVENTS
        stay.reset()
        publishing = threading.Thread(target=source.run, args=(self.seconds,))
        publishing.start()
        try:
            with load.Watchers(
                server.port, self.returning, [bridge.EVENTS], last_event_id=last_seen
            ) as back:
                return back.ready(), stay.report()
        finally:
            publishing.join()


def last_sequence(server: bridge.BridgeProcess) -> int:
    """The sequence of the newest event in the stream."""
    answer = httpx2.get(
        f"http://127.0.0.1:{server.port}{bridge.EVENTS}?limit=1",
        headers={"Accept": "application/json"},
    )
    return int(answer.raise_for_status().json()["last_seq"])
