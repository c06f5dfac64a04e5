"""Everybody comes back at once, and nobody is harmed."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import Any, cast

import pytest
from nats.aio.client import Client
from nats.aio.msg import Msg

from tests.chaos.scale import scaled
from tests.support.bridge_process import BridgeProcess
from tests.support.load import Load
from tests.support.throng import allow_descriptors, connect, cut_all
from tests.support.waiting import eventually

logger = logging.getLogger("chaos")

CLIENTS = scaled(1000, full=5000)
BEHIND = 500
CONNECTED_ALREADY = 50
CONSUMER_CREATED = "$JS.EVENT.ADVISORY.CONSUMER.CREATED.EVT.>"


@pytest.mark.timeout(300)
async def test_a_storm_is_served_from_memory_and_loses_nothing(
    bridge: BridgeProcess, nats: Client
) -> None:
    allow_descriptors(CLIENTS + 1000)
    load = await Load.begin(nats)
    await load.publish(1)
    left_at = load.last
    early = await connect(bridge.url, CONNECTED_ALREADY, last=left_at)
    await load.publish(BEHIND)
    consumers = await advisories(nats)
    publishing = asyncio.create_task(load.publish_steadily(per_second=100, seconds=3.0))
    begun = time.monotonic()
    storm = await connect(bridge.url, CLIENTS, last=left_at)
    connected = time.monotonic() - begun
    await publishing
    everybody = early + storm
    await eventually(lambda: all(each.last == load.last for each in everybody), within=90)
    logger.info(
        "%d clients connected within %.1f s, all caught up after %.1f s, bridge at %d MB",
        *(CLIENTS, connected, time.monotonic() - begun, bridge.resident_bytes() >> 20),
    )
    cut_all(everybody)
    assert [each.wrong for each in everybody if each.wrong] == []
    assert {each.count for each in everybody} == {load.last - left_at}
    assert consumers == []


async def advisories(nats: Client) -> list[bytes]:
    """A list to which every consumer that is made of the stream is added, from now on."""
    made: list[bytes] = []

    async def note(message: Msg) -> None:
        made.append(message.data)

    await cast("Any", nats).subscribe(CONSUMER_CREATED, cb=note)
    await nats.flush()
    return made
