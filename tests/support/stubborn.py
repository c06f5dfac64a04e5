"""A publisher that gives up on nothing: each event is stored once, whatever happens to NATS."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field
from secrets import token_hex

import nats.errors
import nats.js.errors
from nats.aio.client import Client

from tests.support.bridge import context

SUBJECT = "evt.default.agent:1.job:1.custom.tick"
ERRORS = (nats.errors.Error, nats.js.errors.Error, OSError)


@dataclass
class StubbornPublisher:
    """Publishes numbered events with message ids; `stored` are their sequences."""

    nats: Client
    subject: str = SUBJECT
    stored: list[int] = field(default_factory=list[int])
    _name: str = field(default_factory=lambda: token_hex(8))

    async def publish(self, count: int = 1) -> int:
        """Publish so many, one after the other; returns the sequence of the last."""
        for _ in range(count):
            await self._publish_one()
        return self.stored[-1]

    async def publish_for(self, seconds: float) -> None:
        """Publish without a pause for so long."""
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        while loop.time() < end:
            await self._publish_one()
            await asyncio.sleep(0.002)

    async def _publish_one(self) -> None:
        number = len(self.stored)
        headers = {"Nats-Msg-Id": f"{self._name}-{number}"}
        while len(self.stored) == number:
            with contextlib.suppress(*ERRORS):
                ack = await context(self.nats, timeout=0.5).publish(
                    self.subject, b'{"n":%d}' % number, headers=headers
                )
                self.stored.append(ack.seq)
                return
            await asyncio.sleep(0.01)
