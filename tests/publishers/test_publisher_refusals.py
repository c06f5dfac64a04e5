"""What the publisher refuses, and what is refused to it."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest
from nats.aio.client import Client

from jetbridge.embedded import NatsServer
from jetbridge_publishers.connection import NatsConnectError, NatsOptions
from jetbridge_publishers.publish_errors import PublishError, PublishRejectedError
from jetbridge_publishers.publisher import Publisher
from tests.publishers.stored import numbers_by_agent, stored_events

pytestmark = pytest.mark.usefixtures("streams")


async def test_an_invalid_event_is_rejected_and_its_neighbours_are_stored(
    nats_server: NatsServer, client: Client
) -> None:
    async with Publisher(nats_server.url) as publisher:
        await publisher.emit({"n": 1}, agent="a", type="x")
        with pytest.raises(PublishRejectedError, match="progress_percent"):
            await publisher.send_job_progress("job:1", "a", progress_percent=101)
        await publisher.emit({"n": 2}, agent="a", type="x")
    assert numbers_by_agent(await stored_events(client)) == {"a": [1, 2]}


async def test_an_event_too_large_for_the_server_is_rejected_and_its_neighbours_are_stored(
    nats_server: NatsServer, client: Client
) -> None:
    room = client.max_payload - len('{"pad":""}')
    async with Publisher(nats_server.url) as publisher:
        publisher.emit_nowait({"n": 1}, agent="a", type="x")
        large = publisher.emit_nowait({"pad": "x" * room}, agent="a", type="x")
        publisher.emit_nowait({"n": 2}, agent="a", type="x")
        with pytest.raises(PublishRejectedError, match=r"the server takes 1,048,576"):
            await publisher.flush()
        assert isinstance(large.exception(), PublishRejectedError)
        nearly = await publisher.emit({"pad": "x" * (room - 200)}, agent="b", type="x")
    *small, last = await stored_events(client)
    assert numbers_by_agent(small) == {"a": [1, 2]}
    assert last.sequence == nearly


async def test_what_the_stream_itself_refuses_is_an_error_for_that_event_alone(
    nats_server: NatsServer, client: Client
) -> None:
    limit = b'{"name":"EVT","subjects":["evt.>"],"max_msg_size":300,"max_consumers":20000}'
    await client.request("$JS.API.STREAM.DELETE.EVT", b"", timeout=5)
    await client.request("$JS.API.STREAM.CREATE.EVT", limit, timeout=5)
    async with Publisher(nats_server.url) as publisher:
        publisher.emit_nowait({"n": 1}, agent="a", type="x")
        large = publisher.emit_nowait({"pad": "x" * 300}, agent="a", type="x")
        publisher.emit_nowait({"n": 2}, agent="a", type="x")
        with pytest.raises(PublishRejectedError, match="the stream refused it: message size"):
            await large
    assert numbers_by_agent(await stored_events(client)) == {"a": [1, 2]}


async def test_a_publisher_has_to_be_opened_and_is_of_no_use_once_closed(
    nats_server: NatsServer,
) -> None:
    publisher = Publisher(nats_server.url)
    with pytest.raises(PublishError, match="not open"):
        publisher.emit_nowait({}, agent="a", type="x")
    async with publisher:
        with pytest.raises(PublishError, match="open already"):
            await publisher.__aenter__()
    with pytest.raises(PublishError, match="not open"):
        await publisher.emit({}, agent="a", type="x")


async def test_a_publisher_without_nats_says_so() -> None:
    with pytest.raises(NatsConnectError, match="cannot reach NATS"):
        async with Publisher("nats://127.0.0.1:1"):
            pass


@pytest.mark.parametrize("option", ["max_in_flight", "max_pending", "ack_timeout_seconds"])
def test_an_option_out_of_range_is_named(option: str) -> None:
    with pytest.raises(PublishError, match=option):
        Publisher(**cast("Any", {option: 0}))


def user(permissions: str) -> str:
    return f"authorization {{ users [{{user: a, password: b, permissions {{{permissions}}}}}] }}"


async def test_a_publish_without_permission_fails_at_once_and_names_the_subject(
    tmp_path: Path,
) -> None:
    config = tmp_path / "nats.conf"
    config.write_text(user('publish: "evt.default.Mine.>"'))
    with NatsServer(tmp_path / "other", config=config) as server:
        options = NatsOptions(servers=server.url.replace("nats://", "nats://a:b@"))
        async with Publisher(options, close_seconds=0.1) as publisher:
            with pytest.raises(PublishRejectedError, match=r"evt\.default\.Other\.-\.x") as caught:
                await publisher.emit({}, agent="Other", type="x")
            assert caught.value.hint == "allow it to publish on evt.default.Other.>"


async def test_a_publisher_that_may_not_hear_answers_says_so(tmp_path: Path) -> None:
    config = tmp_path / "nats.conf"
    config.write_text(user('publish: ">", subscribe: "none"'))
    with NatsServer(tmp_path / "other", config=config) as server:
        options = NatsOptions(servers=server.url.replace("nats://", "nats://a:b@"))
        async with Publisher(options, close_seconds=0.1) as publisher:
            with pytest.raises(PublishRejectedError, match="answers") as caught:
                await publisher.emit({}, agent="a", type="x")
            assert caught.value.hint == "allow it to subscribe to _INBOX.>"
            with pytest.raises(PublishRejectedError, match="answers"):
                publisher.emit_nowait({}, agent="a", type="x")
