"""Clients that take nothing cost next to nothing, and lose nothing."""

from __future__ import annotations

import logging
import signal

import pytest
from nats.aio.client import Client

from tests.chaos.scale import scaled
from tests.support.bridge_process import BridgeProcess
from tests.support.load import Load
from tests.support.throng import connect, cut_all
from tests.support.waiting import eventually

logger = logging.getLogger("chaos")

CLIENTS = 200
EVENTS = 100_000
BATCH = 10_000
PADDING = 1000
GROWTH_BYTES = 64 * 1024 * 1024
SMALL_BUFFER = 4096
AWAKE_EVENTS = scaled(20_000, full=EVENTS)


@pytest.mark.slow
@pytest.mark.timeout(240)
async def test_two_hundred_clients_that_read_nothing_hold_no_memory(
    bridge: BridgeProcess, nats: Client
) -> None:
    load = await Load.begin(nats, padding=PADDING)
    await load.publish(1)
    begun_at = load.last
    idle = await connect(bridge.url, CLIENTS, last=begun_at, receive_buffer=SMALL_BUFFER)
    await eventually(lambda: all(client.told(b"caught-up") for client in idle))
    for client in idle:
        client.stop_reading()
    watcher, *_ = await connect(bridge.url, 1, last=begun_at)
    before = most = bridge.resident_bytes()
    while load.last < begun_at + EVENTS:
        bridge.send(signal.SIGSTOP)  # so that much comes at once
        await load.publish(BATCH)
        bridge.send(signal.SIGCONT)
        await eventually(lambda: watcher.last == load.last, within=30)
        most = max(most, bridge.resident_bytes())
    logger.info("the bridge grew from %d to %d MB", before >> 20, most >> 20)
    assert most - before < GROWTH_BYTES

    awake = idle[0]
    awake.read_on()
    await eventually(lambda: awake.count >= AWAKE_EVENTS, within=60)
    assert awake.wrong == watcher.wrong == []
    assert awake.last == begun_at + awake.count
    assert bridge.resident_bytes() - before < GROWTH_BYTES
    cut_all([*idle, watcher])
