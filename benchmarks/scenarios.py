"""Everything that is measured: the goals, and how cost grows."""

from __future__ import annotations

from benchmarks.fan_out import FanOut, Saturation
from benchmarks.goals import Scenario, at_least, at_most
from benchmarks.history import WholeHistory
from benchmarks.idle import IdleClients
from benchmarks.publishing import AckedPublishing
from benchmarks.reconnects import ReconnectStorm
from benchmarks.start import Start
from benchmarks.unwanted import UnwantedEvents

COMPLETE = (at_most("lost", 0), at_most("disordered", 0))

GOALS = (
    Scenario(
        "fanout",
        "1,000 clients × 100 events/s, same filter",
        FanOut(1000, 100, 10, against_peer=True),
        (at_most("p99_ratio", 1), *COMPLETE),
        ("p50_ms", "p99_ms", "peer_p50_ms", "peer_p99_ms", "delivery_us", "peer_delivery_us"),
    ),
    Scenario(
        "million",
        "1,000 clients × 1,000 events/s for 30 s",
        Saturation(FanOut(1000, 1000, 30), rates=(2500,), peer_rates=(120, 160, 1000), seconds=5),
        (at_most("p99_ms", 100), at_least("rate_ratio", 7), *COMPLETE),
        ("rate", "best_rate", "peer_best_rate", "p50_ms", "cores", "delivery_us"),
    ),
    Scenario(
        "idle",
        "10,000 clients, idle",
        IdleClients(10_000),
        (at_most("kb_per_client", 3),),
        ("peer_kb_per_client",),
    ),
    Scenario(
        "crowd",
        "10,000 clients × 10 events/s, same filter",
        FanOut(10_000, 10, 10, against_peer=True),
        (at_most("p99_ms", 250), *COMPLETE),
        ("p50_ms", "cores", "peer_p99_ms"),
    ),
    Scenario(
        "agents",
        "10,000 clients on 1,000 different agents, 2,000 events/s in all",
        FanOut(10_000, 2000, 10, agents=1000, one_agent_each=True),
        (at_most("p99_ms", 50), at_most("cores", 1), *COMPLETE),
        ("p50_ms",),
    ),
    Scenario(
        "unwanted",
        "1,000 different filters, none matching, 5,000 events/s",
        UnwantedEvents(1000, 5000, 5),
        (at_most("cpu_ratio", 1.2),),
        ("cores",),
    ),
    Scenario(
        "history",
        "one client, 200,000 events from `earliest`; filtered to one agent of 1,000",
        WholeHistory(200_000, 1000),
        (at_least("events_per_second", 100_000), at_most("filtered_ms", 200), *COMPLETE),
    ),
    Scenario(
        "reconnects",
        "5,000 of 6,000 clients reconnect at once, each 500 events behind, at 10 events/s",
        ReconnectStorm(1000, 5000, 10, 8),
        (at_most("caught_up_seconds", 5), at_most("p99_growth", 2), *COMPLETE),
        ("p99_before_ms", "p99_during_ms"),
    ),
    Scenario(
        "single",
        "1 client × 10 events/s, from publish to client",
        FanOut(1, 10, 20, against_peer=True),
        (at_most("p50_ms", 1.5), at_most("p99_ms", 5), *COMPLETE),
        ("peer_p50_ms", "peer_p99_ms"),
    ),
    Scenario(
        "publishing",
        "publishing: acknowledged, with Msg-Id, 64 in flight",
        AckedPublishing(100_000, 64),
        (at_least("events_per_second", 40_000),),
    ),
    Scenario(
        "start",
        "`jetbridge serve`, from start to ready",
        Start(),
        (at_most("ready_seconds", 0.8),),
    ),
)

COST = ("cores", "delivery_us", "p50_ms", "p99_ms", "kb_per_client", "lost")

BY_CLIENTS = tuple(
    Scenario(f"clients-{count}", f"{count:,}", FanOut(count, 10, 6), shown=COST)
    for count in (1000, 2000, 5000, 10_000)
)

BY_RATE = tuple(
    Scenario(f"rate-{rate}", f"{rate:,}", FanOut(1000, rate, 6), shown=COST)
    for rate in (10, 100, 1000)
)

ALL = (*GOALS, *BY_CLIENTS, *BY_RATE)
