"""Storing one message, on a condition or not."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest
from nats.aio.client import Client

from jetbridge.embedded import NatsServer
from jetbridge_publishers.publish_errors import (
    PublishConflictError,
    PublishRejectedError,
    PublishTimeoutError,
    QueueFullError,
)
from jetbridge_publishers.storing import Condition, store
from tests.publishers.stored import stored_events

EVENT = "evt.default.a.j.x"


async def put(client: Client, subject: str = EVENT, **more: Any) -> int:
    headers = {"Nats-Msg-Id": more.pop("id")} if "id" in more else {}
    within = more.pop("within_seconds", 5.0)
    return await store(lambda: client, subject, b"{}", headers, within_seconds=within, **more)


@pytest.mark.usefixtures("streams")
async def test_a_message_is_stored_on_the_condition_that_nothing_has_come_since(
    client: Client,
) -> None:
    first = await put(client, condition=Condition("evt.default.a.j.>", 0))
    second = await put(client, condition=Condition("evt.default.a.j.*", first))
    await put(client, "evt.default.a.j.two.words", condition=Condition("evt.default.a.j.*", second))
    with pytest.raises(PublishConflictError) as conflict:
        await put(client, condition=Condition("evt.default.a.j.*", first))
    assert conflict.value.last == second
    with pytest.raises(PublishConflictError) as conflict:
        await put(client, condition=Condition("evt.default.a.other.*", first))
    assert conflict.value.last == 0


@pytest.mark.usefixtures("streams")
async def test_a_message_with_an_id_is_stored_once(client: Client) -> None:
    assert await put(client, id="x") == await put(client, id="x")
    assert len(await stored_events(client)) == 1


@pytest.mark.usefixtures("streams")
async def test_storing_waits_for_the_server_to_come_back(
    nats_server: NatsServer, client: Client
) -> None:
    await asyncio.to_thread(nats_server.kill)
    storing = asyncio.create_task(put(client, id="x", within_seconds=20))
    await asyncio.to_thread(nats_server.start)
    assert await storing > 0
    assert len(await stored_events(client)) == 1


async def test_storing_where_there_is_no_stream_is_given_up_in_time(client: Client) -> None:
    with pytest.raises(PublishTimeoutError, match="no stream takes this subject"):
        await put(client, within_seconds=0.1)


async def test_somebody_who_answers_in_the_streams_place_is_not_believed(client: Client) -> None:
    async def answer(message: Any) -> None:
        await message.respond(b"hello")

    await cast("Any", client).subscribe(EVENT, cb=answer)
    with pytest.raises(PublishTimeoutError, match="no stream"):
        await put(client, within_seconds=0.1)


@pytest.mark.parametrize(
    ("error", "raised"),
    [
        (b'{"code":503,"err_code":10077,"description":"maximum bytes exceeded"}', QueueFullError),
        (b'{"code":400,"err_code":10060,"description":"expected stream"}', PublishRejectedError),
        (b'{"code":400,"err_code":10164,"description":"wrong last sequence"}', PublishTimeoutError),
        (b'{"code":503,"err_code":10077,"description":"disk is full"}', PublishTimeoutError),
    ],
)
async def test_what_the_stream_answers_decides(
    client: Client, error: bytes, raised: type[Exception]
) -> None:
    async def answer(message: Any) -> None:
        await message.respond(b'{"error":%b,"stream":"EVT","seq":0}' % error)

    await cast("Any", client).subscribe(EVENT, cb=answer)
    with pytest.raises(raised):
        await put(client, within_seconds=0.05)
