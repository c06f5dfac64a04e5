"""The results on a terminal: a line for each round, a table at the end. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from benchmarks.goals import FIGURES, Goal, Scenario

MARKS = {True: ("met", "32"), False: ("MISSED", "31"), None: ("no peer", "33")}


def line(scenario: Scenario, figures: Mapping[str, float]) -> str:
    """What one round of a scenario gave."""
    return f"  {scenario.name:<14} {listed(figures, wanted(scenario))}"


def wanted(scenario: Scenario) -> list[str]:
    """The figures that a scenario is about: those of its goals, then the rest."""
    return list(dict.fromkeys([*(goal.figure for goal in scenario.goals), *scenario.shown]))


def listed(figures: Mapping[str, float], names: Sequence[str]) -> str:
    """Figures in words, those that were measured."""
    shown = (
        f"{FIGURES[name].label} {FIGURES[name].text(figures[name])}"
        for name in names
        if name in figures
    )
    return " · ".join(shown)


def table(
    scenarios: Sequence[tuple[Scenario, Mapping[str, float]]], *, colour: bool = False
) -> str:
    """Each scenario with its goals, then its other figures."""
    return "\n".join(
        row for scenario, figures in scenarios for row in _rows(scenario, figures, colour=colour)
    )


def _rows(scenario: Scenario, figures: Mapping[str, float], *, colour: bool) -> list[str]:
    goals = [_goal(goal, figures, colour=colour) for goal in scenario.goals]
    besides = listed(figures, scenario.shown)
    return ["", scenario.title, *goals, *([f"      {besides}"] if besides else [])]


def _goal(goal: Goal, figures: Mapping[str, float], *, colour: bool) -> str:
    word, code = MARKS[goal.met(figures)]
    mark = f"\x1b[{code}m{word:<8}\x1b[0m" if colour else f"{word:<8}"
    measured = FIGURES[goal.figure].text(figures[goal.figure]) if goal.figure in figures else "–"
    return f"  {mark} {goal.text():<44} {measured:>16}"
