"""The plant on the air: its agents publish until they are told to stop."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Iterable

from jetbridge_publishers.emitter import Emitter
from jetbridge_publishers.plant.emissions import Emission, shutdown
from jetbridge_publishers.plant.simulation import Simulation
from jetbridge_publishers.publish_errors import PublishBufferFullError

logger = logging.getLogger("jetbridge.plant")


async def run_demo(
    publisher: Emitter, *, stop: asyncio.Event, interval_seconds: float = 1.0
) -> None:
    """Run the plant and publish what its agents say, about 5 events per tick, until `stop`.

    Each tick is one second for the plant, and `interval_seconds` on the clock. The plant
    does not stand still while NATS is away: what the publisher's buffer cannot hold is not
    published, with one line in the log.
    Raises PublishError when the publisher is closed under it.
    """
    simulation = Simulation(run=format(int(time.time()), "x"))
    is_full = False
    loop = asyncio.get_running_loop()
    next_tick = loop.time()
    while not stop.is_set():
        was_full, is_full = is_full, not _publish(publisher, simulation.tick())
        if is_full and not was_full:
            logger.warning("the plant's events are not published: too many wait already")
        next_tick = max(next_tick + interval_seconds, loop.time())
        await _wait(stop, until=next_tick)
    _publish(publisher, shutdown())


def _publish(publisher: Emitter, emissions: Iterable[Emission]) -> bool:
    taken = True
    for emission in emissions:
        try:
            publisher.emit_nowait(emission.event, agent=emission.agent, job=emission.job)
        except PublishBufferFullError:
            taken = False
    return taken


async def _wait(stop: asyncio.Event, *, until: float) -> None:
    try:
        async with asyncio.timeout_at(until):
            await stop.wait()
    except TimeoutError:
        pass
