from __future__ import annotations

import asyncio
import shlex
from pathlib import Path
from typing import Any, cast

import pytest
from nats.aio.client import Client
from nats.js import JetStreamContext

from jetbridge.embedded import NatsServer
from jetbridge_publishers.connection import NatsOptions, connect, jetstream
from jetbridge_publishers.streams import StreamError, StreamSettings, ensure, find_stream

SETTINGS = StreamSettings()


@pytest.fixture
async def js(client: Client) -> JetStreamContext:
    return jetstream(client)


async def add(js: JetStreamContext, **config: Any) -> None:
    await cast("Any", js).add_stream(**config)


async def test_create_makes_all_streams_and_finds_nothing_wrong_with_them(
    js: JetStreamContext,
) -> None:
    assert await ensure(js, SETTINGS, "create") == []
    assert await ensure(js, SETTINGS, "verify") == []
    info = await js.stream_info("EVT")
    assert info.config.subjects == ["evt.>"]
    assert info.config.max_consumers == 20_000
    assert info.config.compression == "s2"
    assert info.state.first_seq > 1_700_000_000_000_000


async def test_sequences_keep_growing_when_the_stream_is_made_again(js: JetStreamContext) -> None:
    await ensure(js, SETTINGS, "create")
    before = await js.publish("evt.default.a.-.x", b"{}")
    await js.delete_stream("EVT")
    await ensure(js, SETTINGS, "create")
    after = await js.publish("evt.default.a.-.x", b"{}")
    assert after.seq > before.seq


async def test_a_stream_that_is_there_keeps_its_events_and_settings(js: JetStreamContext) -> None:
    await ensure(js, StreamSettings(max_age_hours=1), "create")
    await js.publish("evt.default.a.-.x", b"{}")
    warnings = await ensure(js, SETTINGS, "create")
    assert warnings == [
        "EVT: keeps events for 1h (settings say 72h)",
        "TASKS: keeps events for 1h (settings say 72h)",
    ]
    info = await js.stream_info("EVT")
    assert (info.state.messages, info.config.max_age) == (1, 3600)


async def test_many_bridges_may_create_the_streams_at_once(nats_server: NatsServer) -> None:
    clients = [await connect(NatsOptions(servers=nats_server.url)) for _ in range(5)]
    made = [ensure(jetstream(client), SETTINGS, "create") for client in clients]
    assert await asyncio.gather(*made) == [[]] * 5
    for client in clients:
        await client.close()


async def test_verify_names_a_missing_stream_and_the_command_that_makes_it(
    js: JetStreamContext,
) -> None:
    with pytest.raises(StreamError, match="there is no stream EVT") as caught:
        await ensure(js, SETTINGS, "verify")
    assert shlex.split(caught.value.hint)[:4] == ["nats", "stream", "add", "EVT"]
    assert await find_stream(js, "EVT") is None


async def test_verify_refuses_a_wrong_stream_and_says_all_that_is_wrong(
    js: JetStreamContext,
) -> None:
    await add(js, name="EVT", subjects=["evt.>"], storage="memory")
    with pytest.raises(StreamError, match="in memory") as caught:
        await ensure(js, SETTINGS, "verify")
    assert "direct get" in str(caught.value)
    assert "nats stream add EVT" in caught.value.hint


async def test_create_takes_such_a_stream_and_tells(js: JetStreamContext) -> None:
    await add(js, name="EVT", subjects=["evt.>"], storage="memory")
    warnings = await ensure(js, SETTINGS, "create")
    assert any("in memory" in warning for warning in warnings)


@pytest.mark.parametrize("manage", ["create", "verify"])
async def test_a_stream_that_cannot_work_is_refused_in_either_mode(
    js: JetStreamContext, manage: str
) -> None:
    await add(js, name="EVT", subjects=["other"])
    with pytest.raises(StreamError, match="takes the subjects"):
        await ensure(js, SETTINGS, manage)


async def test_a_missing_dead_letter_stream_is_only_a_warning(js: JetStreamContext) -> None:
    await ensure(js, SETTINGS, "create")
    await js.delete_stream("DLQ")
    (warning,) = await ensure(js, SETTINGS, "verify")
    assert "nats stream add DLQ" in warning


async def test_a_missing_queue_is_only_a_warning(js: JetStreamContext) -> None:
    await ensure(js, SETTINGS, "create")
    await js.delete_stream("TASKS")
    (warning,) = await ensure(js, SETTINGS, "verify")
    assert "to queue tasks: nats stream add TASKS" in warning


async def test_subjects_taken_by_another_stream_are_explained(js: JetStreamContext) -> None:
    await add(js, name="OTHER", subjects=["evt.>"])
    with pytest.raises(StreamError, match="overlap") as caught:
        await ensure(js, SETTINGS, "create")
    assert "nats stream ls" in caught.value.hint


async def test_three_replicas_on_a_single_server_are_explained(js: JetStreamContext) -> None:
    with pytest.raises(StreamError, match="replicas") as caught:
        await ensure(js, StreamSettings(replicas=3), "create")
    assert "stream_replicas" in caught.value.hint


async def test_off_does_not_even_look(js: JetStreamContext) -> None:
    assert await ensure(js, SETTINGS, "off") == []
    assert await find_stream(js, "EVT") is None


async def test_an_unknown_mode_is_refused(js: JetStreamContext) -> None:
    with pytest.raises(StreamError, match="one of create, verify, off"):
        await ensure(js, SETTINGS, "fix")


async def test_a_server_without_jetstream_is_explained(tmp_path: Path) -> None:
    config = tmp_path / "nats.conf"
    config.write_text("accounts { A { users [{user: a, password: b}] } }")
    with NatsServer(tmp_path / "nats", config=config) as server:
        url = server.url.replace("nats://", "nats://a:b@")
        client = await connect(NatsOptions(servers=url))
        with pytest.raises(StreamError, match="JetStream") as caught:
            await ensure(jetstream(client), SETTINGS, "create")
        assert "enable JetStream" in caught.value.hint
        await client.close()


async def test_a_missing_permission_is_named(tmp_path: Path) -> None:
    config = tmp_path / "nats.conf"
    config.write_text(
        'authorization { users [{user: a, password: b, permissions {publish: "none"}}] }'
    )
    with NatsServer(tmp_path / "nats", config=config) as server:
        client = await connect(NatsOptions(servers=server.url.replace("nats://", "nats://a:b@")))
        js = jetstream(client, timeout_seconds=0.2)
        with pytest.raises(StreamError, match="cannot look up the stream EVT") as caught:
            await ensure(js, SETTINGS, "create")
        assert "$JS.API.STREAM.INFO.EVT" in caught.value.hint
        await client.close()
