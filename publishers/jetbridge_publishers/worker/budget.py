"""What a task may spend, and what it has: pure."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from enum import Enum

WARNING_SHARE = 0.8
"""The share of the budget at which a task is warned (contract section 3, seed 002)."""

_ROUNDING = 1e-9


class Notice(Enum):
    """What a task has to be told about its budget."""

    WARNING = "warning"
    EXCEEDED = "exceeded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """`limit` None is none. Amounts are in one currency, which only the agent knows."""

    limit: float | None = None
    spent: float = 0.0
    warned: bool = False

    def after(self, cost: float) -> tuple[Budget, list[Notice]]:
        """The budget after spending `cost`, and what is to be told: each notice once.

        Raises ValueError for a cost that is negative or no number.
        """
        if not (math.isfinite(cost) and cost >= 0):
            raise ValueError(f"a cost must be a number from 0, not {cost!r}")
        spent = self.spent + cost
        if self.limit is None:
            return replace(self, spent=spent), []
        warns = not self.warned and spent >= WARNING_SHARE * self.limit - _ROUNDING
        exceeds = self.is_within and spent > self.limit + _ROUNDING
        notices = [Notice.WARNING] * warns + [Notice.EXCEEDED] * exceeds
        return replace(self, spent=spent, warned=self.warned or warns), notices

    @property
    def is_within(self) -> bool:
        """False once more is spent than allowed."""
        return self.limit is None or self.spent <= self.limit + _ROUNDING


def budget_limit(asked: object, allowed: float | None) -> float | None:
    """The lower of what a request asks for (`task_parameters.budget`) and its worker allows."""
    if isinstance(asked, bool) or not isinstance(asked, int | float):
        return allowed
    if not (math.isfinite(asked) and asked >= 0):
        return allowed
    return float(asked) if allowed is None else min(float(asked), allowed)
