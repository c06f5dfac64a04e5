from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jetbridge_publishers.plant.boiler import AMBIENT_C, Boiler
from jetbridge_publishers.plant.controls import BurnerController, steam_demand
from jetbridge_publishers.plant.steam import (
    saturation_pressure,
    saturation_temperature,
    steam_enthalpy,
    water_enthalpy,
)

boilers = st.builds(
    Boiler,
    temperature_c=st.floats(AMBIENT_C, 240),
    load=st.floats(0, 1),
    demand=st.floats(0, 40),
    fouling=st.floats(0, 1),
)
durations = st.floats(0.01, 120)


@pytest.mark.parametrize(
    ("temperature", "pressure", "enthalpy"),
    [(100, 1.0142, 2675.6), (150, 4.7616, 2745.9), (180, 10.028, 2777.2), (200, 15.549, 2792.0)],
)
def test_steam_is_as_in_the_steam_tables(
    temperature: float, pressure: float, enthalpy: float
) -> None:
    assert saturation_pressure(temperature) == pytest.approx(pressure, rel=0.02)
    assert steam_enthalpy(temperature) == pytest.approx(enthalpy, rel=0.01)


@given(st.floats(5, 250))
def test_pressure_and_temperature_on_the_saturation_curve_are_inverse(temperature: float) -> None:
    assert saturation_temperature(saturation_pressure(temperature)) == pytest.approx(temperature)


@given(st.floats(0, 249), st.floats(0.01, 1))
def test_pressure_rises_with_temperature(temperature: float, more: float) -> None:
    assert saturation_pressure(temperature + more) > saturation_pressure(temperature)


@given(st.floats(0, 250))
def test_steam_carries_more_heat_than_water(temperature: float) -> None:
    assert steam_enthalpy(temperature) > water_enthalpy(temperature)


@given(boilers, durations)
def test_whatever_happens_the_values_stay_possible(boiler: Boiler, seconds: float) -> None:
    after = boiler.step(seconds)
    assert after.temperature_c >= AMBIENT_C
    assert after.pressure_bar > 0
    assert after.steam_flow >= 0
    assert 0 <= after.efficiency <= 1
    assert 0 <= after.fouling <= 1
    assert after.stack_loss_kw >= 0
    assert after.shell_loss_kw >= 0


@given(boilers, st.floats(0.01, 1))
def test_energy_is_conserved(boiler: Boiler, seconds: float) -> None:
    after = boiler.step(seconds)
    supplied = (boiler.fuel_kw - boiler.heat_loss_kw - boiler.steam_kw) * seconds
    if after.temperature_c > AMBIENT_C:
        assert after.stored_kj - boiler.stored_kj == pytest.approx(supplied, rel=1e-6, abs=1)


@given(boilers, st.floats(0, 0.5), st.floats(0.01, 0.5), durations)
def test_more_fire_makes_a_hotter_boiler(
    boiler: Boiler, load: float, more: float, seconds: float
) -> None:
    cooler = replace(boiler, load=load).step(seconds)
    hotter = replace(boiler, load=load + more).step(seconds)
    assert hotter.temperature_c >= cooler.temperature_c


@given(boilers, st.floats(0.1, 10), durations)
def test_more_demand_makes_a_cooler_boiler(boiler: Boiler, more: float, seconds: float) -> None:
    warm = replace(boiler, temperature_c=max(120, boiler.temperature_c))
    thirsty = replace(warm, demand=warm.demand + more)
    assert thirsty.step(seconds).temperature_c < warm.step(seconds).temperature_c


@given(st.floats(AMBIENT_C + 1, 240), durations)
def test_without_fire_and_demand_it_only_cools(temperature: float, seconds: float) -> None:
    boiler = Boiler(temperature_c=temperature, load=0, demand=0)
    assert AMBIENT_C <= boiler.step(seconds).temperature_c < temperature
    assert boiler.efficiency == 0


@given(boilers, st.floats(0.05, 1))
def test_a_clean_economizer_wastes_less(boiler: Boiler, fouling: float) -> None:
    working = replace(boiler, load=0.7, temperature_c=max(120, boiler.temperature_c))
    fouled = replace(working, fouling=fouling)
    assert fouled.cleaned().efficiency > fouled.efficiency


@given(st.floats(0, 10**7))
def test_demand_is_never_negative(seconds: float) -> None:
    assert 0 < steam_demand(seconds) < 40


@given(boilers, st.floats(0, 1), st.floats(0.1, 5))
def test_the_burner_is_sluggish_and_stays_within_its_range(
    boiler: Boiler, integral: float, seconds: float
) -> None:
    controller, load = BurnerController(integral=integral).control(boiler, seconds)
    assert 0 <= load <= 1
    assert abs(load - boiler.load) <= 0.012 * seconds + 1e-9
    assert 0 <= controller.integral <= 1


def test_the_controller_brings_the_pressure_to_its_setpoint() -> None:
    boiler, controller = Boiler(temperature_c=165, demand=18), BurnerController()
    for _ in range(3000):
        controller, load = controller.control(boiler, 1.0)
        boiler = replace(boiler, load=load, fouling=0.0).step(1.0)
    assert boiler.pressure_bar == pytest.approx(controller.setpoint_bar, abs=0.02)
    assert boiler.efficiency == pytest.approx(0.92, abs=0.03)
