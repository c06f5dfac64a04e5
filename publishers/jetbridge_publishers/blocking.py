"""A publisher for scripts and threads: no asyncio to be seen."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Mapping, Sequence
from concurrent.futures import CancelledError, Future
from types import TracebackType
from typing import Any, Self, TypeVar

from jetbridge_publishers.emitter import Emitter
from jetbridge_publishers.preparing import EventData
from jetbridge_publishers.publish_errors import PublishError
from jetbridge_publishers.publisher import DEFAULT_SERVER, Publisher
from jetbridge_schemas.process_heat import AgentStatusEnum, AlarmSeverityEnum

T = TypeVar("T")


class BlockingPublisher:
    """`Publisher` without asyncio, for scripts; a context manager, safe to share by threads.

        with BlockingPublisher("nats://127.0.0.1:4222") as publisher:
            publisher.send_agent_status("agent:001", "RUNNING", progress_percent=33)

    It runs a `Publisher` on an event loop in a thread of its own. To set options, give it
    one: `BlockingPublisher(Publisher(..., max_pending=100))`; a RecordingPublisher will do
    in tests. The methods take and raise the same as those of `Publisher`.
    """

    def __init__(self, publisher: Emitter | str | Sequence[str] = DEFAULT_SERVER) -> None:
        self._publisher = publisher if isinstance(publisher, Emitter) else Publisher(publisher)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop = asyncio.Event()
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        if self._thread is not None:
            raise PublishError("the publisher is open already")
        opened: Future[asyncio.AbstractEventLoop] = Future()
        self._thread = threading.Thread(
            target=self._run, args=(opened,), name="jetbridge-publisher", daemon=True
        )
        self._thread.start()
        try:
            self._loop = opened.result()
        except BaseException:
            self._thread = None
            raise
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        thread, loop = self._thread, self._loop
        self._thread = self._loop = None
        if thread is not None and loop is not None:
            loop.call_soon_threadsafe(self._stop.set)
            thread.join()

    def emit(
        self,
        event: EventData,
        *,
        agent: str,
        job: str | None = None,
        type: str | None = None,
        id: str | None = None,
        traceparent: str | None = None,
    ) -> int:
        """Store one event and return its sequence; see `Emitter.emit`."""
        return self._wait(
            lambda: self._publisher.emit(
                event, agent=agent, job=job, type=type, id=id, traceparent=traceparent
            )
        )

    def flush(self) -> None:
        """Wait until everything emitted so far, by any thread, is stored."""
        self._wait(self._publisher.flush)

    def send_agent_status(
        self,
        agent_id: str,
        status: AgentStatusEnum | str,
        *,
        progress_percent: float | None = None,
        current_step: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        job: str | None = None,
    ) -> int:
        """Say what the agent is doing; `progress_percent` is 0 to 100."""
        return self._wait(
            lambda: self._publisher.send_agent_status(
                agent_id,
                status,
                progress_percent=progress_percent,
                current_step=current_step,
                metadata=metadata,
                job=job,
            )
        )

    def send_job_progress(
        self,
        job_id: str,
        agent_id: str,
        progress_percent: float,
        *,
        current_step: str | None = None,
        step_number: int | None = None,
        total_steps: int | None = None,
        elapsed_seconds: float | None = None,
        estimated_total_seconds: float | None = None,
        details: Mapping[str, Any] | None = None,
    ) -> int:
        """Say how far a job is; `progress_percent` is 0 to 100."""
        return self._wait(
            lambda: self._publisher.send_job_progress(
                job_id,
                agent_id,
                progress_percent,
                current_step=current_step,
                step_number=step_number,
                total_steps=total_steps,
                elapsed_seconds=elapsed_seconds,
                estimated_total_seconds=estimated_total_seconds,
                details=details,
            )
        )

    def send_alarm_update(
        self,
        alarm_id: str,
        agent_id: str,
        severity: AlarmSeverityEnum | str,
        message: str,
        *,
        parameter: str | None = None,
        current_value: float | None = None,
        threshold_value: float | None = None,
        metadata: Mapping[str, Any] | None = None,
        job: str | None = None,
    ) -> int:
        """Raise an alarm, or say how it has changed; values are in the parameter's unit."""
        return self._wait(
            lambda: self._publisher.send_alarm_update(
                alarm_id,
                agent_id,
                severity,
                message,
                parameter=parameter,
                current_value=current_value,
                threshold_value=threshold_value,
                metadata=metadata,
                job=job,
            )
        )

    def send_metrics(
        self,
        source_id: str,
        metrics: Mapping[str, float],
        *,
        unit: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        job: str | None = None,
    ) -> int:
        """Send values measured at one moment, by name; `source_id` is the agent."""
        return self._wait(
            lambda: self._publisher.send_metrics(
                source_id, metrics, unit=unit, metadata=metadata, job=job
            )
        )

    def _wait(self, call: Callable[[], Coroutine[Any, Any, T]]) -> T:
        if self._loop is None:
            raise PublishError(
                "the publisher is not open",
                hint="use it as: with BlockingPublisher(…) as publisher",
            )
        try:
            return asyncio.run_coroutine_threadsafe(call(), self._loop).result()
        except CancelledError as error:
            raise PublishError("another thread closed the publisher") from error

    def _run(self, opened: Future[asyncio.AbstractEventLoop]) -> None:
        try:
            asyncio.run(self._serve(opened))
        except BaseException as error:
            if opened.done():
                raise
            opened.set_exception(error)

    async def _serve(self, opened: Future[asyncio.AbstractEventLoop]) -> None:
        self._stop = asyncio.Event()
        async with self._publisher:
            opened.set_result(asyncio.get_running_loop())
            await self._stop.wait()
