"""A connection to NATS that dies without a word is not waited for."""

from __future__ import annotations

from random import Random

from jetbridge.embedded import NatsServer
from tests.support.bridge import live_bridge, plain_client
from tests.support.load import Load
from tests.support.tcp_proxy import TcpProxy
from tests.support.throng import connect, cut_all
from tests.support.waiting import eventually

WITHIN_SECONDS = 15


async def test_streams_go_on_soon_after_the_network_has_lost_everything(
    nats_server: NatsServer,
) -> None:
    async with (
        TcpProxy(nats_server.port, dice=Random(1)) as proxy,
        live_bridge(nats_server, nats=f"nats://127.0.0.1:{proxy.port}") as bridge,
        plain_client(nats_server) as nats,
    ):
        load = await Load.begin(nats)
        await load.publish(1)
        clients = await connect(bridge.url, 3, last=load.last)
        await eventually(lambda: all(client.told(b"caught-up") for client in clients))
        proxy.swallow()
        await load.publish(100)
        proxy.heal()
        await eventually(
            lambda: all(client.last == load.last for client in clients), within=WITHIN_SECONDS
        )
        assert [client.wrong for client in clients] == [[]] * 3
        cut_all(clients)
