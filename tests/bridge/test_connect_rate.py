from __future__ import annotations

import httpx2
from hypothesis import given
from hypothesis import strategies as st

from jetbridge.connect_rate import ConnectRate, site
from jetbridge.embedded import NatsServer
from tests.support.bridge import PREFIX, live_bridge


def admitted(rate: ConnectRate, address: str, *times: float) -> list[bool]:
    return [rate.admit(address, now) for now in times]


def test_the_whole_minute_may_be_used_at_once() -> None:
    rate = ConnectRate(3)
    assert admitted(rate, "10.0.0.1", 0, 0, 0, 0) == [True, True, True, False]


def test_places_come_back_evenly() -> None:
    rate = ConnectRate(3)
    admitted(rate, "10.0.0.1", 0, 0, 0)
    assert admitted(rate, "10.0.0.1", 19, 20, 20, 40) == [False, True, False, True]


def test_one_address_does_not_use_up_what_belongs_to_another() -> None:
    rate = ConnectRate(1)
    assert rate.admit("10.0.0.1", 0)
    assert rate.admit("10.0.0.2", 0)
    assert not rate.admit("10.0.0.1", 0)


def test_zero_is_no_limit_and_remembers_nobody() -> None:
    rate = ConnectRate(0)
    assert all(admitted(rate, "10.0.0.1", *[0.0] * 1000))
    assert len(rate) == 0


def test_who_stayed_away_for_a_minute_is_forgotten() -> None:
    rate = ConnectRate(5)
    for number in range(100):
        rate.admit(f"10.0.0.{number}", 0)
    rate.admit("10.0.1.1", 59)
    assert len(rate) == 101
    rate.admit("10.0.1.1", 60)
    assert len(rate) == 1


def test_memory_is_bounded_however_many_addresses_come() -> None:
    rate = ConnectRate(1, max_addresses=10)
    for number in range(1000):
        rate.admit(f"10.{number // 256}.{number % 256}.1", 0)
    assert len(rate) == 10
    assert not rate.admit("10.3.231.1", 0)


def test_the_addresses_of_one_ipv6_site_count_as_one() -> None:
    assert site("2001:db8:1:2::1") == site("2001:db8:1:2:ffff::9")
    assert site("2001:db8:1:2::1") != site("2001:db8:1:3::1")
    assert site("::ffff:10.0.0.1") == site("10.0.0.1") == "10.0.0.1"
    assert site("fe80::1%eth0") == site("fe80::2")
    assert site("not an address: at all") == "not an address: at all"


@given(st.integers(1, 50), st.lists(st.floats(0, 30), max_size=200))
def test_no_minute_ever_sees_more_than_twice_the_rate(per_minute: int, gaps: list[float]) -> None:
    rate, now = ConnectRate(per_minute), 0.0
    times: list[float] = []
    for gap in gaps:
        now += gap
        if rate.admit("10.0.0.1", now):
            times.append(now)
    for start in times:
        assert sum(start <= each < start + 60 for each in times) <= 2 * per_minute


async def test_streams_over_the_rate_are_told_to_come_back(nats_server: NatsServer) -> None:
    async with live_bridge(nats_server, connect_rate_per_address=2) as bridge:
        for _ in range(2):
            client = await bridge.client().open()
            await client.until_event("connected")
            await client.close()
        async with bridge.client() as refused:
            frame = await refused.next()
        assert frame.event == "unavailable"
        assert frame.json["reason"] == "capacity"
        assert frame.retry is not None


async def test_a_refusal_of_another_client_says_when_to_come_back(nats_server: NatsServer) -> None:
    async with live_bridge(nats_server, connect_rate_per_address=1) as bridge:
        async with bridge.client() as client:
            await client.until_event("connected")
        async with httpx2.AsyncClient() as http:
            answer = await http.get(bridge.url + PREFIX + "/events", headers={"Accept": "*/*"})
            page = await http.get(
                bridge.url + PREFIX + "/events", headers={"Accept": "application/json"}
            )
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert "connect_rate_per_address=1" in answer.json()["detail"]
    assert page.status_code == 200
