"""The tail: the one consumer of a bridge, through which every event comes in, once, in order."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from collections.abc import Awaitable, Callable
from typing import Protocol

from jetbridge.gaps import StreamState, around, lost_while_reading
from jetbridge.jetstream import STREAM_NOT_FOUND, JetStream, JetStreamError
from jetbridge.pull import ConsumerLostError, PullConsumer, StoredMessage
from jetbridge.resume import Resume, begin, go_on
from jetbridge_schemas.errors import JetbridgeError

logger = logging.getLogger("jetbridge.tail")

PULL_SIZE = 1000
"""Messages asked for at a time; two such requests overlap. Measured best on two cores."""

PULL_BYTES = 4 * 1024 * 1024
"""The most that one request asks for. nats-server cuts a connection off that has 64 MiB
waiting, and this one also carries the replays."""

PULL_SECONDS = 30.0
SURE_AFTER_SECONDS = 1.0
"""So long a stream must end before what was read, until it is believed: to begin anew would
send everything again, and a node that has just become leader may be a moment behind."""

FIRST_RETRY_SECONDS = 0.02
MAX_RETRY_SECONDS = 1.0


class TailSink(Protocol):
    """What the tail feeds. It keeps the tail's place, and learns each state of the stream
    before the tail does; if the stream was made again, it moves the place by itself."""

    @property
    def position(self) -> int:
        """The newest sequence that was taken."""
        ...

    def take(self, messages: list[StoredMessage]) -> None:
        """Take the next messages of the stream."""
        ...

    def resume(self, resume: Resume) -> None:
        """Learn where the tail goes on, and what was missed."""
        ...


class Tail:
    """Reads the stream without end, whatever happens to consumer, stream and server.

    `keep_stream` makes the stream again when it is gone, if that is the bridge's business.
    """

    def __init__(
        self,
        jetstream: JetStream,
        stream: str,
        sink: TailSink,
        *,
        history: int,
        query_state: Callable[[], Awaitable[StreamState]],
        keep_stream: Callable[[], Awaitable[None]],
    ) -> None:
        self._jetstream = jetstream
        self._stream = stream
        self._sink = sink
        self._history = history
        self._query_state = query_state
        self._keep_stream = keep_stream
        self._consumer: PullConsumer | None = None
        self._begun = False
        self._shorter_since: float | None = None
        self._retry_seconds = FIRST_RETRY_SECONDS
        self._trouble = ""
        self.started = asyncio.Event()
        """Set once the events that were there at the start are read."""

    @property
    def flowing(self) -> bool:
        """True while a consumer is open."""
        return self._consumer is not None

    async def run(self) -> None:
        """Read for ever; ends only when cancelled."""
        while True:
            try:
                await self._read()
            except JetbridgeError as error:
                self._report(error)
                await self._mend(error)
            await self._back_off()

    def doubt(self, problem: str) -> None:
        """Open another consumer: this one does not do what it should."""
        if self._consumer is not None:
            self._consumer.doubt(problem)

    async def _read(self) -> None:
        state = await self._query_state()
        self._resume(state)
        position = self._sink.position
        consumer = await PullConsumer.open(self._jetstream, self._stream, start=position + 1)
        try:
            # Had the stream been made again before the consumer was, the sink knows now.
            await self._query_state()
            self._consumer = consumer
            await self._follow(consumer, position, state.last_sequence)
        finally:
            self._consumer = None
            await consumer.close()

    def _resume(self, state: StreamState) -> None:
        place = self._sink.position
        resume = go_on(place, state) if self._begun else begin(state, history=self._history)
        self._begun = True
        if not resume.rewound:
            self._shorter_since = None
        elif not self._is_sure():
            raise ConsumerLostError(f"the stream ends at {state.last_sequence}, before that")
        self._sink.resume(resume)

    def _is_sure(self) -> bool:
        now = asyncio.get_running_loop().time()
        self._shorter_since = self._shorter_since or now
        return now - self._shorter_since >= SURE_AFTER_SECONDS

    async def _follow(self, consumer: PullConsumer, position: int, last: int) -> None:
        while True:
            self._check(position)
            if position >= last or not consumer.pending:
                self.started.set()
            await self._ask(consumer)
            batch = await consumer.next_batch()
            self._check(position)
            if batch:
                self._calm()
                await self._take(batch)
                position = self._sink.position

    async def _ask(self, consumer: PullConsumer) -> None:
        """Keep requests open; one for a single message, of whatever size, if the next one
        may be too large for the others."""
        if consumer.oversized:
            consumer.oversized = False
            await consumer.pull(1, wait_seconds=PULL_SECONDS)
        while consumer.outstanding <= PULL_SIZE:
            await consumer.pull(PULL_SIZE, wait_seconds=PULL_SECONDS, max_bytes=PULL_BYTES)

    def _check(self, position: int) -> None:
        if self._sink.position != position:
            raise ConsumerLostError("the stream was made again")

    async def _take(self, batch: list[StoredMessage]) -> None:
        """Nothing is filtered here, so a jump is a removal: of single messages in the
        middle, which is nobody's loss, or of the beginning before it was read: a gap."""
        position = self._sink.position
        if batch[-1].sequence - position != len(batch):
            state = await self._query_state()
            self._check(position)
            sequences = [message.sequence for message in batch]
            if gap := lost_while_reading(position, sequences, state):
                before, batch = around(gap, batch)
                self._sink.take(before)
                self._sink.resume(Resume(gap.first_available - 1, gap))
        self._sink.take(batch)

    async def _mend(self, error: JetbridgeError) -> None:
        if isinstance(error, JetStreamError) and error.code == STREAM_NOT_FOUND:
            try:
                await self._keep_stream()
            except JetbridgeError as problem:
                logger.warning("the stream %s is gone: %s", self._stream, problem)

    def _report(self, error: JetbridgeError) -> None:
        """One line for each trouble, however often it is met before things flow again."""
        if str(error) != self._trouble:
            place = self._sink.position
            logger.warning("the tail stops after %d and starts again: %s", place, error)
        self._trouble = str(error)

    def _calm(self) -> None:
        self._retry_seconds = FIRST_RETRY_SECONDS
        self._trouble = ""

    async def _back_off(self) -> None:
        """Wait a little, longer each time; a new connection is reason to try at once."""
        jitter = random.uniform(0.5, 1.0)  # noqa: S311 - spreads load, guards nothing
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._retry_seconds * jitter):
                await self._jetstream.link.next_change()
                self._retry_seconds = FIRST_RETRY_SECONDS
        self._retry_seconds = min(self._retry_seconds * 2, MAX_RETRY_SECONDS)
