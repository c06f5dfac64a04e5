"""`snapshot=1`: the last event of every matching subject, then everything after it."""

from __future__ import annotations

import pytest

from jetbridge.embedded import NatsServer
from tests.support.bridge import live_bridge, plain_client, publish, publish_many
from tests.support.sse import Frame, SseClient

pytestmark = pytest.mark.usefixtures("both_paths")


def subject(agent: int, kind: str = "tick") -> str:
    return f"evt.default.agent{agent}.-.custom.{kind}"


async def snapshot_of(client: SseClient) -> tuple[list[Frame], Frame]:
    """The events of a snapshot, and its end."""
    frames = await client.until(lambda frame: frame.event == "snapshot-end")
    return [frame for frame in frames if frame.event.startswith("custom.")], frames[-1]


async def test_a_snapshot_is_the_last_event_of_every_subject_then_what_follows(
    nats_server: NatsServer,
) -> None:
    async with live_bridge(nats_server) as bridge, plain_client(nats_server) as nats:
        last: dict[str, int] = {}
        for round_ in range(3):
            for agent in range(20 - round_ * 5):
                last[subject(agent)] = await publish(nats, subject(agent), {"n": round_})
        client = await bridge.client("/events?snapshot=1").open()
        events, end = await snapshot_of(client)
        assert [frame.sequence for frame in events] == sorted(last.values())
        assert end.sequence == end.json["last_seq"] == max(last.values())
        assert end.json["events"] == 20
        sequence = await publish(nats, subject(3), {"n": 9})
        assert (await client.events(1))[0].sequence == sequence
        await client.close()


async def test_a_snapshot_obeys_the_filters_of_the_stream(nats_server: NatsServer) -> None:
    async with live_bridge(nats_server) as bridge, plain_client(nats_server) as nats:
        for kind in ("tick", "tock", "tack"):
            for agent in range(5):
                await publish(nats, subject(agent, kind), {"kind": kind})
        path = "/events?snapshot=1&agents=agent1,agent2&event_types=custom.t*ck"
        refused = await bridge.client(path).open()
        assert refused.status == 400
        path = "/events?snapshot=1&agents=agent1,agent2&event_types=custom.to*"
        client = await bridge.client(path).open()
        events, _ = await snapshot_of(client)
        assert [frame.json for frame in events] == [{"kind": "tock"}] * 2
        await client.close()
        await refused.close()


async def test_a_snapshot_of_nothing_ends_at_once(nats_server: NatsServer) -> None:
    async with live_bridge(nats_server) as bridge, plain_client(nats_server) as nats:
        await publish(nats, subject(1), {})
        client = await bridge.client("/agents/nobody?snapshot=1").open()
        events, end = await snapshot_of(client)
        assert events == []
        assert end.json["events"] == 0
        sequence = await publish(nats, subject(1).replace("agent1", "nobody"), {})
        assert (await client.events(1))[0].sequence == sequence
        await client.close()


async def test_ten_thousand_subjects_arrive_while_publishing_goes_on(
    nats_server: NatsServer,
) -> None:
    async with live_bridge(nats_server) as bridge, plain_client(nats_server) as nats:
        agents = range(10_000)
        sequences = await publish_many(
            nats, [subject(agent) for agent in agents], [b'{"n":0}' for _ in agents]
        )
        client = await bridge.client("/events?snapshot=1").open()
        again = await publish_many(nats, [subject(a) for a in range(500)], [b'{"n":1}'] * 500)
        events, end = await snapshot_of(client)
        rest = await client.events(len([s for s in again if s > end.sequence]))
        newest = {frame.sequence for frame in [*events, *rest]}
        assert newest >= set(sequences[500:]) | set(again)
        ids = [frame.sequence for frame in [*events, *rest]]
        assert ids == sorted(set(ids))
        await client.close()


@pytest.mark.parametrize("cut_after", [1, 2, 7, 49])
async def test_a_client_cut_off_in_a_snapshot_has_everything_in_the_end(
    nats_server: NatsServer, cut_after: int
) -> None:
    async with live_bridge(nats_server) as bridge, plain_client(nats_server) as nats:
        last: dict[str, int] = {}
        for round_ in range(2):
            for agent in range(50):
                last[subject(agent)] = await publish(nats, subject(agent), {"n": round_})
        client = await bridge.client("/events?snapshot=1").open()
        for _ in range(cut_after):
            await client.next()
        late = await publish(nats, subject(7), {"n": 2})
        last[subject(7)] = late
        await client.reopen()
        await client.until(lambda frame: frame.id == str(late) and frame.event == "custom.tick")
        got = {frame.sequence for frame in client.frames if frame.event == "custom.tick"}
        assert got >= set(last.values())
        await client.close()
