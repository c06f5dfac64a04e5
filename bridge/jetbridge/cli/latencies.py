"""Many measured times in little memory, and their percentiles. Pure."""

from __future__ import annotations

from collections import Counter
from math import exp, log

STEPS = 100
"""Buckets for each factor of e: a time is known to one percent."""


class Latencies:
    """Counts times, in seconds."""

    def __init__(self) -> None:
        self._buckets: Counter[int] = Counter()
        self.count = 0
        self.longest = 0.0

    def record(self, seconds: float) -> None:
        """Take one more time; what is not above a microsecond counts as one."""
        self._buckets[round(log(max(seconds, 1e-6)) * STEPS)] += 1
        self.count += 1
        self.longest = max(self.longest, seconds)

    def percentile(self, share: float) -> float:
        """The time in seconds that this share of all (0 to 1) does not exceed; 0 for none."""
        passed = 0
        for bucket in sorted(self._buckets):
            passed += self._buckets[bucket]
            if passed >= share * self.count:
                return min(exp(bucket / STEPS), self.longest)
        return self.longest
