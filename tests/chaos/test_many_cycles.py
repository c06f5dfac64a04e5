"""A day of coming and going in small: afterwards everything is as it was."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from random import Random

import pytest
from nats.aio.client import Client

from jetbridge.embedded import NatsServer
from tests.chaos.scale import scaled
from tests.support.bridge import plain_client
from tests.support.bridge_process import BridgeProcess, Vitals
from tests.support.load import Load
from tests.support.operator import consumer_names
from tests.support.raw_http import ask
from tests.support.throng import Watching, connect
from tests.support.waiting import eventually

logger = logging.getLogger("chaos")

CYCLES = scaled(3000, full=20_000)
AT_ONCE = 100
WARM_UP = scaled(1000, full=6000)
GROWTH_BYTES = 8 * 1024 * 1024
PATHS = (
    "/api/v1/stream/events",
    "/api/v1/stream/events?from=earliest",
    "/api/v1/stream/events?snapshot=1",
    "/api/v1/stream/events?event_types=custom.*",
    "/api/v1/stream/agents/agent%3A1?since=1h",
    "/api/v1/stream/jobs/job%3A1?event_types=*",
    "/api/v1/stream/jobs/nobody",
    "/api/v1/stream/events?client_id=tab",
)
CONSUMERS = 2
"""The tail's, and the cursor of the only client that has one."""

SETTINGS = {
    "max_clients_per_stream": 0,
    "enable_heartbeat": False,
    # Full from the beginning, so that it does not grow.
    "ring_max_events": 1000,
    "cursor_checkpoint_seconds": 1,
}


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_coming_and_going_leaves_nothing_behind(
    nats_server: NatsServer, tmp_path: Path
) -> None:
    log = tmp_path / "bridge.log"
    async with (
        BridgeProcess(nats_server.url, log, settings=SETTINGS, inspected=True) as bridge,
        plain_client(nats_server) as nats,
    ):
        load = await Load.begin(nats, padding=200)
        await load.publish(2000)
        dice = Random(CYCLES)
        await come_and_go(bridge, load, WARM_UP, dice)
        before = await at_rest(bridge, nats)
        await come_and_go(bridge, load, CYCLES, dice)
        after = await at_rest(bridge, nats, tasks=before.tasks)
    logger.info("%d cycles: %s, then %s", CYCLES, before, after)
    assert after.resident_bytes - before.resident_bytes < GROWTH_BYTES
    assert after.descriptors <= before.descriptors


async def come_and_go(bridge: BridgeProcess, load: Load, count: int, dice: Random) -> None:
    """So many connections, of all kinds, each left at a moment that dice choose."""
    for _ in range(count // AT_ONCE):
        positions = [None, load.last - dice.randrange(1000)]
        batches = [
            connect(bridge.url, AT_ONCE // 10, path=dice.choice(PATHS), last=dice.choice(positions))
            for _ in range(10)
        ]
        clients = [each for batch in await asyncio.gather(*batches) for each in batch]
        publishing = asyncio.create_task(load.publish(20))
        await asyncio.gather(*(leave(client, dice) for client in clients))
        await publishing


async def leave(client: Watching, dice: Random) -> None:
    """Go at once, or after the first frames, without a word."""
    if dice.random() < 0.8:
        await eventually(lambda: client.controls, within=20)
    client.cut()


async def at_rest(bridge: BridgeProcess, nats: Client, *, tasks: int | None = None) -> Vitals:
    """What the bridge holds once it has noticed that everybody has gone: no consumer of a
    replay any more, and no more tasks than it had."""

    async def settled() -> bool:
        status = await ask(bridge.url, "/api/v1/stream/status?scope=local")
        alone = status.json["total_clients"] == 0
        alone = alone and len(await consumer_names(nats)) == CONSUMERS
        return alone and (tasks is None or (await bridge.vitals()).tasks <= tasks)

    await eventually(settled, within=30, every=0.1)
    return await bridge.vitals()
