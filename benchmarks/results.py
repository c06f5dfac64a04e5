"""The results of a run: every round of every scenario, kept as JSON."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import msgspec

from benchmarks.goals import summary

FOLDER = Path(__file__).with_name("results")


class Results(msgspec.Struct, kw_only=True):
    """What was measured: figures of each round, by the name of the scenario."""

    started: str
    machine: dict[str, str]
    rounds: dict[str, list[dict[str, float]]]

    def figures(self, scenario: str) -> dict[str, float]:
        """One value for each figure of a scenario; empty if it was not measured."""
        return summary(self.rounds.get(scenario, []))

    def add(self, scenario: str, figures: dict[str, float]) -> None:
        """Take one more round."""
        rounded = {name: round(value, 4) for name, value in figures.items()}
        self.rounds.setdefault(scenario, []).append(rounded)


def begin(machine: dict[str, str]) -> Results:
    """Results without rounds, begun now."""
    now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    return Results(started=now, machine=machine, rounds={})


def write(results: Results, folder: Path = FOLDER) -> Path:
    """Write the results into a file named after their start."""
    folder.mkdir(parents=True, exist_ok=True)
    name = results.started.removesuffix(" UTC").replace(":", "").replace(" ", "T")
    path = folder / f"{name}.json"
    path.write_bytes(msgspec.json.format(msgspec.json.encode(results), indent=1) + b"\n")
    return path


def read(path: Path) -> Results:
    """Read what `write` wrote. Raises msgspec.MsgspecError for anything else."""
    return msgspec.json.decode(path.read_bytes(), type=Results)
