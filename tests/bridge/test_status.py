"""How the bridge says how it is."""

from __future__ import annotations

import asyncio
from typing import Any

from jetbridge.embedded import NatsServer
from jetbridge_schemas.version import __version__
from tests.support.bridge import PREFIX, LiveBridge, context, live_bridge, plain_client, publish
from tests.support.crowd import watching
from tests.support.raw_http import Answer, ask
from tests.support.waiting import eventually


async def get(bridge: LiveBridge, path: str) -> Answer:
    answer = await ask(bridge.url, path)
    assert answer.header("content-type") == "application/json"
    assert answer.header("cache-control") == "no-store"
    return answer


async def status(bridge: LiveBridge, query: str = "") -> dict[str, Any]:
    answer = await get(bridge, f"{PREFIX}/status{query}")
    assert answer.status == 200
    return answer.json


async def probes(bridge: LiveBridge) -> dict[str, int]:
    """The status codes of all probes."""
    return {path: (await get(bridge, path)).status for path in ("/health", "/livez", "/readyz")}


WELL = {"/health": 200, "/livez": 200, "/readyz": 200}
AILING = {"/health": 503, "/livez": 200, "/readyz": 503}


async def test_status_counts_clients_and_streams_as_in_the_guide(nats_server: NatsServer) -> None:
    async with (
        live_bridge(nats_server, max_event_history=4) as bridge,
        plain_client(nats_server) as nats,
    ):
        for n in range(6):
            await publish(nats, f"evt.default.agent:001.{'job:123' if n % 2 else '-'}.custom.x", {})
        paths = ["/events", "/events?agents=b", "/agents/agent%3A001", "/jobs/job%3A123"]
        async with watching(bridge, paths):
            for query in ("", "?scope=local"):
                body = await status(bridge, query)
                assert body["total_clients"] == 4
                assert body["total_streams"] == 3
                assert body["active_streams"] == {
                    "global": {"subscribers": 2, "event_history_size": 4},
                    "agent:001": {"subscribers": 1, "event_history_size": 4},
                    "job:123": {"subscribers": 1, "event_history_size": 3},
                }
                assert body["clients_by_state"] == {"live": 4}
        await eventually(lambda: not bridge.bridge.hub.subscribers)
        after = await status(bridge)
        assert (after["total_clients"], after["total_streams"], after["active_streams"]) == (
            0,
            0,
            {},
        )


async def test_status_shows_the_settings_of_the_guide(nats_server: NatsServer) -> None:
    async with live_bridge(nats_server) as bridge:
        assert (await status(bridge))["config"] == {
            "heartbeat_interval_seconds": 30.0,
            "client_timeout_seconds": 300.0,
            "max_clients_per_stream": 1000,
            "max_queue_size": 500,
            "max_event_history": 100,
            "enable_heartbeat": True,
        }


async def test_an_agent_and_a_job_of_the_same_id_are_told_apart(nats_server: NatsServer) -> None:
    async with (
        live_bridge(nats_server) as bridge,
        watching(bridge, ["/agents/x", "/jobs/x", "/agents/global", "/events", "/jobs/y"]),
    ):
        streams = (await status(bridge))["active_streams"]
        assert set(streams) == {"agent/x", "job/x", "agent/global", "global", "y"}


async def test_all_is_well_in_good_times(nats_server: NatsServer) -> None:
    async with live_bridge(nats_server) as bridge:
        assert await probes(bridge) == WELL
        health = (await get(bridge, "/health")).json
        assert (health["status"], health["nats"], health["troubles"]) == ("ok", "connected", [])
        assert health["version"] == __version__


async def test_health_says_when_nats_is_away_and_when_it_is_back(nats_server: NatsServer) -> None:
    async with live_bridge(nats_server) as bridge:
        await asyncio.to_thread(nats_server.kill)

        async def ailing() -> bool:
            return await probes(bridge) == AILING

        async def well() -> bool:
            return await probes(bridge) == WELL

        await eventually(ailing)
        health = (await get(bridge, "/health")).json
        assert (health["status"], health["nats"]) == ("degraded", "disconnected")
        assert "NATS is away" in health["troubles"]
        assert (await status(bridge, "?scope=local"))["total_clients"] == 0
        await asyncio.to_thread(nats_server.start)
        await eventually(well)


async def test_health_says_when_the_stream_is_missing(nats_server: NatsServer) -> None:
    async with live_bridge(nats_server):
        pass
    async with (
        live_bridge(nats_server, stream_manage="verify") as bridge,
        plain_client(nats_server) as nats,
    ):
        await context(nats).delete_stream("EVT")

        async def ailing() -> bool:
            return await probes(bridge) == AILING

        await eventually(ailing)
        assert (await get(bridge, "/health")).json["nats"] == "connected"


async def test_a_bridge_that_drains_is_alive_and_not_ready(nats_server: NatsServer) -> None:
    async with live_bridge(nats_server) as bridge:
        await bridge.bridge.drain()
        assert await probes(bridge) == AILING
        assert "draining" in (await get(bridge, "/health")).json["troubles"]


async def test_the_root_says_where_things_are(nats_server: NatsServer) -> None:
    async with live_bridge(nats_server) as bridge:
        answer = await get(bridge, "/")
        assert (answer.status, answer.json["name"]) == (200, "jetbridge")
        assert f"{PREFIX}/events" in answer.json["streams"]
        assert (await get(bridge, answer.json["health"])).status == 200
        assert (await get(bridge, answer.json["status"])).status == 200
