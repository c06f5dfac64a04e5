"""What one client may be given, event by event. Pure; the clock is passed in."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

import msgspec

from tests.chaos.findings import Findings, Skipped, Snapshot
from tests.chaos.ledger import Ledger
from tests.chaos.numbered import Body, Chains, Kind, kind_of
from tests.chaos.wanted import Wanted

BODY = msgspec.json.Decoder(Body)


class Told(msgspec.Struct):
    """The data of a `gap`."""

    requested: int
    first_available: int
    reason: str


GAP = msgspec.json.Decoder(Told)


@dataclass
class Judge:
    """What all clients of a run share."""

    chains: Chains
    ledger: Ledger
    findings: Findings
    deliveries: int = 0
    repeats: int = 0
    gaps: int = 0


@dataclass
class Checker:
    """One client, from its first connection to its last event, over all its reconnects.

    `repeats_seconds`: how far back a durable client may be sent what it has, and nobody
    else: None. `in_snapshot`: a snapshot comes first.
    """

    name: str
    wanted: Wanted
    judge: Judge
    repeats_seconds: float | None = None
    in_snapshot: bool = False
    last_id: int | None = None
    _start: int = 0
    _places: dict[str, int] = field(default_factory=dict[str, int])
    _snapshot: dict[tuple[str, Kind], int] = field(default_factory=dict[tuple[str, Kind], int])
    _gaps: list[range] = field(default_factory=list[range])
    _repeating: int = 0
    _clock: float = 0.0
    _seen_at: float = 0.0
    _received: deque[tuple[float, int]] = field(default_factory=deque[tuple[float, int]])

    def connected(self, cursor: int, *, sent: int | None) -> None:
        """The stream begins after `cursor`; the client had sent `sent` as its last id."""
        if self.last_id is None:
            self.last_id = self._start = self._repeating = cursor
        elif sent is not None and cursor != sent:
            self._note("wrong cursor", f"resumed at {cursor} instead of {sent}")
        elif cursor < self.last_id:
            self._may_repeat(cursor)
        if self.in_snapshot and sent:
            self._leave_snapshot(sent)
        self._repeating = cursor

    def event(self, id_: int, type_: str, data: bytes, *, now: float) -> None:
        """Take an event."""
        body = BODY.decode(data)
        agent, n = body.agent_id, body.n
        self.judge.deliveries += 1
        if kind_of(n).type != type_ or not self.judge.chains.is_genuine(body):
            self._note("corrupt", f"{agent} {n} at {id_}")
        elif not self.wanted.wants(agent, n):
            self._note("unwanted", f"{agent} {n} at {id_}")
        elif not self.judge.ledger.claim(agent, n, id_):
            self._note("wrong id", f"{agent} {n} at {id_}")
        elif self.last_id is None or id_ <= self.last_id:
            self._repeated(agent, n, id_)
        else:
            self._place(agent, n)
            self._advance(id_, now)

    def control(self, name: str, id_: int | None, data: bytes) -> None:
        """Take a control event other than `connected`."""
        if name == "gap":
            self._gap(GAP.decode(data), id_)
        elif id_ is not None and self.last_id is not None:
            if name == "snapshot-end" and self.in_snapshot:
                self._end_snapshot(id_)
            if id_ < self.last_id and self.repeats_seconds is None:
                self._note("disordered", f"{name} at {id_} after {self.last_id}")
            self.last_id = max(id_, self.last_id)

    def has(self, agent: str, n: int) -> bool:
        """True if the client needs nothing more of this agent up to number `n`."""
        if agent not in self.wanted.agents or self.last_id is None or self.in_snapshot:
            return self.last_id is not None and not self.in_snapshot
        last = self.wanted.last_upto(n)
        ledger = self.judge.ledger
        return (
            self._places.get(agent, 0) >= last
            or ledger.sequence(agent, last) <= self._start
            or ledger.is_removed(agent, last, ledger.removals)
        )

    def finish(self, numbers: dict[str, int]) -> None:
        """The run is over, and the agents have written so many events: what is not here
        by now is missing."""
        for agent in self.wanted.agents:
            last = self.wanted.last_upto(numbers[agent])
            if last > self._places.get(agent, 0):
                self._skipped(agent, last)

    def _note(self, kind: str, problem: str) -> None:
        self.judge.findings.note(kind, f"{self.name}: {problem}")

    def _advance(self, id_: int, now: float) -> None:
        self.last_id = id_
        if self.repeats_seconds is None:
            return
        # While nothing comes, there is nothing to write down either: a pause is no time.
        self._clock += min(now - self._seen_at, 1.0)
        self._seen_at = now
        self._received.append((self._clock, id_))
        while len(self._received) > 1 and self._received[1][0] < self._clock - self.repeats_seconds:
            self._received.popleft()

    def _may_repeat(self, cursor: int) -> None:
        """A durable client's place is at most a checkpoint interval back."""
        if self.repeats_seconds is None:
            self._note("wrong cursor", f"began at {cursor} instead of {self.last_id}")
            return
        if not self._received:
            return
        (oldest_at, oldest), (newest_at, _) = self._received[0], self._received[-1]
        if cursor < oldest and oldest_at < newest_at - self.repeats_seconds:
            self._note("too far back", f"began at {cursor}, and had {oldest} long ago")

    def _repeated(self, agent: str, n: int, id_: int) -> None:
        """An event that is not news: only a durable client may get it, and in order."""
        if self.repeats_seconds is not None and id_ > self._repeating:
            self._repeating = id_
            self.judge.repeats += 1
            return
        kind = "doubled" if n <= self._places.get(agent, 0) else "disordered"
        self._note(kind, f"{agent} {n} at {id_} after {self.last_id}")

    def _place(self, agent: str, n: int) -> None:
        if self.in_snapshot:
            self._snapshot[agent, kind_of(n)] = n
            return
        place = self._places.get(agent)
        expected = self.wanted.next_after(place) if place is not None else None
        if expected is None or n > expected:
            self._skipped(agent, self.wanted.last_upto(n - 1))
        elif n < expected:
            self._note("disordered", f"{agent} {n} after {place}")
        self._places[agent] = n

    def _skipped(self, agent: str, upto: int) -> None:
        """Everything wanted of an agent from its place up to this number has not come."""
        place = self._places.get(agent)
        ledger = self.judge.ledger
        after = self._start if place is None else ledger.sequence(agent, place)
        told, removals = tuple(self._gaps), tuple(ledger.removals)
        question = Skipped(self.name, self.wanted, agent, upto, after, removals, told)
        self.judge.findings.decide_later(question)

    def _gap(self, told: Told, id_: int | None) -> None:
        """Only a purge makes a gap, and only one that reaches into it."""
        self.judge.gaps += 1
        gone = range(told.requested, told.first_available)
        removals = self.judge.ledger.removals
        place = (self.last_id or 0) if self.repeats_seconds is None else self._repeating
        right = (
            gone
            and told.reason == "purged"
            and any(removal.below > gone.start for removal in removals)
            and gone.start > place
            and id_ == gone.stop - 1
        )
        if not right:
            self._note("wrong gap", f"{told} with id {id_} after {place}")
        self._gaps.append(gone)
        self._repeating = max(self._repeating, gone.stop - 1)
        self.last_id = max(self.last_id or 0, gone.stop - 1)

    def _end_snapshot(self, as_of: int) -> None:
        removals = tuple(self.judge.ledger.removals)
        snapshot = Snapshot(self.name, self.wanted, as_of, self._snapshot, removals)
        self.judge.findings.decide_later(snapshot)
        self._leave_snapshot(as_of)

    def _leave_snapshot(self, cursor: int) -> None:
        """From here on everything after `cursor` is due."""
        self.in_snapshot = False
        self._snapshot = {}
        self._start = cursor
