"""A job that goes through named steps: pure, its age passed in."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Step:
    """A named part of a job, and how long it takes."""

    name: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job is; `percent` is 0 to 100, `number` counts steps from 1."""

    percent: float
    step: str
    number: int
    elapsed_seconds: float


@dataclass(frozen=True, slots=True)
class Job:
    """One run through `steps`."""

    id: str
    steps: tuple[Step, ...]

    @property
    def total_seconds(self) -> float:
        return sum(step.seconds for step in self.steps)

    def at(self, elapsed_seconds: float) -> Progress:
        """The progress after `elapsed_seconds` of work; 100 % from the end on."""
        elapsed = min(max(0.0, elapsed_seconds), self.total_seconds)
        ends = 0.0
        for number, step in enumerate(self.steps, start=1):
            ends += step.seconds
            if elapsed < ends or number == len(self.steps):
                percent = round(100.0 * elapsed / self.total_seconds, 1)
                return Progress(percent, step.name, number, elapsed)
        raise ValueError("a job needs steps")

    def is_done(self, elapsed_seconds: float) -> bool:
        return elapsed_seconds >= self.total_seconds


OPTIMISATION = (
    Step("Initializing", 4),
    Step("Thermal Analysis", 14),
    Step("Heat Balance", 12),
    Step("Calculating emissions", 10),
    Step("Soot Blowing", 8),
    Step("Verification", 6),
)
"""What the optimizer does to the economizer, step by step; soot blowing cleans it."""

CLEANED_AFTER = 5
"""The number of OPTIMISATION's step after which the economizer is clean."""
