"""Work: one process that publishes as fast as everything is acknowledged."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from dataclasses import dataclass

from benchmarks import bridge
from jetbridge import event_loop
from jetbridge_publishers.publisher import Publisher

BACKLOG = 2000
"""Events that wait to be sent, so that the publisher is never idle."""

PADDING = "x" * 175
"""Makes an event as large as those of the load generator."""


@dataclass(frozen=True)
class AckedPublishing:
    """`events` events through Publisher: each with a Msg-Id, `in_flight` unacknowledged."""

    events: int
    in_flight: int

    def run(self) -> dict[str, float]:
        """Measure once."""
        with bridge.nats_server() as nats, bridge.bridge(nats):
            return {"events_per_second": event_loop.run(self._publish(nats.url))}

    async def _publish(self, url: str) -> float:
        async with Publisher(url, max_in_flight=self.in_flight) as publisher:
            await self._emit(publisher, self.events // 10)
            started = time.monotonic()
            await self._emit(publisher, self.events)
            return self.events / (time.monotonic() - started)

    async def _emit(self, publisher: Publisher, events: int) -> None:
        pending: deque[asyncio.Future[int]] = deque()
        for number in range(events):
            agent = f"agent-{number % 10}"
            event = {"agent_id": agent, "status": "RUNNING", "current_step": PADDING}
            pending.append(publisher.emit_nowait(event, agent=agent, type="agent.status"))
            if len(pending) > BACKLOG:
                await pending.popleft()
        await publisher.flush()
