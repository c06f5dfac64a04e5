"""What a NATS connection tells: one log line for each change of state, never a flood."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any, cast

import nats.errors
from nats.aio.client import Client

logger = logging.getLogger("jetbridge.nats")

_MAX_REMEMBERED = 1000
_NETWORK = OSError | nats.errors.StaleConnectionError | asyncio.TimeoutError


class ConnectionLog:
    """The callbacks of one nats-py client.

    Until the first connection stands, an error is raised once every server has failed,
    which ends nats-py's own endless loop. After that, what goes wrong while reconnecting
    is one line for the whole outage, and any other error is logged once.
    """

    def __init__(
        self,
        client: Client,
        servers: int,
        on_state: Callable[[str], None] | None,
        on_denied: Callable[[str], None] | None,
    ) -> None:
        self._client = client
        self._attempts_left = servers
        self._on_state = on_state
        self._on_denied = on_denied
        self._established = False
        self._known: set[str] = set()
        self._old_error: Exception | None = None

    def connected(self) -> None:
        self._established = True
        self._old_error = self._client.last_error
        logger.info("connected to NATS at %s", self._where())
        self._tell("connected")

    async def reconnected(self) -> None:
        self._old_error = self._client.last_error
        logger.info("connected to NATS at %s again", self._where())
        self._tell("connected")

    async def disconnected(self) -> None:
        if self._client.is_closed:
            return
        logger.warning("lost the connection to NATS; reconnecting until it is back")
        self._tell("disconnected")

    async def closed(self) -> None:
        if not self._established:
            return
        reason = self._client.last_error
        if reason is not self._old_error and not isinstance(reason, _NETWORK | None):
            logger.error("NATS ended the connection for good: %s", _plain(reason))
        self._tell("closed")

    async def error(self, problem: Exception) -> None:
        self._end_reconnecting()
        if not self._established:
            self._attempts_left -= 1
            if self._attempts_left <= 0:
                raise problem
        elif isinstance(problem, _NETWORK) or not self._client.is_connected:
            logger.debug("NATS: %s", _plain(problem))
        else:
            self._report(_plain(problem))

    def _end_reconnecting(self) -> None:
        # Python 3.11's `wait_for` can lose the cancellation with which nats-py ends this
        # task when the client is closed; it would go on for ever then, and stop the exit.
        task = cast("Any", self._client)._reconnection_task
        if self._client.is_closed and task is asyncio.current_task():
            raise asyncio.CancelledError

    def _report(self, text: str) -> None:
        if text.startswith("permissions violation") and self._on_denied is not None:
            self._on_denied(text)
        if text in self._known or len(self._known) >= _MAX_REMEMBERED:
            return
        self._known.add(text)
        logger.warning("NATS: %s", text)

    def _where(self) -> str:
        url = self._client.connected_url
        return f"{url.hostname}:{url.port}" if url is not None else "?"

    def _tell(self, state: str) -> None:
        if self._on_state is not None:
            self._on_state(state)


def _plain(problem: Exception) -> str:
    return str(problem).removeprefix("nats: ") or type(problem).__name__
