"""A bridge that is told to go sends everybody away in good order."""

from __future__ import annotations

import asyncio
import json
import signal
import time

import pytest
from nats.aio.client import Client

from tests.support.bridge_process import BridgeProcess
from tests.support.load import Load
from tests.support.raw_http import ask
from tests.support.throng import allow_descriptors, connect
from tests.support.waiting import eventually

CLIENTS = 2000
DRAIN_SECONDS = 3
GRACE_SECONDS = 15


@pytest.mark.timeout(120)
async def test_two_thousand_clients_are_sent_away_one_after_the_other(
    bridge: BridgeProcess, nats: Client
) -> None:
    allow_descriptors(CLIENTS + 1000)
    load = await Load.begin(nats)
    await load.publish(1)
    clients = await connect(bridge.url, CLIENTS, last=load.last)
    await eventually(lambda: all(client.told(b"caught-up") for client in clients), within=30)
    await load.publish(100)
    publishing = asyncio.create_task(load.publish_steadily(per_second=50, seconds=2.0))

    bridge.send(signal.SIGTERM)
    begun = time.monotonic()
    await eventually(lambda: not_ready(bridge), within=1.0)
    async with asyncio.timeout(DRAIN_SECONDS + GRACE_SECONDS):
        assert await bridge.process.wait() == 0
    await publishing

    await eventually(lambda: all(client.closed_at for client in clients))
    retries = [int(json.loads(client.told(b"draining")[0])["retry_ms"]) for client in clients]
    assert min(retries) >= 500
    assert max(retries) - min(retries) > 1000
    assert [client.told(b"draining")[1:] for client in clients] == [[]] * CLIENTS
    ends = sorted(client.closed_at - begun for client in clients if client.closed_at)
    assert ends[-CLIENTS // 10] - ends[CLIENTS // 10] > DRAIN_SECONDS / 3
    assert [client.wrong for client in clients if client.wrong] == []


async def not_ready(bridge: BridgeProcess) -> bool:
    return (await ask(bridge.url, "/readyz")).status == 503
