"""Time travel: history at a multiple of the pace at which it happened."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jetbridge.embedded import NatsServer
from jetbridge.pace import Pace
from tests.support.bridge import live_bridge, plain_client, publish
from tests.support.waiting import eventually

times = st.lists(st.integers(0, 10**15), min_size=1, max_size=20).map(sorted)


@given(times=times, speed=st.floats(0.01, 1000), began=st.floats(0, 10**6))
def test_events_are_due_in_order_and_in_proportion(
    times: list[int], speed: float, began: float
) -> None:
    pace = Pace(speed)
    waits = [pace.wait(time_ns, now=began) for time_ns in times]
    assert waits[0] == 0
    assert waits == sorted(waits)
    span = (times[-1] - times[0]) / 1e9
    assert waits[-1] == pytest.approx(span / speed, rel=1e-6, abs=1e-3)


@pytest.mark.usefixtures("both_paths")
async def test_history_comes_at_its_pace_and_then_live(nats_server: NatsServer) -> None:
    async with live_bridge(nats_server) as bridge, plain_client(nats_server) as nats:
        started = time.monotonic()
        published: list[float] = []

        async def publish_each_tenth_of_a_second() -> bool:
            if time.monotonic() - started >= len(published) / 10:
                published.append(time.monotonic())
                await publish(nats, "evt.default.a.-.custom.tick", {"n": len(published)})
            return len(published) == 8

        await eventually(publish_each_tenth_of_a_second)
        span = published[-1] - published[0]
        client = await bridge.client("/events?from=earliest&speed=2").open()
        arrivals: list[float] = []
        for _ in range(8):
            await client.events(1)
            arrivals.append(time.monotonic())
        assert arrivals[-1] - arrivals[0] == pytest.approx(span / 2, rel=0.5)
        await client.until_event("caught-up")
        await publish(nats, "evt.default.a.-.custom.tick", {"n": 9})
        assert (await client.events(1))[0].json == {"n": 9}
        await client.close()


async def test_a_paced_replay_ends_where_it_is_bounded(nats_server: NatsServer) -> None:
    async with live_bridge(nats_server) as bridge, plain_client(nats_server) as nats:
        for number in range(5):
            await publish(nats, "evt.default.a.-.custom.tick", {"n": number})
        middle = time.time_ns() // 10**6 + 1
        await eventually(lambda: time.time_ns() // 10**6 > middle)
        await publish(nats, "evt.default.a.-.custom.tick", {"n": 5})
        client = await bridge.client(f"/events?since=1h&until={middle}&speed=1000").open()
        frames = await client.rest()
        ticks = [frame.json["n"] for frame in frames if frame.event == "custom.tick"]
        assert ticks == [0, 1, 2, 3, 4]
        assert frames[-1].event == "caught-up"
        await client.reopen()
        assert client.status == 204
        await client.close()


@pytest.mark.parametrize("speed", ["fast", "-1", "1e9", "nan", "٣"])
async def test_a_speed_that_is_no_number_is_refused(nats_server: NatsServer, speed: str) -> None:
    async with live_bridge(nats_server) as bridge:
        client = bridge.client(
            f"/events?speed={speed.encode().hex() if not speed.isascii() else speed}"
        )
        await client.open()
        assert client.status == 400
        await client.close()
