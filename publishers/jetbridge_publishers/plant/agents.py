"""The agents that watch the boiler and the economizer: what each would publish. No I/O here."""

from __future__ import annotations

from collections.abc import Iterator

from jetbridge_publishers.plant.alarms import Alarm, Level
from jetbridge_publishers.plant.boiler import Boiler
from jetbridge_publishers.plant.emissions import (
    BOILER,
    ECONOMIZER,
    Emission,
    alarm_of,
    metrics_of,
    status_of,
)
from jetbridge_schemas.process_heat import AgentStatusEnum, AlarmSeverityEnum

STATUS_EVERY_TICKS = 2


class BoilerAgent:
    """Watches the drum: pressure alarms, metrics, status."""

    def __init__(self) -> None:
        self._alarm = Alarm(
            "steam_pressure",
            "bar",
            (
                Level(8.8, AlarmSeverityEnum.WARNING),
                Level(9.0, AlarmSeverityEnum.CRITICAL),
                Level(9.6, AlarmSeverityEnum.ALERT),
            ),
            hysteresis=0.1,
        )

    @property
    def is_critical(self) -> bool:
        return self._alarm.active >= 2

    def observe(self, boiler: Boiler, tick: int) -> Iterator[Emission]:
        """What to publish at this tick, a second after the last one."""
        self._alarm, change = self._alarm.update(boiler.pressure_bar)
        if change is not None:
            yield alarm_of(BOILER, self._alarm, change, "Steam pressure")
        yield metrics_of(
            BOILER,
            steam_temperature=boiler.temperature_c,
            steam_pressure=boiler.pressure_bar,
            flow_rate=boiler.steam_flow,
            efficiency=boiler.efficiency,
            power_output=boiler.steam_kw / 1000,
            heat_loss=boiler.heat_loss_kw / 1000,
            burner_load_percent=100 * boiler.load,
        )
        if tick % STATUS_EVERY_TICKS == 0:
            metadata = {
                "steam_flow": round(boiler.steam_flow, 2),
                "pressure": round(boiler.pressure_bar, 3),
                "efficiency": round(boiler.efficiency, 4),
            }
            step = f"Firing at {boiler.load:.0%}"
            yield status_of(BOILER, AgentStatusEnum.RUNNING, step=step, metadata=metadata)


class EconomizerAgent:
    """Watches the heat exchanger in the flue gas: its fouling shows in the stack."""

    def __init__(self) -> None:
        self._alarm = Alarm(
            "stack_temperature",
            "°C",
            (Level(174.5, AlarmSeverityEnum.WARNING), Level(190.0, AlarmSeverityEnum.CRITICAL)),
            hysteresis=4.0,
        )

    def observe(self, boiler: Boiler, tick: int) -> Iterator[Emission]:
        """What to publish at this tick."""
        self._alarm, change = self._alarm.update(boiler.stack_c)
        if change is not None:
            yield alarm_of(ECONOMIZER, self._alarm, change, "Stack temperature")
        yield metrics_of(
            ECONOMIZER,
            flue_gas_temperature=boiler.flue_gas_c,
            stack_temperature=boiler.stack_c,
            effectiveness=boiler.effectiveness,
            fouling_percent=100 * boiler.fouling,
        )
        if tick % STATUS_EVERY_TICKS == 1:
            metadata = {"fouling": round(boiler.fouling, 4)}
            yield status_of(
                ECONOMIZER, AgentStatusEnum.RUNNING, step="Recovering heat", metadata=metadata
            )
