"""A bridge in a process of its own, told to end."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from jetbridge.embedded import NatsServer
from tests.support.bridge import PREFIX, plain_client, publish
from tests.support.bridge_process import BridgeProcess
from tests.support.raw_http import ask
from tests.support.sse import Frame, SseClient
from tests.support.waiting import eventually

STREAMS = ["/events", "/agents/a", "/jobs/j?event_types=*", "/events?from=earliest&agents=b"]


@asynccontextmanager
async def crowd(url: str, size: int) -> AsyncGenerator[list[SseClient]]:
    clients = [SseClient(url, PREFIX + STREAMS[n % len(STREAMS)]) for n in range(size)]
    try:
        await asyncio.gather(*[client.open() for client in clients])
        await asyncio.gather(*[client.until_event("caught-up") for client in clients])
        yield clients
    finally:
        await asyncio.gather(*[client.close() for client in clients])


def serving(nats: NatsServer, log: Path, **settings: object) -> BridgeProcess:
    return BridgeProcess(nats.url, log, settings=settings)


def assert_no_traceback(log: Path) -> None:
    assert "Traceback" not in log.read_text(), log.read_text()


@pytest.mark.parametrize("direct_writes", [True, False], ids=["direct", "asgi"])
async def test_sigterm_says_goodbye_to_each_of_200_streams_and_exits_with_0(
    nats_server: NatsServer, tmp_path: Path, direct_writes: bool
) -> None:
    log = tmp_path / "bridge.log"
    async with (
        serving(nats_server, log, drain_seconds=1, direct_writes=direct_writes) as bridge,
        crowd(bridge.url, 200) as clients,
        plain_client(nats_server) as nats,
    ):
        last = await publish(nats, "evt.default.a.j.custom.x", {"n": 1})
        draining = asyncio.create_task(bridge.drain(within=15))
        ends = await asyncio.gather(*[client.rest() for client in clients])
        assert await draining == 0
        assert {frames[-1].event for frames in ends} == {"draining"}
        for number, frames in enumerate(ends):
            got = [frame.sequence for frame in frames[:-1]]
            assert got == ([] if number % len(STREAMS) == 3 else [last])
        waits = {frames[-1].retry for frames in ends}
        assert len(waits) > 50
    assert_no_traceback(log)


async def test_while_it_drains_newcomers_are_sent_elsewhere_and_a_second_signal_ends_it(
    nats_server: NatsServer, tmp_path: Path
) -> None:
    log = tmp_path / "bridge.log"
    async with (
        serving(nats_server, log, drain_seconds=600) as bridge,
        crowd(bridge.url, 20) as clients,
    ):
        bridge.send(signal.SIGINT)
        stream = f"{PREFIX}/events?until=0s"

        async def refused() -> bool:
            answer = await ask(bridge.url, stream, accept="text/event-stream")
            return b'"reason":"draining"' in answer.body

        await eventually(refused)
        assert (await ask(bridge.url, "/readyz")).status == 503
        assert (await ask(bridge.url, "/livez")).status == 200
        bridge.send(signal.SIGINT)
        await asyncio.gather(*[client.rest() for client in clients])
        async with asyncio.timeout(10):
            assert await bridge.process.wait() == 0
    assert_no_traceback(log)


async def test_it_ends_as_well_while_nats_is_away(nats_server: NatsServer, tmp_path: Path) -> None:
    log = tmp_path / "bridge.log"
    async with (
        serving(nats_server, log, drain_seconds=0.2) as bridge,
        crowd(bridge.url, 4) as clients,
    ):
        await asyncio.to_thread(nats_server.kill)

        async def away() -> bool:
            return (await ask(bridge.url, "/health")).status == 503

        await eventually(away)
        draining = asyncio.create_task(bridge.drain(within=10))
        ends: list[list[Frame]] = await asyncio.gather(*[client.rest() for client in clients])
        assert await draining == 0
        assert [frames[-1].event for frames in ends] == ["draining"] * 4
    assert_no_traceback(log)
