"""What the clients of a run have found out, and what is still to be decided."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from tests.chaos.ledger import Ledger, Removal
from tests.chaos.numbered import KINDS, PERIOD, Kind, kind_of
from tests.chaos.wanted import Wanted

MAX_PROBLEMS = 10


@dataclass(frozen=True)
class Skipped:
    """A client got none of an agent's wanted events after `after` (a sequence) up to number
    `n`, at a time when `removals` had been made. Told: the gaps it was told of by then."""

    client: str
    wanted: Wanted
    agent: str
    n: int
    after: int
    removals: tuple[Removal, ...]
    told: tuple[range, ...]

    def missing(self, ledger: Ledger) -> list[str]:
        """What it should have got, or should have been told of."""
        found: list[str] = []
        n = self.n
        while n and ledger.sequence(self.agent, n) > self.after:
            if problem := self._judge(ledger, n):
                found.append(problem)
            n = self.wanted.last_upto(n - 1)
        return found

    def known(self, ledger: Ledger) -> bool:
        return ledger.acked[self.agent] >= self.n

    def _judge(self, ledger: Ledger, n: int) -> str:
        sequence = ledger.sequence(self.agent, n)
        event = f"{self.client}: {self.agent} {n} at {sequence}"
        if not ledger.is_removed(self.agent, n, self.removals):
            return f"{event} is missing"
        silently = [r for r in self.removals if r.agent is not None]
        if any(sequence in gap for gap in self.told):
            return ""
        if ledger.is_removed(self.agent, n, silently):
            return ""
        return f"{event} was purged with all before it, and the client was not told"


@dataclass(frozen=True)
class Snapshot:
    """A client was given these events (agent and kind → number) as the state at `as_of`."""

    client: str
    wanted: Wanted
    as_of: int
    events: dict[tuple[str, Kind], int]
    removals: tuple[Removal, ...]

    def known(self, ledger: Ledger) -> bool:
        """Not before the end: acks of other agents may be on their way."""
        return False

    def missing(self, ledger: Ledger) -> list[str]:
        """Where the snapshot differs from the truth."""
        kinds = [(agent, kind) for agent in self.wanted.agents for kind in KINDS]
        return [problem for each in kinds if (problem := self._judge(ledger, *each))]

    def _judge(self, ledger: Ledger, agent: str, kind: Kind) -> str:
        given, right = self.events.get((agent, kind), 0), self._right(ledger, agent, kind)
        if given == right or (given < right and ledger.is_removed(agent, right, self.removals)):
            return ""
        return f"{self.client}: snapshot at {self.as_of} has {agent} {kind} {given}, not {right}"

    def _right(self, ledger: Ledger, agent: str, kind: Kind) -> int:
        """The number of the last event of a kind, 0 if it is none of the client's business."""
        if kind not in self.wanted.kinds:
            return 0
        last = ledger.last_at(agent, self.as_of)
        return next((n for n in range(last, max(last - PERIOD, 0), -1) if kind_of(n) == kind), 0)


Open = Skipped | Snapshot


class Findings:
    """Counts, and the first problems in words."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._open: list[Open] = []
        self._told: Counter[str] = Counter()
        self.counts: Counter[str] = Counter()
        self.problems: list[str] = []

    def note(self, kind: str, problem: str, *, count: int = 1) -> None:
        """Count a problem, and keep it if there are not yet too many of its kind."""
        self.counts[kind] += count
        self._told[kind] += 1
        if self._told[kind] <= MAX_PROBLEMS:
            self.problems.append(f"{kind}: {problem}")

    def decide_later(self, question: Open) -> None:
        """Keep what can be judged only when all acks are in."""
        self._open.append(question)

    def decide(self, *, final: bool = False) -> None:
        """Judge what can be judged by now; everything when all acks are in."""
        questions, self._open = self._open, []
        for question in questions:
            if not final and not question.known(self._ledger):
                self._open.append(question)
                continue
            if missing := question.missing(self._ledger):
                more = f" (and {len(missing) - 1} before it)" if missing[1:] else ""
                self.note("missing", f"{missing[0]}{more}", count=len(missing))

    def total(self, *kinds: str) -> int:
        return sum(self.counts[kind] for kind in kinds)
