"""Everything a run attacks: nats-servers, bridges in processes, and proxies between them."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

from jetbridge.embedded import NatsServer
from jetbridge_publishers.connection import NatsOptions
from tests.chaos.population import Addresses
from tests.support.bridge_process import BridgeProcess
from tests.support.nats_cluster import NatsCluster
from tests.support.ports import steady_port
from tests.support.tcp_proxy import TcpProxy

BRIDGES = 2
MISTAKE = re.compile(
    r"\[(error|critical) (?!.*graceful shutdown exceeded)|^Traceback|^[\w.]*Error: "
)
"""Streams that are not over in time are those of slow readers: nothing wrong with that."""

MAX_COMPLAINTS = 10
ROUTE = re.compile(r"nats://127\.0\.0\.1:(\d+)")
DRAIN_SECONDS = 2.0
CHECKPOINT_SECONDS = 2.0
SETTINGS: Mapping[str, object] = {
    "heartbeat_interval_seconds": 1,
    "drain_seconds": DRAIN_SECONDS,
    "cursor_checkpoint_seconds": CHECKPOINT_SECONDS,
    # Small, so that slow readers and late ones read the stream and not the ring.
    "ring_max_events": 2000,
}


@dataclass(frozen=True)
class Site:
    """`nodes` are the nats-servers; `nats_proxies` stand before them, as the bridges see
    them, and `client_proxies` before the bridges, one for each."""

    nodes: Sequence[NatsServer]
    bridges: Sequence[BridgeProcess]
    nats_proxies: Sequence[TcpProxy]
    client_proxies: Sequence[TcpProxy]
    cluster: NatsCluster | None = None

    @property
    def addresses(self) -> Addresses:
        proxied = [f"http://127.0.0.1:{proxy.port}" for proxy in self.client_proxies]
        return Addresses([bridge.url for bridge in self.bridges], proxied)

    @property
    def nats_options(self) -> NatsOptions:
        """How a publisher or an operator reaches NATS, past all proxies."""
        return NatsOptions(servers=[node.url for node in self.nodes], name="chaos")

    def complaints(self) -> list[str]:
        """Lines of the bridges' logs that should never be there, the first few of them."""
        bad = [
            f"{bridge.log_file.name}: {line}"
            for bridge in self.bridges
            for line in bridge.log_file.read_text(errors="replace").splitlines()
            if MISTAKE.search(line)
        ]
        return bad[:MAX_COMPLAINTS]


@asynccontextmanager
async def single_node_site(folder: Path, dice: Random) -> AsyncGenerator[Site]:
    """One nats-server and its bridges, running."""
    node = NatsServer(folder / "nats", port=steady_port())
    await asyncio.to_thread(node.start)
    try:
        async with _running_site([node], folder, dice) as site:
            yield site
    finally:
        await asyncio.to_thread(node.kill)


@asynccontextmanager
async def three_node_site(folder: Path, dice: Random) -> AsyncGenerator[Site]:
    """A cluster of three nats-servers, with the stream on all of them, and its bridges."""
    cluster = NatsCluster(folder / "nats")
    for node in cluster.nodes.values():
        node.port = steady_port()
    _settle([*(folder / "nats").glob("*.conf")])
    try:
        await asyncio.to_thread(cluster.start)
        await cluster.make_streams()
        async with _running_site([*cluster.nodes.values()], folder, dice, cluster) as site:
            yield site
    finally:
        await asyncio.to_thread(cluster.kill)


def _settle(configs: Sequence[Path]) -> None:
    """Have the nodes not tell clients of each other, since the bridges must go by the proxies,
    and meet at ports that nobody takes while a node is dead."""
    ports = {port: str(steady_port()) for port in ROUTE.findall(configs[0].read_text())}
    for config in configs:
        text = config.read_text().replace("cluster {", "cluster { no_advertise: true, ")
        for port, steady in ports.items():
            text = text.replace(f":{port}", f":{steady}")
        config.write_text(text)


@asynccontextmanager
async def _running_site(
    nodes: Sequence[NatsServer], folder: Path, dice: Random, cluster: NatsCluster | None = None
) -> AsyncGenerator[Site]:
    """Bridges and proxies around nats-servers that run already."""
    async with AsyncExitStack() as stack:
        nats_proxies: list[TcpProxy] = []
        client_proxies: list[TcpProxy] = []
        bridges: list[BridgeProcess] = []
        for number in range(BRIDGES):
            before = [
                await stack.enter_async_context(TcpProxy(node.port, dice=dice)) for node in nodes
            ]
            bridge = BridgeProcess(
                ",".join(f"nats://127.0.0.1:{proxy.port}" for proxy in before),
                folder / f"bridge-{number}.log",
                settings={**SETTINGS, "stream_replicas": len(nodes)},
            )
            bridges.append(await stack.enter_async_context(bridge))
            nats_proxies += before
            client_proxies.append(await stack.enter_async_context(TcpProxy(bridge.port, dice=dice)))
        yield Site(nodes, bridges, nats_proxies, client_proxies, cluster)
