"""One attempt at a task, from without: runs the code, watches the time, interrupts it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from typing import Literal

from jetbridge_publishers.worker.attempt import Attempt
from jetbridge_publishers.worker.conclusion import Harvest
from jetbridge_publishers.worker.stops import Stop
from jetbridge_publishers.worker.task import Task
from jetbridge_publishers.worker.yielded import Result, Yielded, Yields
from jetbridge_schemas.chat import ChatTimeout
from jetbridge_schemas.errors import JetbridgeError
from jetbridge_schemas.timestamps import rfc3339

logger = logging.getLogger("jetbridge.worker")

Handler = Callable[[Task], AsyncGenerator[Yielded, None]]
"""The code of a task."""

INTERRUPT_SECONDS = 10.0
"""How long a task's code may take to clean up when it is interrupted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeLimit:
    """`seconds` of work, 0 for no limit, and whether the task goes on when they are over."""

    seconds: float = 0.0
    then: Literal["continue", "stop"] = "continue"


class Run:
    """Runs `handler` for one attempt; `harvest` is what it has yielded that is no event."""

    def __init__(self, attempt: Attempt, handler: Handler, limit: TimeLimit) -> None:
        self.harvest = Harvest()
        self._attempt = attempt
        self._handler = handler
        self._limit = limit
        self._yields = Yields(request_id=attempt.request.request_id, worker_id=attempt.worker_id)

    async def work(self) -> BaseException | None:
        """Run the code to its end, or until the attempt is stopped; return what it raised,
        a CancelledError if it was interrupted."""
        attempt = self._attempt
        if not attempt.budget.is_within:
            attempt.stop(Stop.BUDGET_EXCEEDED)
        if attempt.stopped is not None:
            return asyncio.CancelledError()
        stopping = asyncio.Event()
        attempt.on_stop = stopping.set
        code = asyncio.create_task(self._run_code(), name=attempt.request.task_id)
        stop = asyncio.create_task(stopping.wait())
        watch = asyncio.create_task(self._watch_time())
        try:
            await asyncio.wait({code, stop}, return_when=asyncio.FIRST_COMPLETED)
            return await self._interrupted(code)
        finally:
            for each in (code, stop, watch):
                each.cancel()
            await asyncio.gather(stop, watch, return_exceptions=True)

    async def _interrupted(self, code: asyncio.Task[None]) -> BaseException | None:
        if not code.done():
            code.cancel()
            await asyncio.wait({code}, timeout=INTERRUPT_SECONDS)
        if not code.done():
            logger.error("the task %s does not let itself be interrupted", code.get_name())
            return asyncio.CancelledError()
        return asyncio.CancelledError() if code.cancelled() else code.exception()

    async def _run_code(self) -> None:
        await self._attempt.checkpoint()
        async with contextlib.aclosing(self._handler(Task(self._attempt))) as items:
            async for item in items:
                await self._take(item)
                await self._attempt.checkpoint()

    async def _take(self, item: Yielded) -> None:
        if isinstance(item, Result):
            self.harvest.result = item
            return
        event, type = self._yields.event_of(item, rfc3339(time.time_ns()))
        await self._attempt.emit(event, type=type)
        if isinstance(item, str):
            self.harvest.text.append(item)

    async def _watch_time(self) -> None:
        """Tell, once, that the time is over; pauses do not count."""
        if not self._limit.seconds:
            return
        left = self._limit.seconds
        while left > 0:
            await asyncio.sleep(left)
            await self._attempt.gate.passed()
            left = self._limit.seconds - self._attempt.clock.elapsed()
        stops = self._limit.then == "stop"
        event = ChatTimeout(
            message=f"This takes longer than {self._limit.seconds:g} seconds",
            action="stopping" if stops else "continuing",
            request_id=self._attempt.request.request_id,
            timestamp=rfc3339(time.time_ns()),
        )
        with contextlib.suppress(JetbridgeError):
            await self._attempt.emit(event)
        if stops:
            self._attempt.stop(Stop.TIMEOUT)
