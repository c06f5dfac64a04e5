"""The agent's side of tasks: takes them from the queue, runs their code, tells how it goes."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import logging
import math
import secrets
import signal
import time
from collections.abc import Sequence
from types import TracebackType
from typing import Literal, Self

from nats.aio.client import Client

from jetbridge_publishers.connection import NatsOptions
from jetbridge_publishers.publisher import DEFAULT_SERVER
from jetbridge_publishers.standing_client import StandingClient
from jetbridge_publishers.worker.errors import WorkerError
from jetbridge_publishers.worker.job import Job, Terms
from jetbridge_publishers.worker.presence import Presence
from jetbridge_publishers.worker.run import INTERRUPT_SECONDS, Handler, TimeLimit
from jetbridge_publishers.worker.task_queue import QueueClosedError, TaskQueue
from jetbridge_publishers.worker.yielded import Result
from jetbridge_schemas.presence import WorkerPresence
from jetbridge_schemas.subjects import DEFAULT_TENANT, encode_id
from jetbridge_schemas.timestamps import rfc3339

logger = logging.getLogger("jetbridge.worker")

HAND_OVER_SECONDS = INTERRUPT_SECONDS + 5.0
"""How long handing over tasks may take once their time is up; after that they are left."""


class Worker:
    """Does the tasks of one agent; an async context manager, or `asyncio.run(worker.run())`.

        worker = Worker("nats://127.0.0.1:4222", agent="analyst", concurrency=4)

        @worker.task
        async def analyse(task):
            yield {"type": "progress", "progress": 50}
            yield worker.result({"answer": 42})

    servers: as for Publisher; an open nats-py client stays open.
    agent, tenant: whose tasks it does. Any number of workers share them out.
    concurrency: how many at a time.
    ack_wait_seconds: a task whose worker gives no sign of life for so long is handed to
        another one. Signs are given by the event loop: code that blocks it for longer
        loses its task, so blocking calls belong into `asyncio.to_thread`.
    max_deliver: after so many attempts that lost their worker the task is given up.
    timeout_seconds, on_timeout: a task that takes longer (pauses not counted; 0 for no
        limit) gets a `chat.timeout` event and goes on ("continue"), or ends ("stop").
    budget: the most that a task may spend; `task_parameters["budget"]` can lower it.
    stop_seconds: how long `stop` lets tasks go on, before it hands them to other workers.
    worker_id: made up if not given; browsers get to see it.
    """

    def __init__(
        self,
        servers: str | Sequence[str] | NatsOptions | Client = DEFAULT_SERVER,
        *,
        agent: str,
        tenant: str = DEFAULT_TENANT,
        concurrency: int = 1,
        ack_wait_seconds: float = 30.0,
        max_deliver: int = 3,
        timeout_seconds: float = 0.0,
        on_timeout: Literal["continue", "stop"] = "continue",
        budget: float | None = None,
        stop_seconds: float = 10.0,
        worker_id: str | None = None,
    ) -> None:
        for id in (agent, tenant):
            encode_id(id)
        _check("concurrency", concurrency, least=1)
        _check("max_deliver", max_deliver, least=1)
        _check("ack_wait_seconds", ack_wait_seconds, least=0.1)
        _check("timeout_seconds", timeout_seconds)
        _check("stop_seconds", stop_seconds)
        _check("budget", 0.0 if budget is None else budget)
        if on_timeout not in {"continue", "stop"}:
            raise WorkerError(f"on_timeout must be continue or stop, not {on_timeout!r}")
        self.worker_id = worker_id or f"worker-{secrets.token_hex(6)}"
        self._concurrency = concurrency
        self._stop_seconds = stop_seconds
        self._client = StandingClient(servers, name=f"jetbridge-{self.worker_id}")
        self._terms = Terms(
            tenant=tenant,
            agent=agent,
            worker_id=self.worker_id,
            ack_wait_seconds=ack_wait_seconds,
            max_deliver=max_deliver,
            budget=budget,
            limit=TimeLimit(seconds=timeout_seconds, then=on_timeout),
        )
        self._presence = Presence(self._client, tenant, self.describe)
        self._queue: TaskQueue | None = None
        self._handler: Handler | None = None
        self._jobs: set[Job] = set()
        self._slots: list[asyncio.Task[None]] = []
        self._keepers: list[asyncio.Task[None]] = []
        self._is_stopping = False
        self._started_at = ""

    @property
    def client(self) -> Client:
        """The connection in use. Raises NatsConnectError when the worker does not run."""
        return self._client()

    def task(self, handler: Handler) -> Handler:
        """Decorate the async generator function that does the tasks.

        Raises WorkerError for anything else, or if there is one already.
        """
        if not inspect.isasyncgenfunction(handler):
            raise WorkerError(
                f"{getattr(handler, '__name__', handler)!r} is no async generator function",
                hint="write it as: async def name(task): … yield …",
            )
        if self._handler is not None:
            raise WorkerError("this worker has its task already", hint="one worker, one agent")
        self._handler = handler
        return handler

    @staticmethod
    def result(value: object) -> Result:
        """What to yield for the task's result; anything that JSON can say."""
        return Result(value)

    async def start(self) -> None:
        """Connect and begin to take tasks; missing streams are waited for.

        Raises NatsConnectError when NATS cannot be reached, WorkerError without a task.
        """
        if self._handler is None:
            raise WorkerError("this worker has nothing to do", hint="decorate with @worker.task")
        if self._slots:
            raise WorkerError("the worker runs already")
        await self._client.open()
        self._is_stopping = False
        self._started_at = rfc3339(time.time_ns())
        terms = self._terms
        self._queue = TaskQueue(
            self._client, terms.tenant, terms.agent, ack_wait_seconds=terms.ack_wait_seconds
        )
        await self._presence.start()
        self._keepers = [
            asyncio.create_task(self._client.keep()),
            asyncio.create_task(self._presence.keep()),
        ]
        self._slots = [
            asyncio.create_task(self._work(self._queue, self._handler))
            for _ in range(self._concurrency)
        ]
        logger.info("%s does the tasks of %s", self.worker_id, terms.agent)

    async def stop(self) -> None:
        """Take no more tasks; let those that run end, then hand over those that still do."""
        if self._queue is None:
            return
        self._is_stopping = True
        await self._queue.close()
        await self._finish(self._stop_seconds)
        for job in self._jobs:
            job.hand_over()
        await self._finish(HAND_OVER_SECONDS)
        for task in (*self._slots, *self._keepers):
            task.cancel()
        await asyncio.gather(*self._slots, *self._keepers, return_exceptions=True)
        await self._presence.stop()
        await self._client.close()
        self._slots, self._keepers, self._queue = [], [], None

    async def run(self) -> None:
        """Start, and work until SIGINT or SIGTERM; then stop. For a process of its own."""
        ended = asyncio.Event()
        loop = asyncio.get_running_loop()
        with contextlib.suppress(NotImplementedError):  # Windows
            for signum in (signal.SIGINT, signal.SIGTERM):
                loop.add_signal_handler(signum, ended.set)
        async with self:
            await ended.wait()

    def describe(self) -> WorkerPresence:
        """What this worker says of itself when asked."""
        attempts = [job.attempt for job in self._jobs if job.attempt is not None]
        return WorkerPresence(
            worker_id=self.worker_id,
            agent_id=self._terms.agent,
            started_at=self._started_at,
            concurrency=self._concurrency,
            tasks=sorted(attempt.request.task_id for attempt in attempts),
            is_stopping=self._is_stopping,
        )

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.stop()

    async def _work(self, queue: TaskQueue, handler: Handler) -> None:
        """Do one task after another, until the queue is closed."""
        with contextlib.suppress(QueueClosedError):
            while True:
                delivery = await queue.take()
                job = Job(self._client, delivery, handler, self._terms)
                self._jobs.add(job)
                try:
                    await job.do()
                except Exception:
                    logger.exception("a task on %s went wrong", delivery.subject)
                    await delivery.hand_back(after_seconds=self._terms.ack_wait_seconds)
                finally:
                    self._jobs.discard(job)

    async def _finish(self, seconds: float) -> None:
        if self._slots:
            await asyncio.wait(self._slots, timeout=seconds)


def _check(name: str, value: float, *, least: float = 0.0) -> None:
    if not (math.isfinite(value) and value >= least):
        raise WorkerError(f"{name} must be a number from {least:g}, not {value!r}")
