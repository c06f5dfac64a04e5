"""One connection to NATS: comes back by itself, for ever, and says so in one line."""

from __future__ import annotations

import asyncio
import contextlib
import random
import ssl
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import nats.errors
from nats.aio.client import Client
from nats.js import JetStreamContext

from jetbridge_publishers.connection_log import ConnectionLog
from jetbridge_publishers.server_urls import server_urls, without_secrets
from jetbridge_publishers.tolerant_client import TolerantClient
from jetbridge_schemas.errors import JetbridgeError

SERVER_FLOOR = (2, 14)
"""The oldest nats-server that is supported: the first with consumer reset."""

_CLOSE_SECONDS = 2.0
_FAILURES = (OSError, nats.errors.Error, asyncio.TimeoutError)


class NatsConnectError(JetbridgeError):
    """NATS could not be reached, or refused the connection."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NatsOptions:
    """How to reach NATS.

    servers: one URL, several separated by commas, or a sequence of URLs. User and
        password (or a token) may stand in the URL: `nats://user:secret@host:4222`.
    name: what the server's monitoring shows for this connection.
    creds: path of a `.creds` file (JWT and seed); empty for none.
    tls_ca: path of a PEM file with the authority that signed the server's certificate;
        empty for the system's. When given, or when a URL begins with `tls://`, a
        server that does not offer TLS is refused.
    inbox_prefix: the prefix of reply subjects, for permissions that name one.
    connect_wait_seconds: keep trying for so long at the start; 0 tries each server once.
    connect_timeout_seconds: how long one server may take to answer one attempt.
    ping_interval_seconds: how often the server is asked for a sign of life; two
        answers missing mean it is gone.
    """

    servers: str | Sequence[str] = field(default="nats://127.0.0.1:4222", repr=False)
    name: str = "jetbridge"
    creds: str = ""
    tls_ca: str = ""
    inbox_prefix: str = "_INBOX"
    connect_wait_seconds: float = 0.0
    connect_timeout_seconds: float = 2.0
    ping_interval_seconds: float = 10.0


class SecureClient(TolerantClient):
    """A client which refuses a plain connection when TLS was asked for.

    nats-py itself goes on in the clear, credentials included, when the server (or
    somebody between) does not announce TLS.
    """

    async def _process_info(self, info: dict[str, Any], initial_connection: bool = False) -> None:
        server = self._current_server
        is_websocket = server is not None and server.uri.scheme in {"ws", "wss"}
        wanted = "tls" in self.options and not is_websocket
        if initial_connection and wanted and not info.get("tls_required"):
            raise nats.errors.SecureConnWantedError
        await super()._process_info(info, initial_connection)


async def connect(
    options: NatsOptions,
    *,
    on_state: Callable[[str], None] | None = None,
    on_denied: Callable[[str], None] | None = None,
) -> TolerantClient:
    """Connect to NATS; once connected, the client reconnects for ever by itself.

    `on_state` is called with "connected" (also after each reconnect), "disconnected" and
    "closed". `on_denied` is called with the server's text when it refuses a publish or
    subscription; nats-py gives that text, and the subject in it, in lower case.

    Raises NatsConnectError when no server can be reached within `connect_wait_seconds`,
    or the credentials are refused, or a file of the options cannot be read.
    """
    arguments = _client_arguments(options)
    deadline = time.monotonic() + options.connect_wait_seconds
    while True:
        try:
            return await _connect_once(arguments, on_state, on_denied)
        except _FAILURES as problem:
            if time.monotonic() >= deadline or _is_refusal(problem):
                raise _connect_error(options, problem) from problem
        await asyncio.sleep(_retry_wait())


async def close(client: Client) -> None:
    """Close the connection; give up waiting for the socket after two seconds.

    nats-py alone would wait for ever for one whose TLS handshake has failed.
    """
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_CLOSE_SECONDS):
            await client.close()


def check_server_version(client: Client) -> None:
    """Raise NatsConnectError when the server is older than SERVER_FLOOR."""
    version = server_version(client)
    if version < SERVER_FLOOR:
        found = ".".join(map(str, version)) if version != (0, 0) else "of an unknown version"
        floor = ".".join(map(str, SERVER_FLOOR))
        raise NatsConnectError(
            f"nats-server {found} is too old: Jetbridge needs {floor} or newer",
            hint="upgrade nats-server: durable clients rest on consumer reset, new in 2.14",
        )


def server_version(client: Client) -> tuple[int, int]:
    """Major and minor version of the server the client is connected to; (0, 0) if unknown."""
    version = client.connected_server_version
    try:
        return version.major, version.minor
    except ValueError:
        return 0, 0


def jetstream(client: Client, *, timeout_seconds: float = 5.0) -> JetStreamContext:
    """JetStream over `client`; a request waits at most `timeout_seconds` for its answer."""
    return JetStreamContext(client, timeout=timeout_seconds)


async def _connect_once(
    arguments: dict[str, Any],
    on_state: Callable[[str], None] | None,
    on_denied: Callable[[str], None] | None,
) -> TolerantClient:
    client = SecureClient()
    log = ConnectionLog(client, len(arguments["servers"]), on_state, on_denied)
    try:
        await client.connect(
            error_cb=log.error,
            disconnected_cb=log.disconnected,
            reconnected_cb=log.reconnected,
            closed_cb=log.closed,
            **arguments,
        )
        # nats-py returns, unconnected, when the server hangs up before its first PONG.
        if not client.is_connected:
            raise nats.errors.UnexpectedEOF
    except BaseException:
        await close(client)
        raise
    log.connected()
    return client


def _client_arguments(options: NatsOptions) -> dict[str, Any]:
    urls = _urls(options)
    return {
        "servers": urls,
        "name": options.name,
        "inbox_prefix": options.inbox_prefix,
        "connect_timeout": options.connect_timeout_seconds,
        "ping_interval": options.ping_interval_seconds,
        "max_outstanding_pings": 2,
        "max_reconnect_attempts": -1,
        "reconnect_time_wait": _retry_wait(),
        **_tls_arguments(options, urls),
        **_creds_arguments(options),
    }


def _urls(options: NatsOptions) -> list[str]:
    try:
        return server_urls(options.servers)
    except ValueError as error:
        raise NatsConnectError(str(error), hint="for example nats://127.0.0.1:4222") from error


def _tls_arguments(options: NatsOptions, urls: list[str]) -> dict[str, Any]:
    if not options.tls_ca and not any(url.startswith("tls://") for url in urls):
        return {}
    try:
        return {"tls": ssl.create_default_context(cafile=options.tls_ca or None)}
    except OSError as error:
        raise NatsConnectError(
            f"cannot read the certificate authority {options.tls_ca!r}: {error.strerror or error}",
            hint="it must be a PEM file",
        ) from error


def _creds_arguments(options: NatsOptions) -> dict[str, Any]:
    if not options.creds:
        return {}
    if not Path(options.creds).is_file():
        raise NatsConnectError(f"there is no NATS credentials file {options.creds!r}")
    if find_spec("nkeys") is None:
        raise NatsConnectError(
            "NATS credentials need the package nkeys", hint="pip install 'nats-py[nkeys]'"
        )
    return {"user_credentials": options.creds}


def _retry_wait() -> float:
    # Different for each client, so that those of a restarted server come back spread out.
    return random.uniform(0.2, 0.5)  # noqa: S311 - jitter, not a secret


def _is_refusal(problem: BaseException) -> bool:
    tls = ssl.SSLError | nats.errors.SecureConnWantedError
    return "authorization" in str(problem).lower() or isinstance(problem, tls)


def _connect_error(options: NatsOptions, problem: BaseException) -> NatsConnectError:
    where = ", ".join(map(without_secrets, server_urls(options.servers)))
    reason = str(problem).removeprefix("nats: ") or type(problem).__name__
    if _is_refusal(problem):
        return NatsConnectError(f"NATS at {where} refused the connection: {reason}", hint=_WHO)
    return NatsConnectError(f"cannot reach NATS at {where}: {reason}", hint=_WHERE)


_WHO = "check user, password, credentials file and certificate authority"
_WHERE = "is nats-server running there? `jetbridge dev` brings its own"
