"""What every publisher offers: `emit`, and the four events of process-heat agents by name."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

from jetbridge_publishers.preparing import EventData
from jetbridge_publishers.publish_errors import PublishRejectedError
from jetbridge_schemas.process_heat import (
    AgentStatus,
    AgentStatusEnum,
    AlarmSeverityEnum,
    AlarmUpdate,
    CalculationProgress,
    MetricsUpdate,
)


class Emitter(ABC):
    """Takes events and says under which sequence each is stored.

    The `send_…` methods return that sequence, and raise as `emit` does.
    """

    @abstractmethod
    def emit_nowait(
        self,
        event: EventData,
        *,
        agent: str,
        job: str | None = None,
        type: str | None = None,
        id: str | None = None,
        traceparent: str | None = None,
    ) -> asyncio.Future[int]:
        """As `emit`, but do not wait until the event is stored: the future will say."""

    @abstractmethod
    async def flush(self) -> None:
        """Wait until everything emitted so far is stored.

        Raises the PublishError of the first event that could not be.
        """

    @abstractmethod
    async def __aenter__(self) -> Self: ...

    @abstractmethod
    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None: ...

    async def emit(
        self,
        event: EventData,
        *,
        agent: str,
        job: str | None = None,
        type: str | None = None,
        id: str | None = None,
        traceparent: str | None = None,
    ) -> int:
        """Store one event and return its sequence in the stream.

        event: a struct of `jetbridge_schemas`, or any JSON object as a mapping.
        agent, job: whose event it is; `job` is the unit of work, None when there is none.
        type: the event type of a mapping; structs know theirs.
        id: makes emitting idempotent: of events with the same id only the first is stored,
            within the stream's duplicate window (two minutes). One is made up if not given.
        traceparent: a W3C trace context, sent along as a header.

        Events are stored in the order in which they are emitted. To give up waiting (by
        cancelling) takes back only an event that is not under way yet.
        Raises PublishRejectedError when the event cannot be stored as it is,
        PublishBufferFullError when too many wait already, PublishTimeoutError when an
        outage lasts too long, InvalidIdError and InvalidSubjectError for bad names.
        """
        return await self.emit_nowait(
            event, agent=agent, job=job, type=type, id=id, traceparent=traceparent
        )

    async def send_agent_status(
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
        event = AgentStatus(
            agent_id=agent_id,
            status=_status(status),
            progress_percent=progress_percent,
            current_step=current_step,
            metadata=_object(metadata),
        )
        return await self.emit(event, agent=agent_id, job=job)

    async def send_job_progress(
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
        event = CalculationProgress(
            job_id=job_id,
            agent_id=agent_id,
            progress_percent=progress_percent,
            current_step=current_step,
            step_number=step_number,
            total_steps=total_steps,
            elapsed_seconds=elapsed_seconds,
            estimated_total_seconds=estimated_total_seconds,
            details=_object(details),
        )
        return await self.emit(event, agent=agent_id, job=job_id)

    async def send_alarm_update(
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
        event = AlarmUpdate(
            alarm_id=alarm_id,
            agent_id=agent_id,
            severity=_severity(severity),
            message=message,
            parameter=parameter,
            current_value=current_value,
            threshold_value=threshold_value,
            metadata=_object(metadata),
        )
        return await self.emit(event, agent=agent_id, job=job)

    async def send_metrics(
        self,
        source_id: str,
        metrics: Mapping[str, float],
        *,
        unit: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        job: str | None = None,
    ) -> int:
        """Send values measured at one moment, by name; `source_id` is the agent."""
        event = MetricsUpdate(
            source_id=source_id, metrics=dict(metrics), unit=unit, metadata=_object(metadata)
        )
        return await self.emit(event, agent=source_id, job=job)


def _object(value: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return None if value is None else dict(value)


def _status(name: AgentStatusEnum | str) -> AgentStatusEnum:
    try:
        return AgentStatusEnum(name)
    except ValueError as error:
        known = ", ".join(AgentStatusEnum)
        raise PublishRejectedError(f"{name!r} is no status", hint=f"one of {known}") from error


def _severity(name: AlarmSeverityEnum | str) -> AlarmSeverityEnum:
    try:
        return AlarmSeverityEnum(name)
    except ValueError as error:
        known = ", ".join(AlarmSeverityEnum)
        raise PublishRejectedError(f"{name!r} is no severity", hint=f"one of {known}") from error
