"""The demo agents as workers."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass

from nats.aio.client import Client

from jetbridge_publishers.connection import NatsOptions
from jetbridge_publishers.demo.beats import play
from jetbridge_publishers.demo.chat_turn import chat_turn
from jetbridge_publishers.demo.reactions import MAX_REACTIONS, reaction_session
from jetbridge_publishers.demo.workflow import DEFAULT_BUDGET, work
from jetbridge_publishers.worker.task import Task
from jetbridge_publishers.worker.worker import Worker
from jetbridge_publishers.worker.yielded import Yielded

CHAT_AGENT = "agent:chat"
WORKFLOW_AGENT = "agent:workflow"
SESSION_AGENT = "agent:reactions"

Servers = str | Sequence[str] | NatsOptions | Client


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoOptions:
    """How the demo agents work.

    seed: the same seed, the same words. pace: 1 for a modest one, 2 for half as fast, 0 for
        as fast as it goes. ack_wait_seconds, stop_seconds: as for Worker.
    """

    seed: int = 1
    pace: float = 1.0
    ack_wait_seconds: float = 30.0
    stop_seconds: float = 0.0


DEFAULTS = DemoOptions()


def chat_worker(
    servers: Servers, options: DemoOptions = DEFAULTS, *, agent: str = CHAT_AGENT
) -> Worker:
    """An orchestrator with three specialists, for the chat routes."""
    worker = _worker(servers, options, agent, concurrency=8)

    @worker.task
    async def answer(task: Task) -> AsyncGenerator[Yielded]:
        async for said in play(chat_turn(task.query, seed=options.seed), pace=options.pace):
            yield said

    return worker


def workflow_worker(
    servers: Servers, options: DemoOptions = DEFAULTS, *, agent: str = WORKFLOW_AGENT
) -> Worker:
    """A workflow with tools and a budget, for the task routes."""
    worker = _worker(servers, options, agent, concurrency=4, budget=DEFAULT_BUDGET)

    @worker.task
    async def follow_plan(task: Task) -> AsyncGenerator[Yielded]:
        async for said in work(task, seed=options.seed, pace=options.pace):
            yield said

    return worker


def session_worker(
    servers: Servers, options: DemoOptions = DEFAULTS, *, agent: str = SESSION_AGENT
) -> Worker:
    """A session that works on reactions, for the session routes: three of them, unless
    `task_parameters.reactions` says otherwise."""
    worker = _worker(servers, options, agent, concurrency=4)

    @worker.task
    async def react(task: Task) -> AsyncGenerator[Yielded]:
        wanted = task.task_parameters.get("reactions", 3)
        count = min(max(wanted, 1), MAX_REACTIONS) if isinstance(wanted, int) else 3
        session = reaction_session(task.query, reactions=count, seed=options.seed)
        async for said in play(session, pace=options.pace):
            yield said

    return worker


async def run_demo_workers(
    servers: Servers, *, stop: asyncio.Event, options: DemoOptions = DEFAULTS
) -> None:
    """Run all three until `stop`. Raises NatsConnectError when NATS cannot be reached."""
    async with contextlib.AsyncExitStack() as running:
        for make in (chat_worker, workflow_worker, session_worker):
            await running.enter_async_context(make(servers, options))
        await stop.wait()


def _worker(
    servers: Servers,
    options: DemoOptions,
    agent: str,
    *,
    concurrency: int,
    budget: float | None = None,
) -> Worker:
    return Worker(
        servers,
        agent=agent,
        concurrency=concurrency,
        budget=budget,
        ack_wait_seconds=options.ack_wait_seconds,
        stop_seconds=options.stop_seconds,
    )
