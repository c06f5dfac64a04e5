"""The whole plant, second by second: pure but for the agents' memories."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from jetbridge_publishers.plant.agents import BoilerAgent, EconomizerAgent
from jetbridge_publishers.plant.boiler import Boiler
from jetbridge_publishers.plant.controls import BurnerController, steam_demand
from jetbridge_publishers.plant.emissions import Emission
from jetbridge_publishers.plant.optimizer import OptimizerAgent

_STEP_SECONDS = 1.0


class Simulation:
    """A boiler under its controller, and the three agents around it.

    `run` names the jobs of this run. Every tick is a second of the plant's life.
    """

    def __init__(self, run: str) -> None:
        self.boiler = Boiler(temperature_c=172.5, load=0.75)
        self.ticks = 0
        self._controller = BurnerController()
        self._boiler_agent = BoilerAgent()
        self._economizer_agent = EconomizerAgent()
        self._optimizer = OptimizerAgent(run)

    def tick(self) -> Iterator[Emission]:
        """Let a second pass; what the agents publish after it."""
        self.ticks += 1
        self._step()
        yield from self._boiler_agent.observe(self.boiler, self.ticks)
        yield from self._economizer_agent.observe(self.boiler, self.ticks)
        critical = self._boiler_agent.is_critical
        yield from self._optimizer.observe(self.boiler, self.ticks, is_critical=critical)
        if self._optimizer.has_cleaned:
            self.boiler = self.boiler.cleaned()

    def _step(self) -> None:
        self._controller, load = self._controller.control(self.boiler, _STEP_SECONDS)
        demand = steam_demand(self.ticks * _STEP_SECONDS)
        self.boiler = replace(self.boiler, load=load, demand=demand).step(_STEP_SECONDS)
