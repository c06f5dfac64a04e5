"""The tail: the one consumer of a bridge, through which every event comes in, once, in order."""

from __future__ import annotations

import asyncio
import logging
import random
from typing import Protocol

from jetbridge.gaps import StreamState
from jetbridge.jetstream import STREAM_NOT_FOUND, JetStream, JetStreamError
from jetbridge.pull import PullConsumer, StoredMessage
from jetbridge.resume import Resume, begin, go_on
from jetbridge_schemas.errors import JetbridgeError

logger = logging.getLogger("jetbridge.tail")

PULL_SIZE = 1000
"""Messages asked for at a time; two such requests overlap. Measured best on two cores."""

PULL_SECONDS = 30.0
FIRST_RETRY_SECONDS = 0.02
MAX_RETRY_SECONDS = 1.0


class TailSink(Protocol):
    """What the tail feeds."""

    def take(self, messages: list[StoredMessage]) -> None:
        """Take the next messages of the stream."""
        ...

    def resume(self, resume: Resume, state: StreamState) -> None:
        """Learn where the tail goes on, and what was missed."""
        ...


class StreamKeeper(Protocol):
    """Makes the stream again when it is gone, if that is the bridge's business."""

    async def __call__(self) -> None: ...


class Tail:
    """Reads the stream without end, whatever happens to consumer, stream and server."""

    def __init__(
        self,
        jetstream: JetStream,
        stream: str,
        sink: TailSink,
        *,
        history: int,
        keep_stream: StreamKeeper,
    ) -> None:
        self._jetstream = jetstream
        self._stream = stream
        self._sink = sink
        self._history = history
        self._keep_stream = keep_stream
        self._position = 0
        self._created: str | None = None
        self._retry_seconds = FIRST_RETRY_SECONDS
        self._trouble = ""
        self.started = asyncio.Event()
        """Set once the events that were there at the start are read."""
        self.flowing = False
        """True while a consumer is open."""

    async def run(self) -> None:
        """Read for ever; ends only when cancelled."""
        while True:
            try:
                await self._read()
            except JetbridgeError as error:
                self.flowing = False
                self._report(error)
                await self._mend(error)
            await self._back_off()

    async def _read(self) -> None:
        state = await self._jetstream.stream_state(self._stream)
        self._resume(state)
        consumer = await PullConsumer.open(self._jetstream, self._stream, start=self._position + 1)
        try:
            await self._follow(consumer, state)
        finally:
            await consumer.close()

    def _resume(self, state: StreamState) -> None:
        if self._created is None:
            resume = begin(state, history=self._history)
        else:
            resume = go_on(self._position, self._created, state)
        self._created = state.created
        self._position = resume.position
        self._sink.resume(resume, state)

    async def _follow(self, consumer: PullConsumer, state: StreamState) -> None:
        self.flowing = True
        while True:
            if self._position >= state.last_sequence or not consumer.pending:
                self.started.set()
            while consumer.outstanding <= PULL_SIZE:
                await consumer.pull(PULL_SIZE, wait_seconds=PULL_SECONDS)
            batch = await consumer.next_batch()
            if batch:
                self._calm()
                batch = await self._without_removed(batch)
                self._sink.take(batch)
                self._position = max(self._position, batch[-1].sequence if batch else 0)

    async def _without_removed(self, batch: list[StoredMessage]) -> list[StoredMessage]:
        """Nothing is filtered here, so a jump is a removal: of single messages in the
        middle, which is nobody's loss, or of the beginning before it was read: a gap."""
        span = batch[-1].sequence - self._position
        if span == len(batch) or not self.started.is_set():
            return batch
        state = await self._jetstream.stream_state(self._stream)
        if state.first_sequence <= self._position + 1:
            return batch
        self._resume(state)
        return [message for message in batch if message.sequence > self._position]

    async def _mend(self, error: JetbridgeError) -> None:
        if isinstance(error, JetStreamError) and error.code == STREAM_NOT_FOUND:
            try:
                await self._keep_stream()
            except JetbridgeError as problem:
                logger.warning("the stream %s is gone: %s", self._stream, problem)

    def _report(self, error: JetbridgeError) -> None:
        """One line for each trouble, however often it is met before things flow again."""
        if str(error) != self._trouble:
            logger.warning("the tail stops after %d and starts again: %s", self._position, error)
        self._trouble = str(error)

    def _calm(self) -> None:
        self._retry_seconds = FIRST_RETRY_SECONDS
        self._trouble = ""

    async def _back_off(self) -> None:
        jitter = random.uniform(0.5, 1.0)  # noqa: S311 - spreads load, guards nothing
        await asyncio.sleep(self._retry_seconds * jitter)
        self._retry_seconds = min(self._retry_seconds * 2, MAX_RETRY_SECONDS)
