"""Publishing JSON lines: many events under way at once, each bad line told by its number."""

from __future__ import annotations

import asyncio
from collections import deque

import msgspec

from jetbridge.cli.complaints import complain
from jetbridge_publishers.emitter import Emitter
from jetbridge_schemas.errors import JetbridgeError

MAX_UNDER_WAY = 512
"""Events sent before the oldest must be stored: bounds memory, and how far an error lags."""


class Line(msgspec.Struct, forbid_unknown_fields=True):
    """One event, as a line of input says it."""

    agent: str
    type: str
    data: dict[str, object]
    job: str | None = None
    id: str | None = None

    def emit(self, publisher: Emitter) -> asyncio.Future[int]:
        """Begin to publish it; the future gives its sequence. Raises as `emit_nowait` does."""
        return publisher.emit_nowait(
            self.data, agent=self.agent, job=self.job, type=self.type, id=self.id
        )


class LinePublisher:
    """Takes bytes as they come, publishes each whole line, and counts."""

    def __init__(self, publisher: Emitter) -> None:
        self.published = 0
        self.refused = 0
        self._publisher = publisher
        self._number = 0
        self._rest = b""
        self._under_way: deque[tuple[int, asyncio.Future[int]]] = deque()

    async def feed(self, chunk: bytes) -> None:
        """Publish the lines that `chunk` completes."""
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        for line in lines:
            self._number += 1
            if line.strip():
                self._publish(line)
            while len(self._under_way) > MAX_UNDER_WAY:
                await self._settle_oldest()

    async def finish(self) -> None:
        """Publish a last line without a line break, and wait for all that is under way."""
        await self.feed(b"\n")
        while self._under_way:
            await self._settle_oldest()

    def summary(self) -> str:
        """What happened, in one line."""
        events = "event" if self.published == 1 else "events"
        lines = "line" if self.refused == 1 else "lines"
        refused = f", {self.refused} {lines} refused" if self.refused else ""
        return f"published {self.published} {events}{refused}"

    def _publish(self, text: bytes) -> None:
        try:
            future = msgspec.json.decode(text, type=Line).emit(self._publisher)
        except (msgspec.MsgspecError, UnicodeDecodeError, JetbridgeError) as error:
            self._refuse(self._number, error)
        else:
            self._under_way.append((self._number, future))

    async def _settle_oldest(self) -> None:
        number, future = self._under_way.popleft()
        try:
            await future
        except JetbridgeError as error:
            self._refuse(number, error)
        else:
            self.published += 1

    def _refuse(self, number: int, error: Exception) -> None:
        self.refused += 1
        hint = error.hint if isinstance(error, JetbridgeError) else ""
        complain(f"line {number}: {error}", hint=hint)
