"""A connection to NATS for as long as it is wanted."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from nats.aio.client import Client

from jetbridge_publishers.backoff import full_jitter
from jetbridge_publishers.connection import NatsConnectError, NatsOptions, close, connect
from jetbridge_schemas.errors import JetbridgeError

LOOK_SECONDS = 0.25
"""How often to see whether the connection is still the same."""


class StandingClient:
    """A nats-py client, replaced by a new one when NATS closes it for good. Call it to get it.

    One that was given is left to whoever made it.
    """

    def __init__(self, servers: str | Sequence[str] | NatsOptions | Client, *, name: str) -> None:
        self._is_ours = not isinstance(servers, Client)
        self._client = servers if isinstance(servers, Client) else None
        self._options = _options(servers, name)
        self._change = asyncio.Event()

    def __call__(self) -> Client:
        """The client in use. Raises NatsConnectError before `open`."""
        if self._client is None:
            raise NatsConnectError("NATS is not connected")
        return self._client

    @property
    def mark(self) -> tuple[int, int]:
        """Something that changes whenever the connection is another one."""
        client = self()
        return id(client), client.stats["reconnects"]

    async def open(self) -> None:
        """Connect, unless a client was given. Raises NatsConnectError."""
        if self._is_ours:
            self._client = await connect(self._options)

    async def changed(self, since: tuple[int, int]) -> None:
        """Wait until the connection is another one than the one with the mark `since`."""
        while self.mark == since:
            await self._change.wait()

    async def keep(self) -> None:
        """Notice changes, and replace a client that is closed for good; ends only when
        cancelled."""
        failures = 0
        seen = self.mark
        while True:
            await asyncio.sleep(LOOK_SECONDS + (full_jitter(failures) if failures else 0.0))
            if self._is_ours and self().is_closed:
                failures = 0 if await self._replace() else failures + 1
            if self.mark != seen:
                seen = self.mark
                self._change.set()
                self._change = asyncio.Event()

    async def close(self) -> None:
        """Disconnect, unless the client was given."""
        if self._is_ours and self._client is not None:
            await close(self._client)
            self._client = None

    async def _replace(self) -> bool:
        try:
            self._client = await connect(self._options)
        except JetbridgeError:
            return False
        return True


def _options(servers: str | Sequence[str] | NatsOptions | Client, name: str) -> NatsOptions:
    if isinstance(servers, NatsOptions):
        return servers
    return NatsOptions(servers=() if isinstance(servers, Client) else servers, name=name)
