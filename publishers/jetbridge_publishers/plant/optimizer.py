"""The agent that runs jobs, one after another: what it would publish. No I/O here."""

from __future__ import annotations

from collections.abc import Iterator

from jetbridge_publishers.plant.agents import STATUS_EVERY_TICKS
from jetbridge_publishers.plant.boiler import Boiler
from jetbridge_publishers.plant.emissions import OPTIMIZER, Emission, status_of
from jetbridge_publishers.plant.jobs import CLEANED_AFTER, OPTIMISATION, Job
from jetbridge_schemas.process_heat import AgentStatusEnum, CalculationProgress

_REST_TICKS = 12


class OptimizerAgent:
    """Runs one job after another; waits while the pressure alarm is critical.

    `run` names the jobs of this run, so that they never share an id with an earlier one's.
    """

    def __init__(self, run: str) -> None:
        self._run = run
        self._jobs = 0
        self._job: Job | None = None
        self._worked = 0.0
        self._rest = 3
        self._efficiency_before = 0.0
        self._paused = False

    @property
    def has_cleaned(self) -> bool:
        """True just after the job's soot blowing."""
        cleaned_at = sum(step.seconds for step in OPTIMISATION[:CLEANED_AFTER])
        return self._job is not None and self._worked == cleaned_at

    def observe(self, boiler: Boiler, tick: int, *, is_critical: bool) -> Iterator[Emission]:
        """What to publish at this tick."""
        if self._job is None:
            yield from self._idle(boiler, tick)
        elif is_critical:
            yield from self._pause(self._job)
        else:
            yield from self._work(self._job, boiler, tick)

    def _idle(self, boiler: Boiler, tick: int) -> Iterator[Emission]:
        self._rest -= 1
        if self._rest > 0:
            if tick % STATUS_EVERY_TICKS == 0:
                yield status_of(OPTIMIZER, AgentStatusEnum.IDLE)
            return
        self._jobs += 1
        self._job = Job(f"job:{self._run}-{self._jobs:03}", OPTIMISATION)
        self._worked = 0.0
        self._efficiency_before = boiler.efficiency
        yield self._progress(self._job, boiler)
        yield self._status(self._job, AgentStatusEnum.RUNNING)

    def _pause(self, job: Job) -> Iterator[Emission]:
        if not self._paused:
            self._paused = True
            yield self._status(job, AgentStatusEnum.PAUSED, "Waiting for the pressure to fall")

    def _work(self, job: Job, boiler: Boiler, tick: int) -> Iterator[Emission]:
        self._worked += 1.0
        done = job.is_done(self._worked)
        yield self._progress(job, boiler)
        if done or self._paused or tick % STATUS_EVERY_TICKS == 0:
            status = AgentStatusEnum.COMPLETED if done else AgentStatusEnum.RUNNING
            yield self._status(job, status)
        self._paused = False
        if done:
            self._job, self._rest = None, _REST_TICKS

    def _status(self, job: Job, status: AgentStatusEnum, step: str | None = None) -> Emission:
        progress = job.at(self._worked)
        return status_of(OPTIMIZER, status, progress=progress, step=step, job=job.id)

    def _progress(self, job: Job, boiler: Boiler) -> Emission:
        progress = job.at(self._worked)
        event = CalculationProgress(
            job_id=job.id,
            agent_id=OPTIMIZER,
            progress_percent=progress.percent,
            current_step=progress.step,
            step_number=progress.number,
            total_steps=len(job.steps),
            elapsed_seconds=progress.elapsed_seconds,
            estimated_total_seconds=job.total_seconds,
            details={
                "current_temp": round(boiler.temperature_c, 2),
                "efficiency_delta": round(boiler.efficiency - self._efficiency_before, 5),
            },
        )
        return Emission(OPTIMIZER, event, job.id)
