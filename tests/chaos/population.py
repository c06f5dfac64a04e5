"""Who watches: clients of every kind, as a seed has them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

from tests.chaos.checker import Judge
from tests.chaos.client import Client, Habits
from tests.chaos.numbered import JOBS
from tests.chaos.wanted import (
    Wanted,
    everything,
    one_agent,
    one_job,
    some_agents,
    some_types,
)

RESUMING = Habits(cut_seconds=8)
STEADY = Habits()
SLOW = Habits(per_second=10)
SNAPSHOTTER = Habits(cut_seconds=5, session_seconds=8, start="snapshot=1")
LATECOMER = Habits(session_seconds=6, start="since=5s")
BEGINNER = Habits(cut_seconds=4, session_seconds=7, start="from=recent")

STARTS = (SNAPSHOTTER, SNAPSHOTTER, LATECOMER, BEGINNER)


@dataclass(frozen=True)
class Addresses:
    """Where the bridges are: straight, and through proxies."""

    straight: Sequence[str]
    proxied: Sequence[str]


@dataclass(frozen=True)
class Member:
    """A client to be."""

    name: str
    wanted: Wanted
    habits: Habits


def population(
    agents: list[str],
    *,
    judge: Judge,
    addresses: Addresses,
    dice: Random,
    checkpoint_seconds: float,
) -> list[Client]:
    """About fifty clients. Durable ones that do not ack turn to the bridges straight: what a
    proxy has taken, a bridge must believe to be written."""
    members = [*_resuming(agents, dice), *_slow(agents), *_restless(agents, dice)]
    members += _acking(agents, checkpoint_seconds, dice)
    clients = [
        _client(each, addresses.straight if index % 2 else addresses.proxied, judge, dice)
        for index, each in enumerate(members)
    ]
    durable = _durable(agents, checkpoint_seconds, dice)
    return clients + [_client(each, addresses.straight, judge, dice) for each in durable]


def _resuming(agents: list[str], dice: Random) -> Iterator[Member]:
    all_agents = frozenset(agents)
    views = [
        *(everything(all_agents) for _ in range(4)),
        *(one_agent(dice.choice(agents)) for _ in range(4)),
        *(one_job(job, all_agents) for job in JOBS[2:]),
        *(one_job(job, all_agents, types="*") for job in JOBS[:2]),
        *(some_agents(frozenset(dice.sample(agents, 3))) for _ in range(2)),
        some_types("agent.", all_agents),
        some_types("chaos.", all_agents),
    ]
    for index, wanted in enumerate(views):
        yield Member(f"steady-{index}", wanted, STEADY)
    for index, wanted in enumerate(views[3:]):
        yield Member(f"resuming-{index}", wanted, RESUMING)


def _slow(agents: list[str]) -> Iterator[Member]:
    all_agents = frozenset(agents)
    yield Member("slow-0", everything(all_agents), SLOW)
    yield Member("slow-1", everything(all_agents), SLOW)
    yield Member("slow-2", one_agent(agents[0]), SLOW)
    yield Member("slow-3", some_types("chaos.", all_agents), SLOW)


def _restless(agents: list[str], dice: Random) -> Iterator[Member]:
    views = [everything(frozenset(agents)), one_agent(dice.choice(agents))]
    views += [some_types("calculation.", frozenset(agents)), one_agent(dice.choice(agents))]
    for index, (wanted, habits) in enumerate(zip(views * 2, STARTS * 2, strict=True)):
        yield Member(f"restless-{index}", wanted, habits)


def _durable(agents: list[str], checkpoint_seconds: float, dice: Random) -> Iterator[Member]:
    views = [everything(frozenset(agents)), one_agent(dice.choice(agents))]
    views += [some_types("agent.", frozenset(agents)), one_job(JOBS[1], frozenset(agents))]
    for index, wanted in enumerate(views):
        cut = None if index % 2 else 7.0
        yield Member(
            f"durable-{index}", wanted, Habits(durable=checkpoint_seconds, cut_seconds=cut)
        )


def _acking(agents: list[str], checkpoint_seconds: float, dice: Random) -> Iterator[Member]:
    habits = Habits(durable=checkpoint_seconds, acks=True, cut_seconds=6)
    views = [everything(frozenset(agents)), one_agent(dice.choice(agents))]
    for index, wanted in enumerate(views * 2):
        yield Member(f"acking-{index}", wanted, habits)


def _client(member: Member, addresses: Sequence[str], judge: Judge, dice: Random) -> Client:
    return Client(
        member.name,
        member.wanted,
        member.habits,
        judge=judge,
        addresses=addresses,
        dice=Random(dice.random()),
    )
