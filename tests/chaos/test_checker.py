"""The judge of a chaos run sees what is wrong, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from tests.chaos.checker import Checker, Judge
from tests.chaos.findings import Findings
from tests.chaos.ledger import Ledger, Removal
from tests.chaos.numbered import PERIOD, Chains, kind_of
from tests.chaos.wanted import Wanted, everything, one_agent, one_job, some_types

AGENTS = ["a", "b"]
EVERYTHING = everything(frozenset(AGENTS))
EACH = 60


class Stage:
    """Two agents whose events alternate from sequence 101 on, and one client."""

    def __init__(
        self,
        wanted: Wanted = EVERYTHING,
        *,
        acked: bool = True,
        repeats_seconds: float | None = None,
        in_snapshot: bool = False,
    ) -> None:
        self.ledger = Ledger()
        self.chains = Chains()
        self.judge = Judge(self.chains, self.ledger, Findings(self.ledger))
        self.checker = Checker("client", wanted, self.judge, repeats_seconds, in_snapshot)
        self.wanted = wanted
        if acked:
            self.ack()

    def ack(self) -> None:
        for sequence in range(101, 101 + 2 * EACH):
            agent, n = self.at(sequence)
            self.ledger.ack(agent, n, sequence)

    def at(self, sequence: int) -> tuple[str, int]:
        return AGENTS[(sequence - 101) % 2], (sequence - 101) // 2 + 1

    def deliver(self, sequences: Iterable[int], *, now: float = 0.0) -> None:
        """Give the client those of these events that it wants."""
        for sequence in sequences:
            agent, n = self.at(sequence)
            if self.wanted.wants(agent, n):
                data = msgspec.json.encode(self.chains.body(agent, n))
                self.checker.event(sequence, kind_of(n).type, data, now=now)

    def gap(self, requested: int, first: int) -> None:
        told = {"requested": requested, "first_available": first, "reason": "purged"}
        self.checker.control("gap", first - 1, msgspec.json.encode(told))

    def verdict(self) -> dict[str, int]:
        self.judge.findings.decide(final=True)
        return dict(self.judge.findings.counts)

    def finish(self) -> dict[str, int]:
        self.checker.finish(dict.fromkeys(AGENTS, EACH))
        return self.verdict()


ALL = range(101, 101 + 2 * EACH)


def test_a_client_that_gets_all_is_content() -> None:
    for wanted in (EVERYTHING, one_agent("b"), some_types("agent.", frozenset(AGENTS))):
        stage = Stage(wanted)
        stage.checker.connected(100, sent=None)
        stage.deliver(ALL)
        assert stage.finish() == {}


def test_acks_may_come_after_the_events() -> None:
    stage = Stage(acked=False)
    stage.checker.connected(110, sent=None)
    stage.deliver(ALL[10:])
    stage.ack()
    assert stage.finish() == {}


def test_what_is_left_out_is_missing() -> None:
    stage = Stage()
    stage.checker.connected(100, sent=None)
    stage.deliver(ALL[:20])
    stage.deliver(ALL[25:])
    assert stage.finish() == {"missing": 5}


def test_what_is_left_out_at_the_beginning_is_missing() -> None:
    stage = Stage()
    stage.checker.connected(100, sent=None)
    stage.deliver(ALL[4:])
    assert stage.finish() == {"missing": 4}


def test_what_never_comes_is_missing() -> None:
    job = one_job("job:a", frozenset(AGENTS))
    stage = Stage(job)
    stage.checker.connected(100, sent=None)
    stage.deliver(ALL[: 2 * PERIOD])
    wanted = sum(job.wants(*stage.at(sequence)) for sequence in ALL[2 * PERIOD :])
    assert wanted
    assert stage.finish() == {"missing": wanted}


def test_what_comes_twice_is_doubled() -> None:
    stage = Stage()
    stage.checker.connected(100, sent=None)
    stage.deliver(ALL)
    stage.deliver(ALL[-3:])
    assert stage.finish() == {"doubled": 3}


def test_what_comes_late_is_disordered() -> None:
    stage = Stage()
    stage.checker.connected(100, sent=None)
    stage.deliver([101, 103, 102])
    assert stage.verdict()["disordered"] == 1


def test_a_forged_event_is_seen() -> None:
    stage = Stage()
    stage.checker.connected(100, sent=None)
    body = stage.chains.body("a", 1) | {"pad": "x"}
    stage.checker.event(101, kind_of(1).type, msgspec.json.encode(body), now=0)
    assert stage.verdict() == {"corrupt": 1}


def test_an_event_has_one_id() -> None:
    stage = Stage()
    stage.checker.connected(100, sent=None)
    body = msgspec.json.encode(stage.chains.body("a", 1))
    stage.checker.event(107, kind_of(1).type, body, now=0)
    assert stage.verdict() == {"wrong id": 1}


def test_a_resume_begins_at_the_id_that_was_sent() -> None:
    stage = Stage()
    stage.checker.connected(100, sent=None)
    stage.deliver(ALL[:3])
    stage.checker.connected(102, sent=103)
    assert stage.verdict() == {"wrong cursor": 1}


def test_a_durable_client_may_be_sent_again_what_it_had_lately() -> None:
    stage = Stage(repeats_seconds=5.0)
    stage.checker.connected(100, sent=None)
    stage.deliver(ALL[:10], now=1)
    stage.deliver(ALL[10:20], now=3)
    stage.checker.connected(105, sent=None)
    stage.deliver(ALL[5:], now=4)
    assert stage.finish() == {}
    assert stage.judge.repeats == 15


def test_a_durable_client_is_not_sent_again_what_it_had_long_ago() -> None:
    stage = Stage(repeats_seconds=5.0)
    stage.checker.connected(100, sent=None)
    for now, sequence in enumerate(ALL[:20]):
        stage.deliver([sequence], now=now / 2)
    stage.checker.connected(105, sent=None)
    assert stage.verdict() == {"too far back": 1}


def test_while_nothing_comes_no_place_is_to_be_kept() -> None:
    stage = Stage(repeats_seconds=5.0)
    stage.checker.connected(100, sent=None)
    stage.deliver(ALL[:10], now=1)
    stage.deliver(ALL[10:20], now=60)
    stage.checker.connected(105, sent=None)
    assert stage.verdict() == {}


def test_a_durable_client_misses_nothing_either() -> None:
    stage = Stage(repeats_seconds=5.0)
    stage.checker.connected(100, sent=None)
    stage.deliver(ALL[:10])
    stage.checker.connected(115, sent=None)
    stage.deliver(ALL[15:])
    assert stage.finish() == {"missing": 5}


def test_a_purge_is_told_as_a_gap() -> None:
    stage = Stage()
    stage.checker.connected(100, sent=None)
    stage.deliver(ALL[:10])
    stage.ledger.removals.append(Removal(121))
    stage.gap(111, 121)
    stage.deliver(ALL[20:])
    assert stage.finish() == {}


def test_a_purge_that_is_not_told_is_a_loss() -> None:
    stage = Stage()
    stage.checker.connected(100, sent=None)
    stage.deliver(ALL[:10])
    stage.ledger.removals.append(Removal(121))
    stage.deliver(ALL[20:])
    assert stage.finish() == {"missing": 10}


def test_a_purge_comes_too_late_to_be_an_excuse() -> None:
    stage = Stage()
    stage.checker.connected(100, sent=None)
    stage.deliver(ALL[20:])
    stage.ledger.removals.append(Removal(121))
    assert stage.finish() == {"missing": 20}


def test_a_gap_where_nothing_was_removed_is_wrong() -> None:
    stage = Stage()
    stage.checker.connected(100, sent=None)
    stage.deliver(ALL[:10])
    stage.gap(111, 121)
    stage.deliver(ALL[20:])
    assert stage.finish() == {"wrong gap": 1, "missing": 10}


def test_a_snapshot_is_the_last_of_every_kind() -> None:
    stage = Stage(one_agent("a"), in_snapshot=True)
    stage.checker.connected(0, sent=None)
    stage.deliver(snapshot(stage, 160))
    stage.checker.control("snapshot-end", 160, b"{}")
    stage.deliver(range(161, ALL.stop))
    assert stage.finish() == {}


def test_a_snapshot_without_one_of_the_kinds_is_wrong() -> None:
    stage = Stage(one_agent("a"), in_snapshot=True)
    stage.checker.connected(0, sent=None)
    stage.deliver(snapshot(stage, 160)[1:])
    stage.checker.control("snapshot-end", 160, b"{}")
    assert stage.verdict() == {"missing": 1}


def test_a_snapshot_that_is_cut_off_goes_on_as_a_stream() -> None:
    stage = Stage(one_agent("a"), in_snapshot=True)
    stage.checker.connected(0, sent=None)
    first, *_ = snapshot(stage, 160)
    stage.deliver([first])
    stage.checker.connected(first, sent=first)
    stage.deliver(range(first + 1, ALL.stop))
    assert stage.finish() == {}


def snapshot(stage: Stage, as_of: int) -> list[int]:
    """The sequences of the last event of each kind that agent `a` has up to one."""
    mine = [each for each in range(101, as_of + 1) if stage.at(each)[0] == "a"]
    return sorted({kind_of(stage.at(each)[1]): each for each in mine}.values())
