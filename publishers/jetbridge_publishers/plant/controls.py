"""What moves the plant: the burner's controller, and the factory that takes the steam."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from jetbridge_publishers.plant.boiler import NOMINAL_PRESSURE_BAR, Boiler

_GAIN = 0.35  # load per bar
_INTEGRAL_SECONDS = 120.0
_MAX_LOAD_PER_SECOND = 0.012
_TRIP_EVERY_SECONDS = 90.0
_TRIP_SECONDS = 20.0
_FIRST_TRIP_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class BurnerController:
    """A PI controller that holds the pressure at `setpoint_bar` with a sluggish burner."""

    setpoint_bar: float = NOMINAL_PRESSURE_BAR
    integral: float = 0.7

    def control(self, boiler: Boiler, seconds: float) -> tuple[BurnerController, float]:
        """The controller `seconds` later, and the burner's load then, 0 to 1."""
        error = self.setpoint_bar - boiler.pressure_bar
        integral = _clamp(self.integral + _GAIN * error * seconds / _INTEGRAL_SECONDS)
        wanted = _clamp(integral + _GAIN * error)
        step = _MAX_LOAD_PER_SECOND * seconds
        load = min(boiler.load + step, max(boiler.load - step, wanted))
        return replace(self, integral=integral), _clamp(load)


def steam_demand(seconds: float) -> float:
    """What the factory draws at that time, in kg/s at nominal pressure; never negative.

    A slow and a quicker wave, and a large consumer that trips every minute and a half.
    """
    waves = 20.0 + 1.5 * math.sin(seconds / 29.0) + 0.5 * math.sin(seconds / 7.0)
    tripped = (seconds - _FIRST_TRIP_SECONDS) % _TRIP_EVERY_SECONDS < _TRIP_SECONDS
    return waves * (0.55 if tripped else 1.0)


def _clamp(value: float) -> float:
    return min(1.0, max(0.0, value))
