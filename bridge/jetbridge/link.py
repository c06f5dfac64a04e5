"""The connection to NATS: whether it stands, and who wants to know when that changes."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable
from typing import Any, cast

from nats.js import JetStreamContext

from jetbridge.denials import Denials
from jetbridge_publishers.connection import NatsOptions, check_server_version, connect
from jetbridge_publishers.tolerant_client import TolerantClient
from jetbridge_schemas.errors import JetbridgeError


class LinkDownError(JetbridgeError):
    """There is no connection to NATS."""


class Link:
    """One connection, which comes back by itself once it stood.

    `generation` grows each time it is made anew.
    """

    def __init__(
        self, options: NatsOptions, *, on_denied: Callable[[str], None] | None = None
    ) -> None:
        self.up = False
        self.generation = 0
        self.denials = Denials()
        self._options = options
        self._on_denied = on_denied
        self._client: TolerantClient | None = None
        self._listeners: set[Callable[[], None]] = set()

    @property
    def client(self) -> TolerantClient:
        """The connection's client. Raises LinkDownError before `open`."""
        if self._client is None:
            raise LinkDownError("NATS is not connected yet")
        return self._client

    def context(self) -> JetStreamContext:
        """nats-py's view of JetStream over this connection."""
        make: Callable[[], JetStreamContext] = cast("Any", self.client).jetstream
        return make()

    async def open(self) -> None:
        """Connect. Raises NatsConnectError if no server answers, or one that is too old does."""
        self._client = await connect(
            self._options, on_state=self._on_state, on_denied=self._on_denial
        )
        check_server_version(self._client)

    async def close(self) -> None:
        """Disconnect."""
        self.up = False
        if self._client is not None:
            with contextlib.suppress(Exception):  # there is nothing left to lose
                await self._client.close()

    @contextlib.asynccontextmanager
    async def standing(self) -> AsyncGenerator[None]:
        """Wait for what only this connection can bring. Raises LinkDownError if it does not
        stand, or as soon as it is lost: nats-py would wait on for an answer that is lost too."""
        if not self.up:
            raise LinkDownError("NATS is away", hint="reconnecting until it is back")
        lost = asyncio.timeout(None)

        def give_up() -> None:
            if not lost.expired():
                lost.reschedule(0)

        self.subscribe(give_up)
        try:
            async with lost:
                yield
        except TimeoutError as error:
            if not lost.expired():
                raise
            raise LinkDownError("the connection to NATS was lost") from error
        finally:
            self.unsubscribe(give_up)

    async def next_change(self) -> None:
        """Wait until the connection is lost, or stands again."""
        changed = asyncio.Event()
        self.subscribe(changed.set)
        try:
            await changed.wait()
        finally:
            self.unsubscribe(changed.set)

    def subscribe(self, listener: Callable[[], None]) -> None:
        """Call `listener` at every change."""
        self._listeners.add(listener)

    def unsubscribe(self, listener: Callable[[], None]) -> None:
        """Call `listener` no more."""
        self._listeners.discard(listener)

    def _on_denial(self, text: str) -> None:
        self.denials.heard(text)
        if self._on_denied is not None:
            self._on_denied(text)

    def _on_state(self, state: str) -> None:
        self.up = state == "connected"
        self.generation += self.up
        for listener in tuple(self._listeners):
            listener()
