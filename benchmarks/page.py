"""docs/performance.md, from results and the notes that go with them. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.goals import FIGURES, Goal, Scenario
from benchmarks.results import Results
from benchmarks.scenarios import BY_CLIENTS, BY_RATE, COST, GOALS
from benchmarks.terminal import listed

PAGE = Path(__file__).resolve().parent.parent / "docs" / "performance.md"
NOTES = Path(__file__).with_name("notes.md")

HEAD = """# Performance

<!-- Generated from benchmarks/results/ and benchmarks/notes.md by `make bench`. Do not edit. -->

One bridge process. The load generator, nats-server and the peer run on the same machine and take
their share of it. Every event has 270 bytes and goes through JetStream, validation and filters,
with all guarantees on. The load generator takes the time of every single event, from just before
it is published to when the client has read it, and checks that each client gets each event once
and in order.

The peer is [nchan](https://nchan.io), a publish/subscribe module for nginx written in C, with one
worker and its messages in memory. It is measured in the same run, round by round in turn, since
machines differ and change: ratios say more than figures.

`make bench` measures again and writes this page; `make bench ARGS="--only fanout,idle --rounds 3"`
measures a part of it. For a deployment of your own there is [`jetbridge bench`](cli.md#bench).
"""


def render(results: Results, notes: str) -> str:
    """The whole page."""
    parts = [
        HEAD,
        _machine(results),
        "## Goals\n",
        _goals(results),
        "## How cost grows\n",
        _growth(results, BY_CLIENTS, "clients", "Clients of one filter, at 10 events/s:"),
        _growth(results, BY_RATE, "events/s", "Events a second, with 1,000 clients of one filter:"),
        notes.strip() + "\n",
    ]
    return "\n".join(parts)


def is_complete(results: Results) -> bool:
    """True if everything was measured that the page tells."""
    return all(scenario.name in results.rounds for scenario in (*GOALS, *BY_CLIENTS, *BY_RATE))


def _machine(results: Results) -> str:
    rounds = min(len(each) for each in results.rounds.values())
    rows = [f"| {name} | {value} |" for name, value in results.machine.items()]
    told = f"Measured {results.started}, medians of {rounds} rounds."
    return "\n".join([told, "", "| | |", "|---|---|", *rows, ""])


def _goals(results: Results) -> str:
    rows = ["| work | goal | measured | |", "|---|---|---|---|"]
    for scenario in GOALS:
        figures = results.figures(scenario.name)
        besides = listed(figures, scenario.shown)
        for number, goal in enumerate(scenario.goals):
            title = scenario.title if number == 0 else ""
            rows.append(
                f"| {title} | {goal.text()} | {_value(goal, figures)} | {_met(goal, figures)} |"
            )
        if besides:
            rows.append(f"| | | {besides} | |")
    return "\n".join([*rows, ""])


def _value(goal: Goal, figures: Mapping[str, float]) -> str:
    return FIGURES[goal.figure].text(figures[goal.figure]) if goal.figure in figures else "–"


def _met(goal: Goal, figures: Mapping[str, float]) -> str:
    met = goal.met(figures)
    return "not installed" if met is None else "met" if met else "**missed**"


def _growth(results: Results, scenarios: Sequence[Scenario], what: str, told: str) -> str:
    names = [name for name in COST if name != "lost"]
    head = [f"{FIGURES[name].label}, {FIGURES[name].unit}" for name in names]
    rows = [told, "", f"| {what} | {' | '.join(head)} | lost |", "|---:" * (len(names) + 2) + "|"]
    for scenario in scenarios:
        figures = results.figures(scenario.name)
        cells = [f"{figures[name]:,.{FIGURES[name].digits}f}" for name in names]
        rows.append(f"| {scenario.title} | {' | '.join(cells)} | {figures['lost']:,.0f} |")
    return "\n".join([*rows, ""])
