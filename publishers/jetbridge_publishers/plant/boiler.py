"""The physics of a steam boiler with an economizer: pure, stepped by whoever has a clock.

The drum is one lump of water at saturation. Energy in: the burner's heat less what goes up
the stack. Energy out: steam less the feedwater that replaces it, and heat through the
shell. The economizer warms the feedwater with flue gas, and fouls as time goes by.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from jetbridge_publishers.plant.steam import (
    saturation_pressure,
    steam_enthalpy,
    water_enthalpy,
)

AMBIENT_C = 20.0
BURNER_KW = 62_000.0
"""Fuel power at full load."""
NOMINAL_PRESSURE_BAR = 8.5
FEEDWATER_C = 105.0

_HEAT_CAPACITY = 73_000.0  # kJ/K: 15 t of water and 20 t of steel
_SHELL_KW_PER_K = 2.0
_MAX_STEP_SECONDS = 1.0
_STACK_LOSS_PER_K = 0.00045  # Siegert's formula for natural gas at normal excess air
_CLEAN_ECONOMIZER = 0.62
_FOULING_PER_SECOND = 1 / 900  # much faster than in life, so that a demo shows it


@dataclass(frozen=True, slots=True)
class Boiler:
    """The state of the plant; the rest follows from it.

    temperature_c: of the drum. load: of the burner, 0 to 1. demand: opening of the steam
    consumers' valves, as kg/s at nominal pressure. fouling: of the
    economizer, 0 (clean) to 1 (exchanges nothing).
    """

    temperature_c: float = 160.0
    load: float = 0.5
    demand: float = 20.0
    fouling: float = 0.0

    @property
    def pressure_bar(self) -> float:
        """Absolute pressure in the drum, on the saturation curve."""
        return saturation_pressure(self.temperature_c)

    @property
    def steam_flow(self) -> float:
        """kg/s; a valve lets through more the higher the pressure."""
        return self.demand * (self.pressure_bar / NOMINAL_PRESSURE_BAR) ** 0.5

    @property
    def fuel_kw(self) -> float:
        return self.load * BURNER_KW

    @property
    def flue_gas_c(self) -> float:
        """Flue gas leaving the drum: hotter at high load."""
        return self.temperature_c + 30.0 + 90.0 * self.load

    @property
    def stack_c(self) -> float:
        """Flue gas leaving the economizer."""
        return self.flue_gas_c - self.effectiveness * max(0.0, self.flue_gas_c - FEEDWATER_C)

    @property
    def effectiveness(self) -> float:
        """Of the economizer: the share of the possible temperature drop that it achieves."""
        return _CLEAN_ECONOMIZER * (1.0 - self.fouling)

    @property
    def stack_loss_kw(self) -> float:
        share = _STACK_LOSS_PER_K * max(0.0, self.stack_c - AMBIENT_C)
        return self.fuel_kw * min(1.0, share)

    @property
    def shell_loss_kw(self) -> float:
        return _SHELL_KW_PER_K * (self.temperature_c - AMBIENT_C)

    @property
    def heat_loss_kw(self) -> float:
        return self.stack_loss_kw + self.shell_loss_kw

    @property
    def steam_kw(self) -> float:
        """What steam carries out above what feedwater brings in."""
        brought = water_enthalpy(FEEDWATER_C)
        return self.steam_flow * (steam_enthalpy(self.temperature_c) - brought)

    @property
    def efficiency(self) -> float:
        """The share of the fuel's heat that is not lost, 0 to 1; 0 without fire."""
        if self.fuel_kw <= 0:
            return 0.0
        return min(1.0, max(0.0, 1.0 - self.heat_loss_kw / self.fuel_kw))

    @property
    def net_kw(self) -> float:
        """The balance: what stays in the drum and warms it."""
        return self.fuel_kw - self.heat_loss_kw - self.steam_kw

    @property
    def stored_kj(self) -> float:
        """Energy in the drum, counted from ambient temperature."""
        return _HEAT_CAPACITY * (self.temperature_c - AMBIENT_C)

    def step(self, seconds: float) -> Boiler:
        """The state `seconds` later, with load and demand unchanged."""
        state = self
        while seconds > 0:
            part = min(seconds, _MAX_STEP_SECONDS)
            state = state._short_step(part)
            seconds -= part
        return state

    def cleaned(self) -> Boiler:
        """The state after soot blowing."""
        return replace(self, fouling=0.0)

    def _short_step(self, seconds: float) -> Boiler:
        warmer = self.temperature_c + self.net_kw * seconds / _HEAT_CAPACITY
        return replace(
            self,
            temperature_c=max(AMBIENT_C, warmer),
            fouling=min(1.0, self.fouling + _FOULING_PER_SECOND * self.load * seconds),
        )
