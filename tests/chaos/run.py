"""A chaos run from its first event to its report."""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random

from tests.chaos.checker import Judge
from tests.chaos.client import Client
from tests.chaos.faults import FAULTS, ONLY_IN_A_CLUSTER, Fault, Monkey
from tests.chaos.findings import Findings
from tests.chaos.ledger import Ledger
from tests.chaos.load import Load
from tests.chaos.numbered import Chains
from tests.chaos.operator import Operator
from tests.chaos.population import population
from tests.chaos.report import Recovery, Report
from tests.chaos.site import CHECKPOINT_SECONDS, Site
from tests.support.starvation import Starvation
from tests.support.waiting import eventually

logger = logging.getLogger("chaos")

PATIENCE_SECONDS = 30.0
"""How long a recovery is waited for, beyond what it may take, to see whether it comes at all."""

CATCH_UP_SECONDS = 60.0
CALM_SECONDS = (0.3, 1.5)


@dataclass(frozen=True, kw_only=True)
class Options:
    """How a run is to be."""

    seed: int
    seconds: float
    longest_fault_seconds: float
    agents: int = 8
    per_second: int = 300


@dataclass
class Run:
    """Publishers, clients and a monkey on one site."""

    seed: int
    site: Site
    load: Load
    clients: list[Client]
    judge: Judge
    monkey: Monkey
    recoveries: list[Recovery] = field(default_factory=list[Recovery])

    async def go(self, seconds: float) -> Report:
        """Let the monkey loose for so long, then wait for everybody, and report."""
        begun = time.monotonic()
        async with asyncio.TaskGroup() as tasks:
            publishing = tasks.create_task(self.load.run())
            reading = [tasks.create_task(client.run()) for client in self.clients]
            await self._until_all_read(dict.fromkeys(self.load.agents, 1), PATIENCE_SECONDS)
            for fault in self._faults():
                if time.monotonic() - begun > seconds:
                    break
                await self._strike(fault)
            self.load.stop()
            await publishing
            await self._let_all_catch_up()
            for task in reading:
                task.cancel()
        return self._report(time.monotonic() - begun)

    async def _strike(self, fault: Fault) -> None:
        """One fault, and the wait until it is made good."""
        name = fault.__name__
        logger.info("%s", name)
        aftermath = await fault(self.monkey)
        gone, emitted = time.monotonic(), dict(self.load.emitted)
        starvation = Starvation(self._processes())
        await self._until_all_read(emitted, PATIENCE_SECONDS)
        recovery = Recovery(name, time.monotonic() - gone, starvation.seconds())
        logger.info(
            "%s: recovered after %.2f s, %.2f s of it without a processor",
            *(name, recovery.seconds, recovery.starved_seconds),
        )
        self.recoveries.append(recovery)
        self.judge.findings.decide()
        if aftermath is not None:
            await aftermath()
        await asyncio.sleep(self.monkey.dice.uniform(*CALM_SECONDS))

    async def _let_all_catch_up(self) -> None:
        for client in self.clients:
            client.hurry = True
        emitted = dict(self.load.emitted)
        await self._until_all_read(emitted, CATCH_UP_SECONDS, slow_ones_too=True)
        for client in self.clients:
            client.checker.finish(emitted)
        self.judge.findings.decide(final=True)

    async def _until_all_read(
        self, numbers: dict[str, int], seconds: float, *, slow_ones_too: bool = False
    ) -> None:
        """Wait until these events are stored, and everybody who keeps up has them."""
        waited_for = [each for each in self.clients if slow_ones_too or not each.is_slow]

        def behind() -> list[str]:
            acked = self.judge.ledger.acked
            late = [agent for agent, n in numbers.items() if acked[agent] < n]
            return late or [each.name for each in waited_for if not each.reached(numbers)]

        last: list[str] = []

        def nobody_behind() -> bool:
            late = behind()
            last[:] = late or last
            return not late

        try:
            await eventually(nobody_behind, within=seconds, every=0.05)
            self._tell_about(last)
        except AssertionError:
            names = ", ".join(behind())
            self.judge.findings.note("not recovered", f"after {seconds:.0f} s: {names}")

    def _processes(self) -> list[int]:
        """Those that stand in the way of an event, one after the other."""
        bridges = [bridge.process.pid for bridge in self.site.bridges]
        return [os.getpid(), *bridges, self.site.nodes[0].pid]

    def _tell_about(self, names: list[str]) -> None:
        for client in self.clients:
            if client.name in names:
                logger.debug("%s was the last: %s", client.name, "; ".join(client.diary))

    def _faults(self) -> Iterator[Fault]:
        """Every kind in random order, again and again."""
        kinds = FAULTS + (ONLY_IN_A_CLUSTER if self.site.cluster is not None else ())
        while True:
            yield from self.monkey.dice.sample(kinds, len(kinds))

    def _report(self, seconds: float) -> Report:
        findings, judge = self.judge.findings, self.judge
        return Report(
            seed=self.seed,
            seconds=seconds,
            events=self.load.total,
            deliveries=judge.deliveries,
            repeats=judge.repeats,
            gaps=judge.gaps,
            counts=findings.counts,
            recoveries=self.recoveries,
            problems=[*findings.problems, *self.site.complaints()],
        )


async def run_chaos(site: Site, options: Options) -> Report:
    """Run on a site that is up. Everything random follows from the seed but the timing."""
    dice = Random(options.seed)
    chains, ledger = Chains(), Ledger()
    findings = Findings(ledger)
    judge = Judge(chains, ledger, findings)
    agents = [f"agent:{number}" for number in range(options.agents - 1)] + ["kettle no. 1/b"]
    load = Load(
        site.nats_options,
        agents,
        per_second=options.per_second,
        chains=chains,
        ledger=ledger,
        findings=findings,
        dice=Random(dice.random()),
    )
    clients = population(
        agents,
        judge=judge,
        addresses=site.addresses,
        dice=Random(dice.random()),
        checkpoint_seconds=CHECKPOINT_SECONDS,
    )
    operator = Operator(site.nats_options)
    monkey = Monkey(site, operator, ledger, Random(dice.random()), options.longest_fault_seconds)
    return await Run(options.seed, site, load, clients, judge, monkey).go(options.seconds)
