"""Serving the bridge with uvicorn, from start to drained end."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
from collections.abc import Callable, Generator
from types import FrameType

import uvicorn
from starlette.applications import Starlette

from jetbridge.app import create_app
from jetbridge.bridge import Bridge
from jetbridge.direct import DirectProtocol
from jetbridge.file_limit import raise_file_limit
from jetbridge.garbage import calm_collector
from jetbridge.settings import Settings
from jetbridge_schemas.errors import JetbridgeError

BACKLOG = 4096
"""Connections that may wait to be accepted: a reconnect storm comes all at once."""

GRACE_SECONDS = 2
"""What uvicorn gives open streams after the drain has ended them."""


class BridgeServer(uvicorn.Server):
    """uvicorn, which lets the bridge drain before it closes anything.

    The first SIGTERM or SIGINT drains, a second one ends at once.
    """

    def __init__(
        self,
        app: Starlette,
        *,
        on_started: Callable[[], None] = lambda: None,
        handle_signals: bool = True,
    ) -> None:
        self._bridge: Bridge = app.state.bridge
        super().__init__(
            uvicorn.Config(
                app,
                http=DirectProtocol if self._bridge.settings.direct_writes else "auto",
                backlog=BACKLOG,
                timeout_graceful_shutdown=GRACE_SECONDS,
                lifespan="off",
                access_log=False,
                log_config=None,
                server_header=False,
            )
        )
        self._on_started = on_started
        self._handle_signals = handle_signals
        self._drain: asyncio.Task[None] | None = None

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        """Take SIGTERM and SIGINT while serving, if this server is to."""
        taken = (signal.SIGTERM, signal.SIGINT) if self._handle_signals else ()
        loop = asyncio.get_running_loop()
        for number in taken:
            loop.add_signal_handler(number, self.handle_exit, number, None)
        try:
            yield
        finally:
            for number in taken:
                loop.remove_signal_handler(number)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start to accept clients."""
        await super().startup(sockets=sockets)
        self._on_started()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to drain; the second time, end at once."""
        if self._drain is not None:
            self.force_exit = self.should_exit = True
            return
        self._drain = asyncio.create_task(self.drain_and_exit())

    async def drain_and_exit(self) -> None:
        """Drain the bridge, then let uvicorn shut down."""
        try:
            await self._bridge.drain()
        finally:
            self.should_exit = True


async def run_server(
    settings: Settings,
    *,
    on_ready: Callable[[str], None] = lambda _: None,
    handle_signals: bool = True,
    share_port: bool = False,
) -> None:
    """Serve until SIGTERM or SIGINT, then drain. `on_ready` gets the URL once streams are served.

    With `share_port` other processes may serve on the same port; see `bind_shared`.
    Raises JetbridgeError if the address is taken, or NATS or the stream is not as it must be.
    """
    app = create_app(settings)
    bridge: Bridge = app.state.bridge
    take = bind_shared if share_port else listen
    with take(settings.host, settings.port) as listener:
        url = url_of(listener)
        server = BridgeServer(app, on_started=lambda: on_ready(url), handle_signals=handle_signals)
        try:
            await bridge.start()
            calm_collector()
            raise_file_limit()
            await server.serve(sockets=[listener])
        finally:
            await bridge.stop()


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 is any free one. Raises JetbridgeError if it cannot be had."""
    try:
        return socket.create_server((host, port), family=family_of(host), backlog=BACKLOG)
    except OSError as error:
        raise cannot_listen(host, port, error) from error


def bind_shared(host: str, port: int) -> socket.socket:
    """A socket on a port that processes of this user share; the kernel gives each new
    connection to one of those that listen, and this one does not listen yet.

    Raises JetbridgeError if it cannot be had.
    """
    shared = socket.socket(family_of(host), socket.SOCK_STREAM)
    try:
        shared.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        shared.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        shared.bind((host, port))
    except OSError as error:
        shared.close()
        raise cannot_listen(host, port, error) from error
    return shared


def family_of(host: str) -> socket.AddressFamily:
    """IPv6 for an address with a colon, else IPv4."""
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def cannot_listen(host: str, port: int, error: OSError) -> JetbridgeError:
    """The error for people when an address cannot be had."""
    return JetbridgeError(
        f"cannot listen on {host}:{port}: {error.strerror or error}",
        hint="choose another with --port, or --port 0 for any free one",
    )


def url_of(listener: socket.socket) -> str:
    """The address clients are to use."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
