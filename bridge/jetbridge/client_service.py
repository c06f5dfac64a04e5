"""What replicas ask and tell each other about one client, over NATS services' subjects.

Nobody has to answer: a replica that is silent costs a question a moment, and a client
that it has connected counts as away.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable

import msgspec
import nats.errors
from nats.aio.msg import Msg

from jetbridge.cluster import subscribe
from jetbridge.cursor_keys import ClientKey
from jetbridge.cursor_registry import CursorRegistry
from jetbridge.link import Link
from jetbridge_schemas.errors import JetbridgeError

logger = logging.getLogger("jetbridge.durable")

CONNECTED = "$SRV.jetbridge.connected"
FORGET = "$SRV.jetbridge.forget"

ANSWER_SECONDS = 0.5
"""How long the other replicas may take to answer."""

_FAILURES = (nats.errors.Error, OSError)


class ClientService:
    """This replica's part. `others` tells how many replicas there are besides; `forget_here`
    forgets a client, given by its token, that is connected here."""

    def __init__(
        self,
        link: Link,
        registry: CursorRegistry,
        *,
        others: Callable[[], int],
        forget_here: Callable[[str], Awaitable[object]],
    ) -> None:
        self._link = link
        self._registry = registry
        self._others = others
        self._forget_here = forget_here

    async def start(self) -> None:
        """Begin to answer. The connection must stand."""
        await subscribe(self._link.client, f"{CONNECTED}.*", self._answer)
        await subscribe(self._link.client, f"{FORGET}.*", self._on_forget)

    async def connected(self, client: ClientKey) -> set[str]:
        """The cursors, by name, of streams that a client has open here or elsewhere."""
        names = set(self._here(client.token))
        others = self._others()
        if not others or not self._link.up:
            return names
        for answer in await self._ask(f"{CONNECTED}.{client.token}", answers=others + 1):
            names.update(names_in(answer))
        return names

    async def tell_to_forget(self, client: ClientKey) -> None:
        """Have the other replicas forget a client that they have connected."""
        with contextlib.suppress(*_FAILURES):
            await self._link.client.publish(f"{FORGET}.{client.token}", b"")

    def _here(self, token: str) -> list[str]:
        held = self._registry.of_client(token)
        return [cursor.key.name for cursor in held if cursor.connected]

    async def _ask(self, subject: str, *, answers: int) -> list[bytes]:
        """What is answered in time, up to so many answers; our own is among them."""
        found: list[bytes] = []
        complete = asyncio.Event()

        async def take(message: Msg) -> None:
            found.append(message.data)
            if len(found) >= answers:
                complete.set()

        with contextlib.suppress(TimeoutError, *_FAILURES):
            async with asyncio.timeout(ANSWER_SECONDS), self._inbox(take) as inbox:
                await self._link.client.publish(subject, b"", reply=inbox)
                await complete.wait()
        return found

    @contextlib.asynccontextmanager
    async def _inbox(self, take: Callable[[Msg], Awaitable[None]]) -> AsyncGenerator[str]:
        inbox = self._link.client.new_inbox()
        subscription = await subscribe(self._link.client, inbox, take)
        try:
            yield inbox
        finally:
            with contextlib.suppress(*_FAILURES):
                await subscription.unsubscribe()

    async def _answer(self, message: Msg) -> None:
        token = message.subject.rpartition(".")[2]
        with contextlib.suppress(*_FAILURES):
            await message.respond(msgspec.json.encode(self._here(token)))

    async def _on_forget(self, message: Msg) -> None:
        try:
            await self._forget_here(message.subject.rpartition(".")[2])
        except JetbridgeError as error:
            logger.warning("a client could not be forgotten here: %s", error)


def names_in(answer: bytes) -> list[str]:
    """The names of cursors in an answer; none in one that cannot be understood."""
    try:
        return msgspec.json.decode(answer, type=list[str])
    except msgspec.DecodeError:
        return []
