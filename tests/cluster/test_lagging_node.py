"""A node that was away serves readers while it catches up; nobody loses what it does not have."""

from __future__ import annotations

import asyncio
import json

from tests.support.bridge import PREFIX, LiveBridge, live_bridge, publish_many
from tests.support.nats_cluster import NatsCluster
from tests.support.waiting import eventually
from tests.support.watcher import Watcher

EVENTS = 8000
CLIENTS_AT_ONCE = 4
CLIENTS = 40
BULK = json.dumps({"text": "x" * 4000}).encode()
RARE = "evt.default.rare.-.note"
OFTEN = "evt.default.often.-.note"


class Returning:
    """Clients of one quiet agent that all come back to the same place, one after the other."""

    def __init__(self, bridge: LiveBridge, last_id: int) -> None:
        self._bridge = bridge
        self._last_id = last_id
        self.seen: list[list[int]] = []

    async def run(self, behind: asyncio.Event) -> None:
        """Let clients come until there were enough, and as long as the node is behind."""
        while behind.is_set() or len(self.seen) < CLIENTS:
            client = Watcher(self._bridge.url, PREFIX + "/agents/rare", last_id=self._last_id)
            await client.connect()
            await client.read_until(lambda c=client: bool(c.of_kind("caught-up")))
            client.cut()
            self.seen.append(client.events)


async def test_a_replay_from_a_node_that_is_behind_is_whole(nats_cluster: NatsCluster) -> None:
    leader = await nats_cluster.leader()
    away = next(node for node in nats_cluster.nodes.values() if node is not leader)
    present = ",".join(node.url for node in nats_cluster.nodes.values() if node is not away)
    async with (
        live_bridge(nats_cluster, nats=present, stream_replicas=3, ring_max_events=0) as bridge,
        nats_cluster.client(present) as nats,
    ):
        returning = Returning(bridge, bridge.bridge.hub.ring.head)
        subjects = [OFTEN if number % 400 else RARE for number in range(EVENTS, 0, -1)]
        bodies = [BULK if subject == OFTEN else b"{}" for subject in subjects]
        away.pause()
        try:
            stored = await publish_many(nats, subjects, bodies)
            await eventually(lambda: bridge.bridge.hub.ring.head == stored[-1], within=30)
        finally:
            away.resume()
        behind = asyncio.Event()
        behind.set()
        clients = [asyncio.create_task(returning.run(behind)) for _ in range(CLIENTS_AT_ONCE)]
        await eventually(nats_cluster.whole, within=30)
        behind.clear()
        await asyncio.gather(*clients)
        wanted = [seq for seq, subject in zip(stored, subjects, strict=True) if subject == RARE]
        assert [len(events) for events in returning.seen if events != wanted] == []
