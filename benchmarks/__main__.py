"""`python -m benchmarks`: measure everything, in rounds, and write down what came of it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from benchmarks import machine, page, results, terminal
from benchmarks.goals import Scenario
from benchmarks.load import LoadError
from benchmarks.scenarios import ALL

DEFAULT_ROUNDS = 5


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure; return 0, or 2 if it was asked wrongly or could not be done."""
    options = _parser().parse_args(arguments)
    chosen = [each for each in ALL if not options.only or _is_named(each, options.only)]
    if not chosen:
        print(f"no scenario is called that; there are {', '.join(e.name for e in ALL)}")
        return 2
    found = results.begin(machine.describe())
    try:
        measure(chosen, options.rounds, found)
    except LoadError as error:
        print(f"benchmarks: {error}\n  hint: {error.hint}", file=sys.stderr)
        return 2
    print(terminal.table([(e, found.figures(e.name)) for e in chosen], colour=sys.stdout.isatty()))
    print(f"\nwritten: {results.write(found)}")
    if page.is_complete(found):
        page.PAGE.write_text(page.render(found, page.NOTES.read_text()))
        print(f"written: {page.PAGE}")
    return 0


def measure(chosen: Sequence[Scenario], rounds: int, found: results.Results) -> None:
    """Every scenario once in each round, so that a bad minute of the machine hits all alike."""
    for number in range(1, rounds + 1):
        print(f"round {number} of {rounds}", flush=True)
        for scenario in chosen:
            figures = scenario.work.run()
            found.add(scenario.name, figures)
            print(terminal.line(scenario, figures), flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    names = ", ".join(each.name for each in ALL)
    parser.add_argument(
        "--only",
        type=lambda text: text.split(","),
        default=[],
        metavar="NAMES",
        help=f"comma-separated; a part of a name stands for all that begin so: {names}",
    )
    parser.add_argument("--rounds", type=int, default=DEFAULT_ROUNDS, help="how often [5]")
    return parser


def _is_named(scenario: Scenario, names: Sequence[str]) -> bool:
    return any(scenario.name.startswith(name) for name in names)


if __name__ == "__main__":
    sys.exit(main())
