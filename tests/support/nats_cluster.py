"""A real JetStream cluster of three nats-servers on loopback."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import AsyncGenerator, Generator
from pathlib import Path

import nats.errors
from nats.aio.client import Client
from nats.js import JetStreamContext

from jetbridge.embedded import NatsServer
from jetbridge_publishers.connection import NatsOptions, connect, jetstream
from jetbridge_publishers.streams import EVENTS, StreamSettings, ensure
from jetbridge_schemas.errors import JetbridgeError
from tests.support.waiting import eventually

CONFIG = """
server_name: {name}
cluster {{ name: test, listen: "127.0.0.1:{port}", routes: [{routes}] }}
"""


class NatsCluster:
    """Nodes `n1`, `n2`, `n3`, each a NatsServer, so that each can be killed, paused, restarted."""

    def __init__(self, directory: Path, *, size: int = 3) -> None:
        names = [f"n{number}" for number in range(1, size + 1)]
        with free_ports(size) as ports:
            routes = ", ".join(f'"nats://127.0.0.1:{port}"' for port in ports)
            self.nodes = {
                name: NatsServer(
                    directory / name, config=write_config(directory, name, port, routes)
                )
                for name, port in zip(names, ports, strict=True)
            }

    @property
    def urls(self) -> list[str]:
        return [node.url for node in self.nodes.values()]

    @property
    def url(self) -> str:
        """All nodes, as the bridge's setting `nats` names them."""
        return ",".join(self.urls)

    def start(self) -> None:
        """Start all nodes. JetStream answers once they have chosen a leader."""
        for node in self.nodes.values():
            node.start()

    def kill(self) -> None:
        """End all nodes at once."""
        for node in self.nodes.values():
            node.kill()

    async def make_streams(self) -> None:
        """Make EVT and DLQ, which takes until JetStream has a leader and all nodes met."""
        async with self.jetstream() as js:

            async def made() -> bool:
                with contextlib.suppress(JetbridgeError):
                    await ensure(js, StreamSettings(replicas=len(self.nodes)), "create")
                    return await self.whole()
                return False

            await eventually(made, within=20)

    async def leader(self) -> NatsServer:
        """The node that leads the stream EVT."""
        async with self.jetstream() as js:
            cluster = (await js.stream_info(EVENTS)).cluster
        assert cluster is not None
        assert cluster.leader is not None
        return self.nodes[cluster.leader]

    async def whole(self) -> bool:
        """True if every node has all of EVT; False while there is nobody to ask, too."""
        try:
            async with self.jetstream() as js:
                cluster = (await js.stream_info(EVENTS)).cluster
        except nats.errors.Error:
            return False
        replicas = (cluster and cluster.replicas) or []
        return len(replicas) == len(self.nodes) - 1 and all(one.current for one in replicas)

    @contextlib.asynccontextmanager
    async def jetstream(self) -> AsyncGenerator[JetStreamContext]:
        """JetStream while the block runs."""
        async with self.client() as client:
            yield jetstream(client, timeout_seconds=2)

    @contextlib.asynccontextmanager
    async def client(self, servers: str = "") -> AsyncGenerator[Client]:
        """A NATS client while the block runs, of all nodes or of those that are named."""
        client = await connect(NatsOptions(servers=servers or self.url))
        try:
            yield client
        finally:
            await client.close()


def write_config(directory: Path, name: str, port: int, routes: str) -> Path:
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / f"{name}.conf"
    path.write_text(CONFIG.format(name=name, port=port, routes=routes))
    return path


@contextlib.contextmanager
def free_ports(count: int) -> Generator[list[int]]:
    """Ports of 127.0.0.1 that nobody has while the block runs."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        yield [one.getsockname()[1] for one in sockets]
