"""What is true: which event is stored where, and what the monkey has removed."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Removal:
    """A purge: events of `agent` (None: of all) with a sequence below `below` may be gone."""

    below: int
    agent: str | None = None


class Ledger:
    """Numbers and sequences of all agents. Whoever hears of an event first writes it down:
    the publisher from its ack, or a client. Everybody after must say the same."""

    def __init__(self) -> None:
        self._sequences: dict[str, list[int]] = defaultdict(list)
        self.acked: dict[str, int] = defaultdict(int)
        """The number up to which each agent's events are known to be stored."""
        self.removals: list[Removal] = []
        self.head = 0
        """The highest sequence in an ack."""

    def claim(self, agent: str, n: int, sequence: int) -> bool:
        """Somebody has seen event `n` at this sequence; False if it was seen elsewhere."""
        sequences = self._sequences[agent]
        if len(sequences) < n:
            sequences.extend([0] * (n - len(sequences)))
        sequences[n - 1] = sequences[n - 1] or sequence
        return sequences[n - 1] == sequence

    def ack(self, agent: str, n: int, sequence: int) -> bool:
        """The stream has stored event `n`, after all before it; False if that is wrong."""
        known = self.claim(agent, n, sequence)
        in_order = n == self.acked[agent] + 1
        in_order = in_order and (n == 1 or self._sequences[agent][n - 2] < sequence)
        self.acked[agent] = n
        self.head = max(self.head, sequence)
        return known and in_order

    def sequence(self, agent: str, n: int) -> int:
        """Where the event is; 0 if nobody knows yet."""
        sequences = self._sequences[agent]
        return sequences[n - 1] if n <= len(sequences) else 0

    def last_at(self, agent: str, sequence: int) -> int:
        """The number of the agent's last event up to a sequence. All must be acked."""
        return bisect_right(self._sequences[agent], sequence)

    def is_removed(self, agent: str, n: int, removals: Sequence[Removal]) -> bool:
        """True if one of these purges may have removed the event."""
        sequence = self.sequence(agent, n)
        return any(sequence < r.below and r.agent in {None, agent} for r in removals)
