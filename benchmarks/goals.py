"""What is measured, what it is to be, and whether it is. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Protocol


@dataclass(frozen=True)
class Figure:
    """A kind of number: what it is called, its unit, how many decimals are worth showing.

    Of several rounds the median counts; of a loss, and anything else that must not happen
    once, the `worst`.
    """

    label: str
    unit: str = ""
    digits: int = 1
    worst: bool = False

    def text(self, value: float) -> str:
        """The value with its unit."""
        number = f"{value:,.{self.digits}f}"
        return f"{number} {self.unit}".strip()


FIGURES = {
    "p50_ms": Figure("p50", "ms"),
    "p99_ms": Figure("p99", "ms"),
    "max_ms": Figure("latest", "ms"),
    "lost": Figure("lost", digits=0, worst=True),
    "disordered": Figure("out of order or twice", digits=0, worst=True),
    "cut": Figure("connections cut", digits=0, worst=True),
    "rate": Figure("deliveries", "/s", digits=0),
    "cores": Figure("processor", "cores", digits=2),
    "delivery_us": Figure("processor time", "µs a delivery", digits=2),
    "kb_per_client": Figure("memory", "KB a client", digits=2),
    "peer_kb_per_client": Figure("nchan's memory", "KB a client"),
    "peer_p50_ms": Figure("nchan's p50", "ms"),
    "peer_p99_ms": Figure("nchan's p99", "ms"),
    "peer_lost": Figure("nchan lost", digits=0),
    "peer_delivery_us": Figure("nchan's processor time", "µs a delivery", digits=2),
    "best_rate": Figure("best", "deliveries/s", digits=0),
    "peer_best_rate": Figure("nchan's best", "deliveries/s", digits=0),
    "p99_ratio": Figure("p99 / nchan's p99", digits=2),
    "rate_ratio": Figure("best / nchan's best", "×"),
    "cpu_ratio": Figure("processor, 1,000 filters / one", digits=2),
    "events_per_second": Figure("events", "/s", digits=0),
    "filtered_ms": Figure("filtered, to caught-up", "ms", digits=0),
    "caught_up_seconds": Figure("all caught up", "s", digits=2),
    "p99_before_ms": Figure("p99 before, of those who stay", "ms"),
    "p99_during_ms": Figure("p99 meanwhile", "ms"),
    "p99_growth": Figure("p99 meanwhile / before", "×", digits=2),
    "ready_seconds": Figure("ready", "s", digits=2),
}


@dataclass(frozen=True)
class Goal:
    """A limit for one figure."""

    figure: str
    limit: float
    at_least: bool = False

    def met(self, figures: Mapping[str, float]) -> bool | None:
        """Whether it is reached; `None` if it was not measured, there being no nchan."""
        value = figures.get(self.figure)
        if value is None:
            return None
        return value >= self.limit if self.at_least else value <= self.limit

    def text(self) -> str:
        """The goal as people write it."""
        figure = FIGURES[self.figure]
        if self.limit == 0:
            return f"none {figure.label}"
        sign = "≥" if self.at_least else "≤"
        unit = f" {figure.unit}" if figure.unit else ""
        return f"{figure.label} {sign} {self.limit:,g}{unit}"


def at_most(figure: str, limit: float) -> Goal:
    """The figure must not be above the limit."""
    return Goal(figure, limit)


def at_least(figure: str, limit: float) -> Goal:
    """The figure must not be below the limit."""
    return Goal(figure, limit, at_least=True)


class Work(Protocol):
    """Something that can be done and measured, once for each round."""

    def run(self) -> dict[str, float]:
        """Do it; returns values of FIGURES. Raises LoadError if it could not be done."""
        ...


@dataclass(frozen=True)
class Scenario:
    """One row of a table: some work, its goals, and figures that are shown besides.

    `comment` says what the figures do not.
    """

    name: str
    title: str
    work: Work
    goals: tuple[Goal, ...] = ()
    shown: tuple[str, ...] = ()
    comment: str = ""


def summary(rounds: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """One value for each figure of several rounds."""
    names = dict.fromkeys(name for each in rounds for name in each)
    return {name: _one(name, [each[name] for each in rounds if name in each]) for name in names}


def _one(name: str, values: Sequence[float]) -> float:
    return max(values) if FIGURES[name].worst else median(values)
