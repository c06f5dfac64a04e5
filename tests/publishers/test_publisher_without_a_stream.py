"""What the publisher does while the stream is away, and when its connection is ended."""

from __future__ import annotations

import logging
import signal
from pathlib import Path
from typing import Any, cast

import psutil
import pytest
from nats.aio.client import Client
from nats.aio.msg import Msg

from jetbridge.embedded import NatsServer
from jetbridge_publishers.connection import jetstream
from jetbridge_publishers.publish_errors import (
    PublishError,
    PublishRejectedError,
    PublishTimeoutError,
)
from jetbridge_publishers.publisher import Publisher
from jetbridge_publishers.streams import StreamSettings, ensure
from tests.publishers.emitting import AGENTS, Numbers, any_client
from tests.publishers.stored import numbers_by_agent, stored_events
from tests.support.waiting import eventually


async def several_attempts(client: Client) -> None:
    before = client.stats["out_msgs"]
    await eventually(lambda: client.stats["out_msgs"] > before + 4)


async def test_events_wait_for_a_stream_that_is_made_later(client: Client) -> None:
    async with Publisher(client) as publisher:
        for n in range(100):
            publisher.emit_nowait({"n": n}, agent="a", type="x")
        await several_attempts(client)
        assert publisher.pending == 100
        await ensure(jetstream(client), StreamSettings(), "create")
        await publisher.flush()
    assert numbers_by_agent(await stored_events(client)) == {"a": list(range(100))}


async def test_a_stream_that_comes_back_amid_an_attempt_does_not_change_the_order(
    client: Client,
) -> None:
    """A service in the stream's place refuses the first 12 messages and takes the others."""
    refused: list[bytes] = []
    taken: list[bytes] = []

    async def answer(message: Msg) -> None:
        (refused if len(refused) < 12 else taken).append(message.data)
        error = b'{"error":{"code":503,"description":"no leader"}}'
        ack = b'{"stream":"EVT","seq":%d}' % len(taken)
        await message.respond(ack if taken else error)

    await cast("Any", client).subscribe("evt.>", cb=answer)
    await client.flush()
    async with Publisher(client) as publisher:
        for n in range(10):
            publisher.emit_nowait({"n": n}, agent="a", type="x")
        await publisher.flush()
    assert taken == [b'{"n":%d}' % n for n in range(10)]


@pytest.mark.usefixtures("streams")
async def test_events_go_on_when_the_stream_is_deleted_and_made_again(
    nats_server: NatsServer, client: Client
) -> None:
    js = jetstream(client)
    async with Publisher(nats_server.url, max_pending=500) as publisher:
        numbers = Numbers(publisher)
        await eventually(lambda: min(numbers.emitted.values()) > 500)
        await js.delete_stream("EVT")
        await eventually(lambda: publisher.pending == 500)
        await ensure(js, StreamSettings(), "create")
        before = dict(numbers.emitted)
        await eventually(lambda: all(numbers.emitted[a] > before[a] + 500 for a in AGENTS))
        expected = await numbers.stop()
        await publisher.flush()
    stored = numbers_by_agent(await stored_events(client))
    for agent in AGENTS:
        assert stored[agent] == expected[agent][-len(stored[agent]) :]


async def test_a_stream_that_never_comes_is_an_error_that_says_so(nats_server: NatsServer) -> None:
    async with Publisher(nats_server.url, retry_seconds=0.2) as publisher:
        with pytest.raises(PublishTimeoutError, match=r"no stream takes the subject evt\.") as it:
            await publisher.emit({}, agent="a", type="x")
        assert "is the stream EVT there?" in it.value.hint


async def test_a_listener_in_the_streams_place_does_not_hide_that_there_is_none(
    nats_server: NatsServer, client: Client
) -> None:
    await cast("Any", client).subscribe("evt.>")
    await client.flush()
    url = nats_server.url
    async with Publisher(url, retry_seconds=0.1, ack_timeout_seconds=0.1) as publisher:
        with pytest.raises(PublishTimeoutError, match="no stream takes the subject"):
            await publisher.emit({}, agent="a", type="x")


@pytest.mark.usefixtures("streams")
async def test_a_users_client_that_is_closed_fails_what_is_pending(nats_server: NatsServer) -> None:
    async with any_client(nats_server.url) as client, Publisher(client) as publisher:
        await client.close()
        with pytest.raises(PublishError, match="connection was closed"):
            await publisher.emit({}, agent="a", type="x")


async def test_a_connection_that_nats_ends_for_good_is_made_anew(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    config = tmp_path / "nats.conf"
    config.write_text("max_payload: 100000")
    with NatsServer(tmp_path / "nats", config=config) as server:
        async with Publisher(server.url) as publisher, any_client(server.url) as client:
            await ensure(jetstream(client), StreamSettings(), "create")
            await publisher.emit({"n": 1}, agent="a", type="x")
            # nats-py does not hear of the new limit, breaks it, and is thrown out for good.
            config.write_text("max_payload: 1000")
            psutil.Process(server.pid).send_signal(signal.SIGHUP)
            await eventually(lambda: "Reloaded server configuration" in server.log_file.read_text())
            large = publisher.emit_nowait({"pad": "x" * 2000}, agent="a", type="x")
            publisher.emit_nowait({"n": 2}, agent="a", type="x")
            with pytest.raises(PublishRejectedError, match="the server takes 1,000"):
                await large
            await publisher.flush()
            assert numbers_by_agent(await stored_events(client)) == {"a": [1, 2]}
    assert "NATS ended the connection for good: maximum payload violation" in caplog.text
