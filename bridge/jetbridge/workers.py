"""Several processes on one port: started, watched, replaced when they die, ended together.

The kernel spreads new connections over the workers (SO_REUSEPORT), by a hash of the
client's address and port. Measured with 2,000 connections over four workers: 459 to 527
each, where one listening socket inherited by all gave 68 to 956, since whoever wakes
first accepts all there is. Each worker is a bridge of its own, with its own tail.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import sys
import time
from collections.abc import Callable, Generator

import msgspec

from jetbridge.server import bind_shared, listen
from jetbridge.settings import Settings
from jetbridge.worker import Order
from jetbridge.worker_process import WorkerError, WorkerProcess, in_words
from jetbridge_schemas.errors import JetbridgeError

logger = logging.getLogger("jetbridge.workers")

FIRST_RETRY_SECONDS = 0.1
MAX_RETRY_SECONDS = 5.0
STEADY_SECONDS = 30.0
"""A worker that lived for so long was well: its successor starts without a wait."""

STOP_MARGIN_SECONDS = 10.0
"""What a worker may take to end beyond `drain_seconds`, before it is killed."""


async def run_workers(settings: Settings, *, on_ready: Callable[[str], None]) -> None:
    """Serve with `settings.workers` processes until SIGTERM or SIGINT, then drain them all.

    `on_ready` gets the URL once all of them serve. A worker that dies later is replaced.
    Raises JetbridgeError if the address is taken, or a worker cannot start at first, or
    does not end within `drain_seconds` and a margin and has to be killed.
    """
    if sys.platform != "linux":
        raise JetbridgeError(
            "several workers need Linux, whose kernel spreads connections over processes",
            hint="run one process on each of several ports, behind a load balancer",
        )
    with reserved_port(settings.host, settings.port) as port:
        await Supervisor(msgspec.structs.replace(settings, port=port)).run(on_ready)


class Supervisor:
    """Starts, watches and ends the workers. It serves nobody itself."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        numbers = range(1, settings.workers + 1)
        self._workers = [WorkerProcess(Order(number, settings)) for number in numbers]

    async def run(self, on_ready: Callable[[str], None]) -> None:
        """Run until a signal comes; see `run_workers`."""
        serving = asyncio.create_task(self._serve(on_ready))
        with self._signals(serving):
            try:
                await asyncio.wait([serving])
            finally:
                await self._end()
        if not serving.cancelled():
            serving.result()

    async def _serve(self, on_ready: Callable[[str], None]) -> None:
        try:
            async with asyncio.TaskGroup() as group:
                starts = [group.create_task(worker.start()) for worker in self._workers]
        except ExceptionGroup as failed:
            raise failed.exceptions[0] from None
        on_ready(starts[0].result())
        async with asyncio.TaskGroup() as group:
            for worker in self._workers:
                group.create_task(self._keep(worker))

    async def _keep(self, worker: WorkerProcess) -> None:
        """Replace the worker whenever it ends."""
        retry = FIRST_RETRY_SECONDS
        while True:
            since, pid = time.monotonic(), worker.pid
            code = await worker.ended()
            logger.warning(
                "worker %d (process %d) %s; another is started",
                *(worker.order.number, pid, in_words(code)),
            )
            if time.monotonic() - since > STEADY_SECONDS:
                retry = FIRST_RETRY_SECONDS
            retry = await self._replace(worker, retry)

    async def _replace(self, worker: WorkerProcess, retry: float) -> float:
        """Start the worker, trying until it serves; returns how long to wait next time."""
        while True:
            await asyncio.sleep(retry)
            retry = min(retry * 2, MAX_RETRY_SECONDS)
            try:
                await worker.start()
            except WorkerError as error:
                logger.warning("worker %d cannot start: %s", worker.order.number, error)
            else:
                logger.info("worker %d serves again: process %d", worker.order.number, worker.pid)
                return retry

    async def _end(self) -> None:
        self._tell_all(signal.SIGTERM)
        ends = {
            asyncio.create_task(worker.ended()): worker
            for worker in self._workers
            if worker.running
        }
        if not ends:
            return
        limit = self._settings.drain_seconds + STOP_MARGIN_SECONDS
        _, late = await asyncio.wait(ends, timeout=limit)
        for end in late:
            ends[end].tell(signal.SIGKILL)
        if late:
            await asyncio.wait(late)
            numbers = ", ".join(sorted(str(ends[end].order.number) for end in late))
            raise WorkerError(f"worker {numbers} did not end within {limit:g} s and was killed")

    @contextlib.contextmanager
    def _signals(self, serving: asyncio.Task[None]) -> Generator[None]:
        """The first SIGTERM or SIGINT begins the end; a second one is passed on."""

        def take() -> None:
            if not serving.cancel():
                self._tell_all(signal.SIGTERM)

        loop, taken = asyncio.get_running_loop(), (signal.SIGTERM, signal.SIGINT)
        for number in taken:
            loop.add_signal_handler(number, take)
        try:
            yield
        finally:
            for number in taken:
                loop.remove_signal_handler(number)

    def _tell_all(self, number: signal.Signals) -> None:
        for worker in self._workers:
            worker.tell(number)


@contextlib.contextmanager
def reserved_port(host: str, port: int) -> Generator[int]:
    """Hold a port for workers to share while the block runs; 0 is any free one.

    Raises JetbridgeError if somebody has it: two bridges of one user that share a port
    would otherwise each get a part of the other's clients.
    """
    if port:
        listen(host, port).close()
    with bind_shared(host, port) as place:
        yield place.getsockname()[1]
