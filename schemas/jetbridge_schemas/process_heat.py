"""Events of process-heat agents: status, progress of calculations, alarms, metrics."""

from enum import StrEnum
from typing import Any, ClassVar

from jetbridge_schemas.events import Event
from jetbridge_schemas.fields import Id, Percent, Seconds, WholeNumber


class AgentStatusEnum(StrEnum):
    """What an agent is doing."""

    IDLE = "IDLE"
    RUNNING = "RUNNING"
    PAUSED = "PAUSED"
    COMPLETED = "COMPLETED"
    ERROR = "ERROR"
    SHUTDOWN = "SHUTDOWN"


class AlarmSeverityEnum(StrEnum):
    """How grave an alarm is, from lowest to highest."""

    INFO = "INFO"
    WARNING = "WARNING"
    CRITICAL = "CRITICAL"
    ALERT = "ALERT"


class AgentStatus(Event, frozen=True, kw_only=True):
    """An agent started, went on, paused, ended."""

    event_type: ClassVar[str] = "agent.status"

    agent_id: Id
    status: AgentStatusEnum
    progress_percent: Percent | None = None
    current_step: str | None = None
    metadata: dict[str, Any] | None = None


class CalculationProgress(Event, frozen=True, kw_only=True):
    """How far a job is."""

    event_type: ClassVar[str] = "calculation.progress"

    job_id: Id
    agent_id: Id
    progress_percent: Percent
    current_step: str | None = None
    step_number: WholeNumber | None = None
    total_steps: WholeNumber | None = None
    elapsed_seconds: Seconds | None = None
    estimated_total_seconds: Seconds | None = None
    details: dict[str, Any] | None = None


class AlarmUpdate(Event, frozen=True, kw_only=True):
    """An alarm was raised or has changed; the values are in the parameter's own unit."""

    event_type: ClassVar[str] = "alarm.update"

    alarm_id: Id
    agent_id: Id
    severity: AlarmSeverityEnum
    message: str
    parameter: str | None = None
    current_value: float | None = None
    threshold_value: float | None = None
    metadata: dict[str, Any] | None = None


class MetricsUpdate(Event, frozen=True, kw_only=True):
    """Measured values by name, all taken at one moment."""

    event_type: ClassVar[str] = "metrics.update"

    source_id: Id
    metrics: dict[str, float]
    unit: str | None = None
    metadata: dict[str, Any] | None = None
