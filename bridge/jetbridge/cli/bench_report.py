"""What `jetbridge bench` has measured, for people and for programs. Pure."""

from __future__ import annotations

import msgspec


class Milliseconds(msgspec.Struct, frozen=True):
    """From publishing to the client, in milliseconds."""

    p50: float
    p90: float
    p99: float
    max: float


class BenchReport(msgspec.Struct, frozen=True):
    """One run. Memory is the bridge's, in bytes, if it runs on this machine."""

    clients: int
    connect_seconds: float
    published: int
    publish_seconds: float
    expected: int
    delivered: int
    disordered: int
    cut: int
    latency_ms: Milliseconds
    memory_bytes: int | None
    memory_bytes_per_client: int | None

    @property
    def lost(self) -> int:
        """Deliveries that were never made."""
        return self.expected - self.delivered

    @property
    def flawless(self) -> bool:
        """True if every client got every event once, in order, over one connection."""
        return not (self.lost or self.disordered or self.cut)

    def for_programs(self) -> str:
        """One JSON object on one line."""
        return msgspec.json.encode({**msgspec.to_builtins(self), "lost": self.lost}).decode()

    def for_people(self) -> str:
        """A few lines."""
        times = self.latency_ms
        rate = self.published / max(self.publish_seconds, 1e-9)
        rows = [
            ("clients", f"{self.clients:,} connected in {self.connect_seconds:.1f} s"),
            ("published", f"{self.published:,} events, {rate:,.0f} a second, all acknowledged"),
            ("delivered", f"{self.delivered:,} of {self.expected:,}{self._flaws()}"),
            (
                "latency",
                f"p50 {times.p50:,.1f} ms · p90 {times.p90:,.1f} ms · p99 {times.p99:,.1f} ms"
                f" · longest {times.max:,.1f} ms",
            ),
            ("memory", self._memory()),
        ]
        return "\n".join(f"{name:<10} {text}" for name, text in rows)

    def _flaws(self) -> str:
        told = ((self.lost, "LOST"), (self.disordered, "OUT OF ORDER"), (self.cut, "CUT"))
        flaws = [f"{count:,} {what}" for count, what in told if count]
        return ": " + ", ".join(flaws) if flaws else ", each once and in order"

    def _memory(self) -> str:
        if self.memory_bytes is None or self.memory_bytes_per_client is None:
            return "unknown: the bridge is not on this machine"
        each = self.memory_bytes_per_client / 1024
        return f"{self.memory_bytes / 1024**2:,.0f} MB, {each:,.1f} KB of it for each client"
