"""When a measured value becomes an alarm, and when it stops being one: pure."""

from __future__ import annotations

from dataclasses import dataclass, replace

from jetbridge_schemas.process_heat import AlarmSeverityEnum


@dataclass(frozen=True, slots=True)
class Level:
    """Above `threshold` the alarm is `severity`."""

    threshold: float
    severity: AlarmSeverityEnum


@dataclass(frozen=True, slots=True)
class AlarmChange:
    """The alarm has a new severity, that of `threshold`; INFO when all is well below it."""

    severity: AlarmSeverityEnum
    threshold: float
    value: float


@dataclass(frozen=True, slots=True)
class Alarm:
    """The state of one alarm on one parameter.

    A level is entered above its threshold and left only `hysteresis` below it, so that a
    value that trembles about a threshold does not make an alarm every second. `levels`
    rise in threshold; `active` is the number of them that are entered.
    """

    parameter: str
    unit: str
    levels: tuple[Level, ...]
    hysteresis: float
    active: int = 0

    def update(self, value: float) -> tuple[Alarm, AlarmChange | None]:
        """The alarm after measuring `value`, and what is to be told, if anything."""
        active = self._active_at(value)
        if active == self.active:
            return self, None
        level = self.levels[max(active, 1) - 1]
        severity = level.severity if active else AlarmSeverityEnum.INFO
        return replace(self, active=active), AlarmChange(severity, level.threshold, value)

    def _active_at(self, value: float) -> int:
        active = self.active
        while active < len(self.levels) and value > self.levels[active].threshold:
            active += 1
        while active and value < self.levels[active - 1].threshold - self.hysteresis:
            active -= 1
        return active
