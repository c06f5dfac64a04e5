"""Events that check themselves: numbered from 0, published as fast or as steadily as asked."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass

from nats.aio.client import Client

from tests.support.bridge import context
from tests.support.waiting import eventually

AGENTS = 4
JOBS = 3


def agent_of(number: int) -> int:
    return number % AGENTS


def job_of(number: int) -> int:
    return number % JOBS


@dataclass
class Load:
    """The only publisher of a stream: its event `n` has sequence `first + n`."""

    nats: Client
    first: int
    padding: int = 0
    published: int = 0

    @classmethod
    async def begin(cls, nats: Client, *, padding: int = 0) -> Load:
        """Go on after what is in the stream; each event is made `padding` bytes larger."""
        info = await context(nats).stream_info("EVT")
        return cls(nats, info.state.last_seq + 1, padding)

    @property
    def last(self) -> int:
        """The sequence of the newest event."""
        return self.first + self.published - 1

    def payload(self, sequence: int) -> bytes:
        """What the event with this sequence says."""
        number = sequence - self.first
        padding = f',"pad":"{"x" * self.padding}"' if self.padding else ""
        return f'{{"n":{number}{padding}}}'.encode()

    async def publish(self, count: int) -> None:
        """Publish so many at once; they are stored when this returns."""
        await self._send(count)
        await self.stored()

    async def publish_steadily(self, *, per_second: int, seconds: float) -> None:
        """Publish at a constant rate, whatever else keeps this process busy."""
        loop = asyncio.get_running_loop()
        begun, done = loop.time(), 0
        while done < per_second * seconds:
            await asyncio.sleep(0.005)
            due = min((loop.time() - begun) * per_second, per_second * seconds) - done
            await self._send(int(due + 0.5))
            done += int(due + 0.5)
        await self.stored()

    async def stored(self) -> None:
        """Wait until the server has stored everything."""
        await self.nats.flush()

        async def all_there() -> bool:
            reply = await self.nats.request("$JS.API.STREAM.INFO.EVT", b"", timeout=5)
            return json.loads(reply.data)["state"]["last_seq"] == self.last

        await eventually(all_there)

    async def _send(self, count: int) -> None:
        for _ in range(count):
            number = self.published
            subject = f"evt.default.agent:{agent_of(number)}.job:{job_of(number)}.custom.tick"
            self.published += 1
            await self.nats.publish(subject, self.payload(self.first + number))
