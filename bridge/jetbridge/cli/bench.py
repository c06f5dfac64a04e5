"""`jetbridge bench`: how fast is this deployment, from publisher to client?"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import time
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlsplit

from cyclopts import Parameter
from cyclopts.validators import Number

from jetbridge import event_loop
from jetbridge.bridge import nats_options
from jetbridge.cli.bench_client import BENCH_TYPE, BenchClient, open_client
from jetbridge.cli.bench_report import BenchReport, Milliseconds
from jetbridge.cli.latencies import Latencies
from jetbridge.cli.local_memory import listener_memory
from jetbridge.cli.nats_session import NATS_FLAGS
from jetbridge.cli.setting_flags import Given, with_setting_flags
from jetbridge.cli.stream_url import stream_url
from jetbridge.file_limit import raise_file_limit
from jetbridge.settings import Settings
from jetbridge_publishers.publisher import Publisher

AT_ONCE = 50
"""Connections that are being opened at a time."""

QUIET_SECONDS = 5.0
"""How long nothing may come before what is missing counts as lost."""

MAX_PENDING = 5_000
"""Events that may wait to be acknowledged; past it they are published later than planned."""

Count = Annotated[int, Parameter(validator=Number(gte=1))]


@dataclass(frozen=True)
class Plan:
    """What is to be done; agents are named `<prefix>-<number>`."""

    url: str
    api_prefix: str
    clients: int
    rate: float
    seconds: float
    agents: int
    padding: str
    prefix: str

    @property
    def events(self) -> int:
        """How many events that makes."""
        return max(round(self.rate * self.seconds), 1)

    def agent(self, number: int) -> str:
        """The agent of an event, or of a client."""
        return f"{self.prefix}-{number % self.agents}"

    def expected(self) -> int:
        """How many deliveries that makes."""
        sent = [len(range(agent, self.events, self.agents)) for agent in range(self.agents)]
        return sum(sent[client % self.agents] for client in range(self.clients))


@with_setting_flags(only=NATS_FLAGS)
def bench(
    given: Given,
    *,
    url: str = "http://127.0.0.1:8000",
    clients: Count = 100,
    rate: Annotated[float, Parameter(validator=Number(gt=0))] = 100,
    seconds: Annotated[float, Parameter(validator=Number(gt=0))] = 10,
    agents: Count = 1,
    size: Annotated[int, Parameter(validator=Number(gte=0, lte=1_000_000))] = 270,
    json: Annotated[bool, Parameter(negative="")] = False,
    api_prefix: str = "/api/v1/stream",
) -> int:
    """Connect clients, publish events, and report how long they took and whether all came.

    The events are real: they stay in the stream, with the type `jetbridge.bench` and
    agents of their own, and whoever watches everything sees them. Clients and publisher
    run in this one process, which can be the limit: on two cores, beyond some 50,000
    deliveries a second. The exit code is 1 if anything was lost, came twice, out of
    order, or a connection was cut.

    Parameters
    ----------
    url
        Where the bridge is.
    clients
        How many clients to connect.
    rate
        Events a second, in all.
    seconds
        How long to publish.
    agents
        Agents that the events come from in turn; each client watches one of them.
    size
        Bytes of an event.
    json
        One JSON object, for programs.
    api_prefix
        The bridge's setting of that name, if it is not the default.
    """
    plan = Plan(
        url=url,
        api_prefix=api_prefix,
        clients=clients,
        rate=rate,
        seconds=seconds,
        agents=agents,
        padding="x" * max(size - len('{"n":1000,"ts":1767225600000000000,"pad":""}'), 0),
        prefix=f"bench-{secrets.token_hex(4)}",
    )
    raise_file_limit()
    report = event_loop.run(measure(plan, given.load()))
    print(report.for_programs() if json else report.for_people())
    return 0 if report.flawless else 1


async def measure(plan: Plan, settings: Settings) -> BenchReport:
    """Do what is planned. Raises BenchError or PublishError when it cannot be done."""
    port = urlsplit(plan.url).port or 0
    latencies = Latencies()
    memory_before = listener_memory(port)
    started = time.monotonic()
    async with (
        Publisher(nats_options(settings)) as publisher,
        connected(plan, latencies) as clients,
    ):
        memory = listener_memory(port)
        begun = time.monotonic()
        await publish(plan, publisher)
        published = time.monotonic()
        await settle(clients, plan.expected())
        grown = None if memory is None or memory_before is None else memory - memory_before
        return BenchReport(
            clients=plan.clients,
            connect_seconds=begun - started,
            published=plan.events,
            publish_seconds=published - begun,
            expected=plan.expected(),
            delivered=delivered(clients),
            disordered=sum(client.disordered for client in clients),
            cut=sum(client.lost_connection for client in clients),
            latency_ms=in_milliseconds(latencies),
            memory_bytes=memory,
            memory_bytes_per_client=None if grown is None else grown // plan.clients,
        )


@contextlib.asynccontextmanager
async def connected(plan: Plan, latencies: Latencies) -> AsyncGenerator[list[BenchClient]]:
    """All clients, opened some at a time, until the block ends."""
    places = asyncio.Semaphore(AT_ONCE)
    clients: list[BenchClient] = []

    async def one(number: int) -> None:
        agent = plan.agent(number)
        url = stream_url(plan.url, agent=agent, api_prefix=plan.api_prefix)
        async with places:
            clients.append(await open_client(url, latencies))

    try:
        async with asyncio.TaskGroup() as group:
            for number in range(plan.clients):
                group.create_task(one(number))
        yield clients
    except ExceptionGroup as failed:
        raise failed.exceptions[0] from None
    finally:
        for client in clients:
            client.close()


async def publish(plan: Plan, publisher: Publisher) -> None:
    """Publish every event when it is due; return when all are acknowledged."""
    started = time.monotonic()
    for number in range(plan.events):
        await asyncio.sleep(max(started + number / plan.rate - time.monotonic(), 0))
        if publisher.pending >= MAX_PENDING:
            await publisher.flush()
        event = {"n": number + 1, "ts": time.time_ns(), "pad": plan.padding}
        publisher.emit_nowait(event, agent=plan.agent(number), type=BENCH_TYPE)
    await publisher.flush()


async def settle(clients: Sequence[BenchClient], expected: int) -> None:
    """Wait until everything has come, or nothing comes any more."""
    seen, quiet_since = -1, time.monotonic()
    while delivered(clients) < expected and time.monotonic() - quiet_since < QUIET_SECONDS:
        if delivered(clients) != seen:
            seen, quiet_since = delivered(clients), time.monotonic()
        await asyncio.sleep(0.05)


def delivered(clients: Sequence[BenchClient]) -> int:
    """Events that have come, to all clients together."""
    return sum(client.events for client in clients)


def in_milliseconds(latencies: Latencies) -> Milliseconds:
    """The percentiles that are told."""
    p50, p90, p99 = (round(latencies.percentile(share) * 1000, 3) for share in (0.5, 0.9, 0.99))
    return Milliseconds(p50, p90, p99, round(latencies.longest * 1000, 3))
