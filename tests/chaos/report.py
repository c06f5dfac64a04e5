"""What came of a run: one line for people, and the reasons when it is bad."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

RECOVERY_SECONDS = 5.0
"""Within so long after a fault's cause is gone, every client has every event again."""


@dataclass(frozen=True)
class Recovery:
    """One fault, and how long after its end the last client was back at the head.

    starved_seconds: for so long of that time our processes could not run, because others did.
    """

    fault: str
    seconds: float
    starved_seconds: float = 0.0

    @property
    def in_time(self) -> bool:
        return self.seconds - self.starved_seconds <= RECOVERY_SECONDS


@dataclass(frozen=True)
class Report:
    """The outcome. `problems` are in words; a good run has none."""

    seed: int
    seconds: float
    events: int
    deliveries: int
    repeats: int
    gaps: int
    counts: Counter[str]
    recoveries: Sequence[Recovery]
    problems: Sequence[str]

    @property
    def line(self) -> str:
        """The whole run in one line."""
        kinds = Counter(each.fault for each in self.recoveries)
        faults = ", ".join(f"{kind}: {count}" for kind, count in sorted(kinds.items()))
        longest = max((each.seconds for each in self.recoveries), default=0.0)
        return (
            f"events={self.events} deliveries={self.deliveries} "
            f"missing={self.counts['missing']} doubled={self.counts['doubled']} "
            f"faults={{{faults}}} longest_recovery={longest:.2f}s seed={self.seed}"
        )

    @property
    def details(self) -> str:
        """A table of the recoveries by kind of fault, and what else was counted."""
        by_kind: defaultdict[str, list[float]] = defaultdict(list)
        for each in self.recoveries:
            by_kind[each.fault].append(each.seconds)
        lines = [f"| {'fault':<22} | times | median | longest |", f"|{'-' * 24}|---|---|---|"]
        for kind, seconds in sorted(by_kind.items()):
            median = sorted(seconds)[len(seconds) // 2]
            lines.append(f"| {kind:<22} | {len(seconds)} | {median:.2f} s | {max(seconds):.2f} s |")
        others = ", ".join(f"{kind}={count}" for kind, count in sorted(self.counts.items()))
        counted = f"{self.seconds:.0f} s, repeats={self.repeats}, gaps={self.gaps}, {others}"
        return "\n".join([*lines, "", counted])

    def check(self) -> None:
        """Raise AssertionError, with the reasons, if anything was wrong."""
        slow = [
            f"{each.fault}: recovered after {each.seconds:.1f} s, more than {RECOVERY_SECONDS:.0f}"
            f" even without the {each.starved_seconds:.1f} s of waiting for a processor"
            for each in self.recoveries
            if not each.in_time
        ]
        problems = [*self.problems, *slow]
        assert not problems, "\n".join([self.line, *problems])
