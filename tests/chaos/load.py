"""The publishers of a run: numbered events at a steady rate, none lost over any outage."""

from __future__ import annotations

import asyncio
import functools
from collections import defaultdict
from random import Random

from jetbridge_publishers.connection import NatsOptions
from jetbridge_publishers.publish_errors import PublishBufferFullError
from jetbridge_publishers.publisher import Publisher
from tests.chaos.findings import Findings
from tests.chaos.ledger import Ledger
from tests.chaos.numbered import Chains, kind_of

TICK_SECONDS = 0.02
BURST = 150
BURST_EVERY_SECONDS = 4.0


class Load:
    """Publishes for all agents until `stop`; `emitted` says how many events each has made."""

    def __init__(
        self,
        options: NatsOptions,
        agents: list[str],
        *,
        per_second: int,
        chains: Chains,
        ledger: Ledger,
        findings: Findings,
        dice: Random,
    ) -> None:
        self.emitted: dict[str, int] = defaultdict(int)
        self.agents = agents
        self._publishers = [Publisher(options), Publisher(options)]
        self._per_second = per_second
        self._chains = chains
        self._ledger = ledger
        self._findings = findings
        self._dice = dice
        self._stopping = asyncio.Event()

    @property
    def total(self) -> int:
        return sum(self.emitted.values())

    async def run(self) -> None:
        """Publish until `stop`, and until everything is stored."""
        first, second = self._publishers
        async with first, second:
            await self._emit_steadily()
            for publisher in self._publishers:
                await publisher.flush()

    def stop(self) -> None:
        self._stopping.set()

    async def _emit_steadily(self) -> None:
        loop = asyncio.get_running_loop()
        due, before = 0.0, loop.time()
        while not self._stopping.is_set():
            await asyncio.sleep(TICK_SECONDS)
            now = loop.time()
            # No more than can be worked off: a busy machine gets less to do, not more.
            passed, before = min(now - before, 2 * TICK_SECONDS), now
            due += passed * self._per_second
            if self._dice.random() < passed / BURST_EVERY_SECONDS:
                due += BURST
            while due >= 1:
                due -= 1
                await self._emit(self._dice.randrange(len(self.agents)))

    async def _emit(self, index: int) -> None:
        agent, publisher = self.agents[index], self._publishers[index % 2]
        n = self.emitted[agent] + 1
        kind = kind_of(n)
        while True:
            try:
                stored = publisher.emit_nowait(
                    self._chains.body(agent, n), agent=agent, job=kind.job, type=kind.type
                )
                break
            except PublishBufferFullError:
                await publisher.flush()
        self.emitted[agent] = n
        stored.add_done_callback(functools.partial(self._stored, agent, n))

    def _stored(self, agent: str, n: int, future: asyncio.Future[int]) -> None:
        error = None if future.cancelled() else future.exception()
        if error is not None or future.cancelled():
            self._findings.note("unpublished", f"{agent} {n}: {error or 'cancelled'}")
        elif not self._ledger.ack(agent, n, future.result()):
            self._findings.note("misplaced", f"{agent} {n} stored at {future.result()}")
