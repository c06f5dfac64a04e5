"""Where one task listens for what it is told: pause, resume, cancel, are you there."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable
from typing import Any, cast

import msgspec
import nats.errors
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription

from jetbridge_publishers.task_address import TaskAddress
from jetbridge_schemas.task_control import TaskAction, TaskControl, TaskControlReply

Obey = Callable[[TaskControl], TaskControlReply]
"""Does as told, and says how things are now."""

_FAILURES = (nats.errors.Error, OSError)


class ControlPoint:
    """One subscription on `ctl.<tenant>.<agent>.<job>`, so that NATS itself can tell at once
    when nobody has the task."""

    def __init__(self, client: Callable[[], Client], address: TaskAddress, obey: Obey) -> None:
        self._client = client
        self._address = address
        self._obey = obey
        self._listening_on: Client | None = None
        self._subscription: Subscription | None = None

    async def listen(self) -> None:
        """Listen, on the connection that is in use now; if it is closed, try again later."""
        with contextlib.suppress(*_FAILURES):
            client = self._client()
            if client is not self._listening_on:
                subscribe: Callable[..., Awaitable[Subscription]] = cast("Any", client).subscribe
                self._subscription = await subscribe(self._address.control, cb=self._on_message)
                self._listening_on = client

    async def close(self) -> None:
        """Listen no more."""
        if self._subscription is not None:
            with contextlib.suppress(*_FAILURES):
                await self._subscription.unsubscribe()

    async def _on_message(self, message: Msg) -> None:
        try:
            reply = self._obey(msgspec.json.decode(message.data, type=TaskControl))
        except msgspec.MsgspecError as error:
            ping = self._obey(TaskControl(action=TaskAction.PING))
            reply = msgspec.structs.replace(ping, problem=f"not understood: {error}")
        if message.reply:
            with contextlib.suppress(*_FAILURES):
                await message.respond(msgspec.json.encode(reply))
