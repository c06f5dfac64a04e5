from __future__ import annotations

import asyncio
import logging
import shutil
import socket
import subprocess
from pathlib import Path

import pytest
from nats.aio.client import Client

from jetbridge.embedded import NatsServer
from jetbridge_publishers.connection import (
    NatsConnectError,
    NatsOptions,
    check_server_version,
    connect,
    server_version,
)
from tests.support.waiting import eventually

NOWHERE = "nats://127.0.0.1:1"


async def test_an_unreachable_server_is_a_clear_error_at_once() -> None:
    with pytest.raises(NatsConnectError, match=r"cannot reach NATS at nats://127\.0\.0\.1:1") as it:
        await connect(NatsOptions(servers=NOWHERE))
    assert "is nats-server running" in it.value.hint


async def test_passwords_stay_out_of_errors() -> None:
    with pytest.raises(NatsConnectError) as caught:
        await connect(NatsOptions(servers="nats://user:secret@127.0.0.1:1"))
    assert "secret" not in str(caught.value) + caught.value.hint


async def test_what_is_no_address_is_a_clear_error() -> None:
    with pytest.raises(NatsConnectError, match="not a NATS address"):
        await connect(NatsOptions(servers="http://127.0.0.1"))


async def test_a_server_that_is_there_is_found_behind_one_that_is_not(
    nats_server: NatsServer,
) -> None:
    client = await connect(NatsOptions(servers=[NOWHERE, nats_server.url]))
    assert client.is_connected
    await client.close()


async def test_connecting_can_wait_for_a_server_that_starts_later(nats_server: NatsServer) -> None:
    await asyncio.to_thread(nats_server.stop)
    options = NatsOptions(servers=nats_server.url, connect_wait_seconds=20)
    connecting = asyncio.create_task(connect(options))
    await asyncio.to_thread(nats_server.start)
    client = await connecting
    assert client.is_connected
    await client.close()


async def test_a_server_that_hangs_up_is_a_clear_error() -> None:
    async def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b'INFO {"version":"2.15.1","max_payload":1048576}\r\n')
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(hang_up, "127.0.0.1")
    port = server.sockets[0].getsockname()[1]
    with pytest.raises(NatsConnectError, match="cannot reach NATS"):
        await connect(NatsOptions(servers=f"nats://127.0.0.1:{port}"))
    server.close()
    await server.wait_closed()


async def test_a_server_that_says_nothing_is_a_clear_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"nats://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(NatsConnectError, match="cannot reach NATS"):
            await connect(NatsOptions(servers=url, connect_timeout_seconds=0.2))


async def test_wrong_credentials_are_refused_without_more_attempts(tmp_path: Path) -> None:
    config = tmp_path / "nats.conf"
    config.write_text('authorization { user: "agent", password: "right" }')
    with NatsServer(tmp_path / "nats", config=config) as server:
        url = server.url.replace("nats://", "nats://agent:{}@")
        with pytest.raises(NatsConnectError, match="refused the connection") as caught:
            await connect(NatsOptions(servers=url.format("wrong"), connect_wait_seconds=60))
        assert "check user, password" in caught.value.hint
        client = await connect(NatsOptions(servers=url.format("right")))
        await client.close()


async def test_a_missing_credentials_file_is_named() -> None:
    with pytest.raises(NatsConnectError, match=r"no NATS credentials file 'gone\.creds'"):
        await connect(NatsOptions(creds="gone.creds"))


async def test_a_missing_certificate_authority_is_named() -> None:
    with pytest.raises(NatsConnectError, match=r"certificate authority 'gone\.pem'"):
        await connect(NatsOptions(tls_ca="gone.pem"))


async def test_tls_never_falls_back_to_a_plain_connection(nats_server: NatsServer) -> None:
    url = nats_server.url.replace("nats://", "tls://")
    with pytest.raises(NatsConnectError, match="secure connection not available"):
        await connect(NatsOptions(servers=url))


async def test_an_outage_is_one_line_when_it_begins_and_one_when_it_ends(
    nats_server: NatsServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    states: list[str] = []
    client = await connect(NatsOptions(servers=nats_server.url), on_state=states.append)
    for _ in range(2):
        await asyncio.to_thread(nats_server.kill)
        await eventually(lambda: states[-1] == "disconnected")
        await eventually(lambda: client.server_pool[0].reconnects >= 2)
        await asyncio.to_thread(nats_server.start)
        await eventually(lambda: states[-1] == "connected")
    await client.close()
    outage = ["disconnected", "connected"]
    assert states == ["connected", *outage, *outage, "closed"]
    assert [record.name for record in caplog.records] == ["jetbridge.nats"] * 5
    assert "lost the connection" in caplog.records[1].message


async def test_closing_is_quiet_also_during_an_outage_or_after_a_failed_first_try(
    nats_server: NatsServer, caplog: pytest.LogCaptureFixture
) -> None:
    states: list[str] = []
    options = NatsOptions(servers=[NOWHERE, nats_server.url])
    client = await connect(options, on_state=states.append)
    other = await connect(options)
    await client.close()
    await asyncio.to_thread(nats_server.kill)
    await eventually(lambda: other.is_reconnecting and other.last_error is not None)
    await other.close()
    assert states == ["connected", "closed"]
    assert [record.levelname for record in caplog.records] == ["WARNING"]


def test_options_do_not_show_passwords() -> None:
    assert "secret" not in repr(NatsOptions(servers="nats://user:secret@a:4222"))


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate for 127.0.0.1 that signs itself; its key is beside it."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not installed")
    pem, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    command = [
        *(openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=127.0.0.1"),
        *("-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(pem)),
    ]
    subprocess.run(command, check=True, capture_output=True)
    return pem


async def test_a_servers_certificate_is_checked(tmp_path: Path, certificate: Path) -> None:
    config = tmp_path / "nats.conf"
    config.write_text(f'tls {{ cert_file: "{certificate}", key_file: "{tmp_path}/key.pem" }}')
    with NatsServer(tmp_path / "nats", config=config) as server:
        trusted = NatsOptions(servers=server.url, tls_ca=str(certificate))
        client = await connect(trusted)
        assert client.is_connected
        await client.close()
        with pytest.raises(NatsConnectError, match="refused the connection"):
            await connect(NatsOptions(servers=server.url.replace("nats://", "tls://")))


async def test_a_frozen_server_is_noticed_by_its_silence(nats_server: NatsServer) -> None:
    states: list[str] = []
    options = NatsOptions(servers=nats_server.url, ping_interval_seconds=0.05)
    client = await connect(options, on_state=states.append)
    nats_server.pause()
    await eventually(lambda: states[-1] == "disconnected")
    nats_server.resume()
    await eventually(lambda: states[-1] == "connected")
    await client.close()


async def test_a_refused_publish_is_logged_once_and_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    config = tmp_path / "nats.conf"
    config.write_text(
        'authorization { users [{user: a, password: b, permissions {publish: "allowed"}}] }'
    )
    denied: list[str] = []
    with NatsServer(tmp_path / "nats", config=config) as server:
        options = NatsOptions(servers=server.url.replace("nats://", "nats://a:b@"))
        client = await connect(options, on_denied=denied.append)
        for _ in range(3):
            await client.publish("other.subject")
        await eventually(lambda: len(denied) == 3)
        await client.close()
    warnings = [record.message for record in caplog.records if record.levelname == "WARNING"]
    assert warnings == ['NATS: permissions violation for publish to "other.subject"']


async def test_the_servers_version_is_known_and_new_enough(client: Client) -> None:
    assert server_version(client) >= (2, 14)
    check_server_version(client)


@pytest.mark.parametrize("version", ["2.13.9", "1.4.1", "nonsense"])
async def test_an_old_server_is_refused_with_both_versions_named(version: str) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b'INFO {"version":"%b","max_payload":1048576}\r\n' % version.encode())
        await reader.readline()
        await reader.readline()
        writer.write(b"PONG\r\n")
        await reader.read()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1")
    port = server.sockets[0].getsockname()[1]
    client = await connect(NatsOptions(servers=f"nats://127.0.0.1:{port}"))
    with pytest.raises(NatsConnectError, match=r"too old: Jetbridge needs 2\.14"):
        check_server_version(client)
    await client.close()
    server.close()
    await server.wait_closed()
