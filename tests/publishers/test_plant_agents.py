from __future__ import annotations

import asyncio
from collections.abc import Iterable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nats.aio.client import Client

from jetbridge.embedded import NatsServer
from jetbridge_publishers.connection import jetstream
from jetbridge_publishers.plant import run_demo
from jetbridge_publishers.plant.alarms import Alarm, Level
from jetbridge_publishers.plant.emissions import BOILER, ECONOMIZER, OPTIMIZER, Emission
from jetbridge_publishers.plant.jobs import OPTIMISATION, Job
from jetbridge_publishers.plant.simulation import Simulation
from jetbridge_publishers.publisher import Publisher
from jetbridge_publishers.recording import RecordingPublisher
from jetbridge_schemas.process_heat import (
    AgentStatus,
    AgentStatusEnum,
    AlarmSeverityEnum,
    AlarmUpdate,
    CalculationProgress,
    MetricsUpdate,
)
from tests.publishers.stored import stored_events
from tests.support.waiting import eventually

INFO, WARNING, CRITICAL = (
    AlarmSeverityEnum.INFO,
    AlarmSeverityEnum.WARNING,
    AlarmSeverityEnum.CRITICAL,
)
PRESSURE = Alarm("p", "bar", (Level(8.8, WARNING), Level(9.0, CRITICAL)), hysteresis=0.1)


def severities(values: Iterable[float]) -> list[AlarmSeverityEnum]:
    alarm, told = PRESSURE, list[AlarmSeverityEnum]()
    for value in values:
        alarm, change = alarm.update(value)
        if change is not None:
            told.append(change.severity)
    return told


def test_an_alarm_rises_and_falls_level_by_level() -> None:
    assert severities([8.5, 8.9, 9.1, 8.85, 8.65]) == [WARNING, CRITICAL, WARNING, INFO]


def test_an_alarm_may_jump_over_levels_and_is_told_once() -> None:
    assert severities([8.5, 9.5, 8.0]) == [CRITICAL, INFO]


def test_a_value_that_trembles_about_the_threshold_is_one_alarm() -> None:
    assert severities([8.79, 8.81, 8.79, 8.81, 8.72, 8.81]) == [WARNING]


@given(st.lists(st.floats(8.0, 10.0)))
def test_what_is_told_is_always_news(values: list[float]) -> None:
    told = severities(values)
    assert all(one is not other for one, other in pairwise(told))
    assert INFO not in told[:1]


@given(st.lists(st.floats(8.0, 10.0), min_size=1))
def test_above_a_threshold_its_alarm_is_on_and_well_below_it_is_off(values: list[float]) -> None:
    alarm = PRESSURE
    for value in values:
        alarm, _ = alarm.update(value)
        for position, level in enumerate(alarm.levels, start=1):
            if value > level.threshold:
                assert alarm.active >= position
            if value < level.threshold - alarm.hysteresis:
                assert alarm.active < position


@given(st.floats(-10, 100), st.floats(0, 50))
def test_a_job_goes_forward_through_its_steps(elapsed: float, more: float) -> None:
    job = Job("job:1", OPTIMISATION)
    earlier, later = job.at(elapsed), job.at(elapsed + more)
    assert 0 <= earlier.percent <= later.percent <= 100
    assert 1 <= earlier.number <= later.number <= len(OPTIMISATION)
    assert earlier.step == OPTIMISATION[earlier.number - 1].name


def test_a_job_begins_at_zero_and_ends_at_a_hundred() -> None:
    job = Job("job:1", OPTIMISATION)
    assert (job.at(0).percent, job.at(0).step) == (0, "Initializing")
    assert (job.at(job.total_seconds).percent, job.at(job.total_seconds).step) == (
        100,
        "Verification",
    )


@pytest.fixture(scope="module")
def ten_minutes() -> list[Emission]:
    simulation = Simulation("run")
    return [emission for _ in range(600) for emission in simulation.tick()]


def test_the_plant_publishes_about_five_events_a_second(ten_minutes: list[Emission]) -> None:
    assert 3 < len(ten_minutes) / 600 < 6
    assert {emission.agent for emission in ten_minutes} == {BOILER, ECONOMIZER, OPTIMIZER}


def test_pressure_alarms_come_and_go(ten_minutes: list[Emission]) -> None:
    alarms = [e.event for e in ten_minutes if isinstance(e.event, AlarmUpdate)]
    pressure = [alarm for alarm in alarms if alarm.parameter == "steam_pressure"]
    assert {alarm.severity for alarm in pressure} == {INFO, WARNING, CRITICAL}
    for alarm in pressure:
        assert alarm.current_value is not None
        assert alarm.threshold_value is not None
        if alarm.severity is CRITICAL:
            assert alarm.current_value > alarm.threshold_value == 9.0


def test_measured_values_move_together(ten_minutes: list[Emission]) -> None:
    metrics = [
        e.event.metrics
        for e in ten_minutes
        if e.agent == BOILER and isinstance(e.event, MetricsUpdate)
    ]
    by_temperature = sorted(metrics, key=lambda values: values["steam_temperature"])
    pressures = [values["steam_pressure"] for values in by_temperature]
    assert pressures == sorted(pressures)
    assert all(0.9 < values["efficiency"] < 0.95 for values in metrics)
    assert all(8 < values["flow_rate"] < 26 for values in metrics)


def test_jobs_run_from_start_to_end_one_after_another(ten_minutes: list[Emission]) -> None:
    jobs: dict[str, list[float]] = {}
    for emission in ten_minutes:
        if isinstance(emission.event, CalculationProgress):
            assert emission.job == emission.event.job_id
            jobs.setdefault(emission.event.job_id, []).append(emission.event.progress_percent)
    *finished, _ = jobs.values()
    assert len(finished) >= 7
    for percents in finished:
        assert percents == sorted(percents)
        assert (percents[0], percents[-1]) == (0, 100)


def test_the_optimizer_waits_while_the_pressure_is_critical(ten_minutes: list[Emission]) -> None:
    critical = False
    for emission in ten_minutes:
        event = emission.event
        if isinstance(event, AlarmUpdate) and event.parameter == "steam_pressure":
            critical = event.severity is CRITICAL
        if isinstance(event, CalculationProgress) and event.progress_percent > 0:
            assert not critical
    statuses = {
        e.event.status
        for e in ten_minutes
        if e.agent == OPTIMIZER and isinstance(e.event, AgentStatus)
    }
    assert statuses == {
        AgentStatusEnum.IDLE,
        AgentStatusEnum.RUNNING,
        AgentStatusEnum.PAUSED,
        AgentStatusEnum.COMPLETED,
    }


async def test_every_event_of_the_demo_is_valid_and_the_agents_say_goodbye() -> None:
    publisher, stop = RecordingPublisher(), asyncio.Event()
    demo = asyncio.create_task(run_demo(publisher, stop=stop, interval_seconds=0.0))
    await eventually(lambda: len(publisher.of_type("calculation.progress")) > 100)
    stop.set()
    await demo
    assert {event.type for event in publisher.events} == {
        "agent.status",
        "calculation.progress",
        "alarm.update",
        "metrics.update",
    }
    assert [event.data["status"] for event in publisher.events[-3:]] == ["SHUTDOWN"] * 3


async def test_a_stop_does_not_wait_for_the_next_tick() -> None:
    publisher, stop = RecordingPublisher(), asyncio.Event()
    demo = asyncio.create_task(run_demo(publisher, stop=stop, interval_seconds=3600))
    await eventually(lambda: len(publisher.events) > 0)
    stop.set()
    await asyncio.wait_for(demo, 5)


@pytest.mark.usefixtures("streams")
async def test_the_demo_runs_on_through_an_outage(
    nats_server: NatsServer, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    stop = asyncio.Event()
    async with Publisher(nats_server.url, max_pending=50) as publisher:
        demo = asyncio.create_task(run_demo(publisher, stop=stop, interval_seconds=0.001))
        await eventually(lambda: has_events(client, 100))
        await asyncio.to_thread(nats_server.kill)
        await eventually(lambda: "too many wait" in caplog.text)
        before = publisher.pending
        await asyncio.to_thread(nats_server.start)
        await eventually(lambda: publisher.pending < before)
        await eventually(lambda: client.is_connected)
        await eventually(lambda: has_events(client, 400))
        stop.set()
        await demo
    agents = {event.agent for event in await stored_events(client)}
    assert agents == {BOILER, ECONOMIZER, OPTIMIZER}
    assert caplog.text.count("too many wait") < 5


async def has_events(client: Client, count: int) -> bool:
    return (await jetstream(client).stream_info("EVT")).state.messages >= count
