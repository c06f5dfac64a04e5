"""Publishing to clients that watch, and what came of it."""

from __future__ import annotations

from collections.abc import Callable

from benchmarks.load import Published, Report, Watchers

WARM_UP_SECONDS = 1.0
WARM_UP_EVENTS = 20
"""What goes first and does not count: memory is touched, caches are filled."""


def measure(
    watchers: Watchers,
    publish: Callable[[int], Published],
    cpu_seconds: Callable[[], float],
    *,
    events: int,
    warm_up: int,
    share: float = 1.0,
) -> dict[str, float]:
    """Publish `events` events, of which each client is to get `share`, and report.

    `publish` publishes so many, and returns when they are stored.
    """
    publish(warm_up)
    watchers.received(int(warm_up * share) * watchers.clients, quiet_seconds=2.0)
    watchers.reset()
    before = cpu_seconds()
    published = publish(events)
    used = cpu_seconds() - before
    each = int(events * share)
    report = watchers.received(each * watchers.clients)
    return figures(report, published, used, expected=each * watchers.clients)


def figures(
    report: Report, published: Published, cpu_seconds: float, *, expected: int
) -> dict[str, float]:
    """The figures of a run in which `expected` deliveries were to be made."""
    return {
        "p50_ms": report.latency_ms.p50,
        "p99_ms": report.latency_ms.p99,
        "max_ms": report.latency_ms.max,
        "lost": expected - report.events,
        "disordered": report.disordered,
        "cut": report.closed,
        "rate": report.events / max(report.span_seconds, 1e-3),
        "cores": cpu_seconds / published.seconds,
        "delivery_us": cpu_seconds / max(report.events, 1) * 1e6,
    }
