"""NATS that goes away, comes back, or is not as it has to be."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any, cast

import pytest
from nats.aio.client import Client

from jetbridge.embedded import NatsServer
from jetbridge_publishers.connection import NatsConnectError, NatsOptions, connect, jetstream
from jetbridge_publishers.storing import store
from jetbridge_publishers.streams import StreamSettings, ensure
from jetbridge_publishers.worker import Task, Worker, Yielded
from jetbridge_schemas import TaskStatus
from tests.support.tcp_proxy import TcpProxy
from tests.support.waiting import eventually
from tests.worker.desk import AGENT, Desk

AGENT_ONLY = """
accounts {{ A {{ jetstream: enabled, users: [
    {{user: owner, password: o}},
    {{user: agent, password: a, permissions: {{
        publish: [{publish}],
        subscribe: ["_INBOX.>", "ctl.default.agent:1.>", "$SRV.>"],
        allow_responses: true
    }}}}
]}} }}
"""
LEAST = [
    "evt.default.agent:1.>",
    "dlq.default.>",
    "ctl.default.agent:1.>",
    "$JS.API.CONSUMER.CREATE.TASKS.default=agent:1.task.default.agent:1",
    "$JS.API.CONSUMER.MSG.NEXT.TASKS.default=agent:1",
    "$JS.ACK.TASKS.default=agent:1.>",
    "$JS.API.CONSUMER.CREATE.EVT.*.evt.default.agent:1.>",
    "$JS.API.CONSUMER.MSG.NEXT.EVT.*",
    "$JS.API.CONSUMER.DELETE.EVT.*",
]
"""What docs/workers.md says that a worker has to be allowed to publish on."""


def counting(servers: str | Client, gate: asyncio.Event) -> Worker:
    """A worker whose task says 0 to 4, then waits, then says 5 to 9."""
    worker = Worker(servers, agent=AGENT, concurrency=2)

    @worker.task
    async def count(task: Task) -> AsyncGenerator[Yielded]:
        for number in range(10):
            yield str(number)
            if number == 4:
                await gate.wait()

    return worker


async def restart(server: NatsServer) -> None:
    await asyncio.to_thread(server.kill)
    await asyncio.to_thread(server.start)


async def test_a_power_cut_in_the_middle_of_a_task_costs_it_nothing(
    nats_server: NatsServer, desk: Desk
) -> None:
    gate = asyncio.Event()
    async with counting(nats_server.url, gate):
        id = await desk.submit()
        await desk.has_said(id, "4")
        await asyncio.to_thread(nats_server.kill)
        gate.set()
        await asyncio.to_thread(nats_server.start)
        await eventually(lambda: desk.client.is_connected)
        state = await desk.over(id)
        await desk.queue_is_empty()
        assert (await desk.over(await desk.submit())).status is TaskStatus.COMPLETED
    assert await desk.texts(id) == [str(number) for number in range(10)]
    assert (state.status, state.attempt) == (TaskStatus.COMPLETED, 1)


class CutOff:
    """A worker behind a proxy, whose task waits for ever; `cut` says when it is away."""

    def __init__(self, server: NatsServer) -> None:
        self.proxy = TcpProxy(server.port, dice=random.Random(1))
        url = f"nats://127.0.0.1:{self.proxy.port}"
        self.worker = Worker(url, agent=AGENT, ack_wait_seconds=0.3)
        self.interrupted = asyncio.Event()
        self.worker.task(self.wait)

    async def wait(self, task: Task) -> AsyncGenerator[Yielded]:
        try:
            yield "begun"
            await asyncio.Event().wait()
        finally:
            self.interrupted.set()

    async def start(self, desk: Desk) -> str:
        """Begin a task, and cut the worker off; the task's id."""
        async with self.proxy:
            await self.worker.start()
            id = await desk.submit()
            await desk.has_said(id, "begun")
        await eventually(lambda: not self.worker.client.is_connected)
        return id


async def test_a_task_cancelled_while_its_worker_was_cut_off_ends_when_it_is_back(
    nats_server: NatsServer, desk: Desk
) -> None:
    cut_off = CutOff(nats_server)
    id = await cut_off.start(desk)
    body = b'{"task_id":"%b","agent_id":"agent:1"}' % id.encode()
    subject = f"evt.default.{AGENT}.{id}.task.cancelled"
    await store(lambda: desk.client, subject, body, {}, within_seconds=5)
    async with cut_off.proxy:
        state = await desk.over(id)
        await cut_off.worker.stop()
    assert state.status is TaskStatus.CANCELLED
    assert (await desk.types(id)).count("task.cancelled") == 1


async def test_a_worker_that_was_cut_off_gives_up_a_task_that_has_ended_meanwhile(
    nats_server: NatsServer, desk: Desk
) -> None:
    cut_off = CutOff(nats_server)
    id = await cut_off.start(desk)
    before = await desk.tasks.cancel(AGENT, id)
    assert before.status is TaskStatus.CANCELLED
    async with cut_off.proxy:
        await cut_off.interrupted.wait()
        await desk.queue_is_empty()
        await cut_off.worker.stop()
    assert await desk.tasks.state(AGENT, id) == before


async def test_a_worker_waits_for_its_streams(
    nats_server: NatsServer, caplog: pytest.LogCaptureFixture
) -> None:
    client = await connect(NatsOptions(servers=nats_server.url))
    desk, gate = Desk(client), asyncio.Event()
    gate.set()
    async with counting(client, gate):
        await eventually(lambda: "there is no stream TASKS" in caplog.text)
        await ensure(jetstream(client), StreamSettings(), "create")
        assert (await desk.over(await desk.submit())).status is TaskStatus.COMPLETED
        await jetstream(client).delete_stream("TASKS")
        await ensure(jetstream(client), StreamSettings(), "create")
        assert (await desk.over(await desk.submit())).status is TaskStatus.COMPLETED
    lines = [record.message for record in caplog.records if "no stream TASKS" in record.message]
    assert len(lines) <= 2
    await client.close()


async def test_a_queue_whose_consumer_was_deleted_is_set_up_again(desk: Desk) -> None:
    gate = asyncio.Event()
    gate.set()
    async with counting(desk.client, gate):
        await desk.over(await desk.submit())
        await jetstream(desk.client).delete_consumer("TASKS", f"default={AGENT}")
        assert (await desk.over(await desk.submit())).status is TaskStatus.COMPLETED


async def test_a_worker_without_nats_says_where_it_looked(nats_server: NatsServer) -> None:
    await asyncio.to_thread(nats_server.kill)
    worker = counting(nats_server.url, asyncio.Event())
    with pytest.raises(NatsConnectError, match=str(nats_server.port)):
        await worker.start()
    await worker.stop()


async def test_a_connection_that_nats_ends_for_good_is_made_anew(
    nats_server: NatsServer, desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL)
    gate = asyncio.Event()
    worker = counting(nats_server.url, gate)
    async with worker:
        id = await desk.submit()
        await desk.has_said(id, "4")
        await worker.client.close()
        await eventually(lambda: worker.client.is_connected)
        gate.set()
        assert (await desk.over(id)).status is TaskStatus.COMPLETED
        assert (await desk.over(await desk.submit())).status is TaskStatus.COMPLETED

        async def is_there() -> bool:
            return len(await desk.tasks.workers()) == 1

        await eventually(is_there)


async def test_a_worker_needs_no_more_permissions_than_are_documented(tmp_path: Path) -> None:
    config = tmp_path / "nats.conf"
    config.write_text(AGENT_ONLY.format(publish=", ".join(f'"{each}"' for each in LEAST)))
    with NatsServer(tmp_path / "nats", config=config) as server:
        address = f"127.0.0.1:{server.port}"
        owner = await connect(NatsOptions(servers=f"nats://owner:o@{address}"))
        await ensure(jetstream(owner), StreamSettings(), "create")
        desk, begun, gate = Desk(owner), asyncio.Event(), asyncio.Event()
        workers = [
            Worker(f"nats://agent:a@{address}", agent=AGENT, stop_seconds=0) for _ in range(2)
        ]
        for worker in workers:

            async def work(task: Task) -> AsyncGenerator[Yielded]:
                begun.set()
                yield f"begun {task.attempt}"
                await gate.wait()

            worker.task(work)
        id = await desk.submit()
        async with workers[0]:
            await desk.has_said(id, "begun 1")
            assert await desk.tasks.ping(AGENT, id) is not None
            assert len(await desk.tasks.workers(AGENT)) == 1
        gate.set()
        async with workers[1]:
            state = await desk.over(id)
            await desk.queue_is_empty()
        assert (state.status, state.attempt) == (TaskStatus.COMPLETED, 2)
        await cast("Any", owner).close()
