"""Events of the plant's agents, with the agent and the job they belong to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from jetbridge_publishers.plant.alarms import Alarm, AlarmChange
from jetbridge_publishers.plant.jobs import Progress
from jetbridge_schemas.events import Event
from jetbridge_schemas.process_heat import (
    AgentStatus,
    AgentStatusEnum,
    AlarmSeverityEnum,
    AlarmUpdate,
    MetricsUpdate,
)

BOILER = "agent:001"
ECONOMIZER = "agent:002"
OPTIMIZER = "agent:003"


@dataclass(frozen=True, slots=True)
class Emission:
    """An event that an agent wants published."""

    agent: str
    event: Event
    job: str | None = None


def shutdown() -> Iterator[Emission]:
    """The last word of each agent."""
    for agent in (OPTIMIZER, ECONOMIZER, BOILER):
        yield status_of(agent, AgentStatusEnum.SHUTDOWN)


def status_of(
    agent: str,
    status: AgentStatusEnum,
    *,
    step: str | None = None,
    progress: Progress | None = None,
    metadata: dict[str, float] | None = None,
    job: str | None = None,
) -> Emission:
    event = AgentStatus(
        agent_id=agent,
        status=status,
        progress_percent=None if progress is None else progress.percent,
        current_step=step or (progress.step if progress else None),
        metadata=metadata,
    )
    return Emission(agent, event, job)


def metrics_of(agent: str, **values: float) -> Emission:
    event = MetricsUpdate(
        source_id=agent,
        metrics={name: round(value, 4) for name, value in values.items()},
        unit="SI",
        metadata={"measurement_interval": "1s", "data_quality": "GOOD"},
    )
    return Emission(agent, event)


def alarm_of(agent: str, alarm: Alarm, change: AlarmChange, what: str) -> Emission:
    if change.severity is AlarmSeverityEnum.INFO:
        message = f"{what} is back to normal"
    else:
        message = f"{what} is above {change.threshold:g} {alarm.unit}"
    event = AlarmUpdate(
        alarm_id=f"{agent}:{alarm.parameter}",
        agent_id=agent,
        severity=change.severity,
        message=message,
        parameter=alarm.parameter,
        current_value=round(change.value, 3),
        threshold_value=change.threshold,
        metadata={"unit": alarm.unit},
    )
    return Emission(agent, event)
