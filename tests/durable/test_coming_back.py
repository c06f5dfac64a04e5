"""A client that knows nothing but its own name goes on where it was."""

from __future__ import annotations

import pytest
from nats.aio.client import Client

from jetbridge.embedded import NatsServer
from tests.durable.clients import SUBJECT, connected, gone, newcomer, settled, stored_at
from tests.support import operator
from tests.support.bridge import live_bridge, publish
from tests.support.waiting import eventually


async def test_a_new_client_begins_with_what_comes_and_is_told_that_its_place_is_kept(
    nats_server: NatsServer, nats: Client, backend: str
) -> None:
    async with live_bridge(nats_server, cursor_backend=backend) as bridge:
        await publish(nats, SUBJECT, {"n": 0})
        client, missed = await settled(bridge.url)
        assert missed == []
        opening = connected(client)
        assert (opening["durable"], opening["durable_reason"]) == (True, None)
        assert opening["durable_cursor"].startswith("sse_")
        assert opening["resumed"] is False
        await client.close()


async def test_a_client_without_a_name_is_not_durable(nats_server: NatsServer) -> None:
    async with live_bridge(nats_server) as bridge, bridge.client() as client:
        opening = (await client.until_event("connected")).json
        assert (opening["durable"], opening["durable_reason"]) == (False, None)
        assert opening["durable_cursor"] is None


@pytest.mark.usefixtures("both_paths")
async def test_it_gets_exactly_what_it_missed(
    nats_server: NatsServer, nats: Client, backend: str
) -> None:
    async with live_bridge(nats_server, cursor_backend=backend) as bridge:
        client, _ = await settled(bridge.url)
        for n in range(3):
            await publish(nats, SUBJECT, {"n": n})
        last = (await client.events(3))[-1].sequence
        await client.close()
        await gone(bridge)
        missed = [await publish(nats, SUBJECT, {"n": n}) for n in range(3, 6)]
        client, replayed = await settled(bridge.url)
        assert connected(client)["cursor"] == last
        assert connected(client)["resumed"] is True
        assert [frame.sequence for frame in replayed] == missed
        await client.close()


async def test_it_gets_it_after_the_bridge_was_restarted(
    nats_server: NatsServer, nats: Client, backend: str
) -> None:
    async with live_bridge(nats_server, cursor_backend=backend) as bridge:
        client, _ = await settled(bridge.url)
        last = await publish(nats, SUBJECT, {"n": 1})
        await client.events(1)
    await client.close()
    missed = await publish(nats, SUBJECT, {"n": 2})
    async with live_bridge(nats_server, cursor_backend=backend) as bridge:
        client, replayed = await settled(bridge.url)
        assert connected(client)["cursor"] == last
        assert [frame.sequence for frame in replayed] == [missed]
        await client.close()


async def test_it_gets_it_from_another_replica(
    nats_server: NatsServer, nats: Client, backend: str
) -> None:
    settings = {"cursor_backend": backend}
    async with (
        live_bridge(nats_server, **settings) as one,
        live_bridge(nats_server, **settings) as other,
    ):
        client, _ = await settled(one.url)
        last = await publish(nats, SUBJECT, {"n": 1})
        await client.events(1)
        await client.close()
        await stored_at(other.url, last)
        missed = await publish(nats, SUBJECT, {"n": 2})
        client, replayed = await settled(other.url)
        assert connected(client)["cursor"] == last
        assert [frame.sequence for frame in replayed] == [missed]
        await client.close()


async def test_it_goes_on_even_if_nothing_came_while_it_was_there(
    nats_server: NatsServer, nats: Client, backend: str
) -> None:
    async with live_bridge(nats_server, cursor_backend=backend) as bridge:
        client, _ = await settled(bridge.url)
        await client.close()
        await gone(bridge)
        missed = await publish(nats, SUBJECT, {"n": 1})
        client, replayed = await settled(bridge.url)
        assert [frame.sequence for frame in replayed] == [missed]
        await client.close()


async def test_each_filter_has_a_place_of_its_own(nats_server: NatsServer, nats: Client) -> None:
    async with live_bridge(nats_server) as bridge:
        for agent in "ab":
            client, _ = await settled(bridge.url, path=f"/agents/{agent}")
            await client.close()
        await gone(bridge)
        sequences = [await publish(nats, f"evt.default.{a}.-.custom.x", {}) for a in "ab"]
        for agent, sequence in zip("ab", sequences, strict=True):
            client, replayed = await settled(bridge.url, path=f"/agents/{agent}")
            assert [frame.sequence for frame in replayed] == [sequence]
            await client.close()


async def test_the_same_filter_is_the_same_place_on_whatever_stream(
    nats_server: NatsServer, nats: Client
) -> None:
    async with live_bridge(nats_server) as bridge:
        client, _ = await settled(bridge.url, path="/agents/a")
        await client.close()
        await gone(bridge)
        missed = await publish(nats, SUBJECT, {})
        client, replayed = await settled(bridge.url, query="agents=a&format=cloudevents")
        assert [frame.sequence for frame in replayed] == [missed]
        await client.close()


async def test_an_id_that_the_client_brings_goes_before_its_place(
    nats_server: NatsServer, nats: Client
) -> None:
    async with live_bridge(nats_server) as bridge:
        client, _ = await settled(bridge.url)
        sequences = [await publish(nats, SUBJECT, {"n": n}) for n in range(4)]
        await client.events(4)
        await client.close()
        await gone(bridge)
        for query, header in ((f"last_event_id={sequences[1]}", None), ("", str(sequences[1]))):
            client = newcomer(bridge.url, query=query)
            client.last_id = header
            await client.open()
            again = await client.events(2)
            assert [frame.sequence for frame in again] == sequences[2:]
            await client.close()


async def test_the_place_goes_before_what_the_client_asks_for(
    nats_server: NatsServer, nats: Client
) -> None:
    async with live_bridge(nats_server) as bridge:
        await publish(nats, SUBJECT, {"n": 1})
        client, first = await settled(bridge.url, query="from=earliest")
        assert len(first) == 1
        await client.close()
        for query in ("from=earliest", "since=1h", "snapshot=1", "from=latest"):
            await gone(bridge)
            missed = await publish(nats, SUBJECT, {"n": 2})
            client, replayed = await settled(bridge.url, query=query)
            assert [frame.sequence for frame in replayed] == [missed], query
            await client.close()


async def test_a_place_that_has_expired_is_a_gap_like_any_other(
    nats_server: NatsServer, nats: Client, backend: str
) -> None:
    async with live_bridge(nats_server, cursor_backend=backend) as bridge:
        client, _ = await settled(bridge.url)
        last = await publish(nats, SUBJECT, {"n": 0})
        await client.events(1)
        await client.close()
        await gone(bridge)
        for n in range(5):
            await publish(nats, SUBJECT, {"n": n})
        await operator.purge(nats)
        kept = await publish(nats, SUBJECT, {"n": 9})
        client, replayed = await settled(bridge.url)
        (gap,) = [frame.json for frame in client.frames if frame.event == "gap"]
        assert gap == {"requested": last + 1, "first_available": kept, "reason": "purged"}
        assert [frame.sequence for frame in replayed] == [kept]
        await client.close()


@pytest.mark.parametrize("first_seq", [None, 1_000_000])
async def test_a_place_in_a_stream_that_was_made_again_counts_for_nothing(
    nats_server: NatsServer, nats: Client, backend: str, first_seq: int | None
) -> None:
    await operator.make_stream(nats, first_seq=first_seq)
    settings = {"cursor_backend": backend, "stream_manage": "off"}
    if backend == "kv":
        settings["stream_manage"] = "create"
    async with live_bridge(nats_server, **settings) as bridge:
        client, _ = await settled(bridge.url)
        for n in range(5):
            await publish(nats, SUBJECT, {"n": n})
        await client.events(5)
        await client.close()
        await gone(bridge)
    await operator.delete_stream(nats)
    await operator.make_stream(nats, first_seq=first_seq)
    fresh = [await publish(nats, SUBJECT, {"n": n}) for n in range(9)]
    async with live_bridge(nats_server, **settings) as bridge:
        client, replayed = await settled(bridge.url, query="from=earliest")
        assert [frame.sequence for frame in replayed] == fresh
        assert connected(client)["durable"] is True
        await client.close()


async def test_a_client_keeps_its_place_while_its_stream_is_made_again(
    nats_server: NatsServer, nats: Client, backend: str
) -> None:
    settings = {"cursor_backend": backend, "cursor_checkpoint_seconds": 0.05}
    async with live_bridge(nats_server, **settings) as bridge:
        client, _ = await settled(bridge.url)
        await publish(nats, SUBJECT, {"n": 0})
        await client.events(1)
        await operator.delete_stream(nats)
        await eventually(lambda: operator.stream_exists(nats))
        fresh = await publish(nats, SUBJECT, {"n": 1})
        (frame,) = await client.events(1)
        assert frame.sequence == fresh
        await stored_at(bridge.url, fresh)
        await client.close()
        await gone(bridge)
        missed = await publish(nats, SUBJECT, {"n": 2})
        client, replayed = await settled(bridge.url)
        assert [frame.sequence for frame in replayed] == [missed]
        await client.close()


async def test_a_client_keeps_its_place_while_sequences_begin_anew(
    nats_server: NatsServer, nats: Client, backend: str
) -> None:
    await operator.make_stream(nats)
    settings = {"cursor_backend": backend, "cursor_checkpoint_seconds": 0.05}
    async with live_bridge(nats_server, **settings) as bridge:
        client, _ = await settled(bridge.url)
        for n in range(9):
            await publish(nats, SUBJECT, {"n": n})
        await client.events(9)
        await stored_at(bridge.url, 9)
        await operator.delete_stream(nats)
        await operator.make_stream(nats)
        await publish(nats, SUBJECT, {"n": 10})
        await client.until_event("gap")
        assert [frame.sequence for frame in await client.events(1)] == [1]
        await stored_at(bridge.url, 1)
        await client.close()
        await gone(bridge)
        missed = await publish(nats, SUBJECT, {"n": 11})
        client, replayed = await settled(bridge.url)
        assert [frame.sequence for frame in replayed] == [missed]
        await client.close()


async def test_a_snapshot_that_was_cut_off_before_its_first_event_is_asked_for_again(
    nats_server: NatsServer, nats: Client
) -> None:
    async with live_bridge(nats_server) as bridge:
        client = await newcomer(bridge.url, query="snapshot=1").open()
        await client.until_event("snapshot-end")
        await client.close()
        await gone(bridge)
        sequence = await publish(nats, SUBJECT, {"n": 1})
        client, replayed = await settled(bridge.url, query="snapshot=1")
        assert [frame.sequence for frame in replayed] == [sequence]
        await client.close()
