"""What the monkey does. Each fault returns when its cause is gone."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from random import Random

from tests.chaos.ledger import Ledger, Removal
from tests.chaos.operator import Operator
from tests.chaos.site import DRAIN_SECONDS, Site
from tests.support.tcp_proxy import TcpProxy
from tests.support.waiting import eventually

LEADER_SECONDS = 30.0
WHOLE_SECONDS = 30.0
GRACE_SECONDS = 10.0
"""What a bridge may take to end after it has drained, on a busy machine."""


@dataclass(frozen=True)
class Monkey:
    """`longest_seconds`: how long a fault may last that lasts."""

    site: Site
    operator: Operator
    ledger: Ledger
    dice: Random
    longest_seconds: float

    async def suffer(self) -> None:
        """Wait, while something is broken."""
        await asyncio.sleep(self.dice.uniform(0.5, 1.0) * self.longest_seconds)


Aftermath = Callable[[], Awaitable[object]]
"""What is to be put in order when everybody has recovered."""

Fault = Callable[[Monkey], Awaitable[Aftermath | None]]


async def bridge_killed(monkey: Monkey) -> None:
    bridge = monkey.dice.choice(monkey.site.bridges)
    await bridge.kill()
    await bridge.start()


async def bridge_drained(monkey: Monkey) -> None:
    bridge = monkey.dice.choice(monkey.site.bridges)
    code = await bridge.drain(within=DRAIN_SECONDS + GRACE_SECONDS)
    await bridge.start()
    assert code == 0, f"a drained bridge ended with exit code {code}"


async def bridge_frozen(monkey: Monkey) -> None:
    bridge = monkey.dice.choice(monkey.site.bridges)
    bridge.send(signal.SIGSTOP)
    try:
        await monkey.suffer()
    finally:
        bridge.send(signal.SIGCONT)


async def nats_killed(monkey: Monkey) -> None:
    node = monkey.dice.choice(monkey.site.nodes)
    await asyncio.to_thread(node.kill)
    await asyncio.to_thread(node.start)
    await _led(monkey)


async def leader_killed(monkey: Monkey) -> Aftermath:
    """The cause is gone when the stream has another leader; the node stays dead."""
    cluster = monkey.site.cluster
    assert cluster is not None
    name = str(await eventually(monkey.operator.leader, within=LEADER_SECONDS))
    leader = cluster.nodes[name]
    await asyncio.to_thread(leader.kill)
    await _led(monkey, but_not_by=name)

    async def bring_back() -> None:
        await asyncio.to_thread(leader.start)
        await eventually(cluster.whole, within=WHOLE_SECONDS, every=0.2)

    return bring_back


async def nats_frozen(monkey: Monkey) -> None:
    node = monkey.dice.choice(monkey.site.nodes)
    node.pause()
    try:
        await monkey.suffer()
    finally:
        node.resume()
    await _led(monkey)


async def nats_link_stalled(monkey: Monkey) -> None:
    await _while_broken(monkey, monkey.site.nats_proxies, TcpProxy.stall)


async def nats_link_lost(monkey: Monkey) -> None:
    await _while_broken(monkey, monkey.site.nats_proxies, TcpProxy.swallow)


async def nats_link_cut(monkey: Monkey) -> None:
    await asyncio.gather(*(proxy.cut() for proxy in monkey.site.nats_proxies))


async def client_links_stalled(monkey: Monkey) -> None:
    await _while_broken(monkey, monkey.site.client_proxies, TcpProxy.stall)


async def client_links_lost(monkey: Monkey) -> None:
    await _while_broken(monkey, monkey.site.client_proxies, TcpProxy.swallow)


async def client_links_cut(monkey: Monkey) -> None:
    await asyncio.gather(*(proxy.cut() for proxy in monkey.site.client_proxies))


async def consumers_deleted(monkey: Monkey) -> None:
    await monkey.operator.delete_consumers()


async def subject_purged(monkey: Monkey) -> None:
    agent = monkey.dice.choice(sorted(monkey.ledger.acked))
    await _purge(monkey, Removal(monkey.ledger.head + 1, agent))


async def stream_purged(monkey: Monkey) -> None:
    """All but the newest few, so that some clients have not yet had what is removed."""
    await _purge(monkey, Removal(monkey.ledger.head + 1 - monkey.dice.randrange(50)))


ONLY_IN_A_CLUSTER: tuple[Fault, ...] = (leader_killed,)
FAULTS: tuple[Fault, ...] = (
    bridge_killed,
    bridge_drained,
    bridge_frozen,
    nats_killed,
    nats_frozen,
    nats_link_stalled,
    nats_link_lost,
    nats_link_cut,
    client_links_stalled,
    client_links_lost,
    client_links_cut,
    consumers_deleted,
    subject_purged,
    stream_purged,
)


async def _led(monkey: Monkey, *, but_not_by: str = "") -> None:
    """Wait until a cluster has elected whom it needs to; it takes its time by design."""
    if monkey.site.cluster is None:
        return

    async def led() -> bool:
        return await monkey.operator.leader() not in {None, but_not_by}

    await eventually(led, within=LEADER_SECONDS, every=0.05)


async def _purge(monkey: Monkey, removal: Removal) -> None:
    monkey.ledger.removals.append(removal)
    await monkey.operator.purge(removal)


async def _while_broken(
    monkey: Monkey, proxies: Sequence[TcpProxy], break_: Callable[[TcpProxy], None]
) -> None:
    for proxy in proxies:
        break_(proxy)
    try:
        await monkey.suffer()
    finally:
        for proxy in proxies:
            proxy.heal()
