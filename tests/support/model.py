"""A stream, a bridge's memory and its clients in miniature: no sockets, no NATS, no clock.

What decides is the bridge's own: hub, ring, groups, subscribers, join, gaps. What only
moves bytes and messages is done by hand here, one step at a time, in any order.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, cast

from jetbridge.backlog import Backlog, Discarded
from jetbridge.bounds import Bounds
from jetbridge.decode import Decoder
from jetbridge.filters import Filter
from jetbridge.frames import Framing
from jetbridge.gaps import StreamState, around, begun_anew, find_gap, lost_while_reading
from jetbridge.history import Reader
from jetbridge.hub import Hub
from jetbridge.join import Step, next_step
from jetbridge.piece import Piece
from jetbridge.pull import ConsumerLostError, StoredMessage
from jetbridge.replay import write_page
from jetbridge.resume import Resume, begin, go_on
from jetbridge.ring import Ring
from jetbridge.setting_choices import Validation
from jetbridge.subscriber import Subscriber
from jetbridge.views import View

AHEAD = b'"reason":"ahead"'
FRAME = re.compile(rb"id: (\d+)\nevent: ([\w.-]+)\ndata: (\{.*\})\n\n")


@dataclass
class ModelStream:
    """What JetStream would hold. Every event has a number that tells it from all others,
    in this incarnation of the stream and in those before; `gone` are those removed."""

    incarnation: int = 1
    first: int = 1
    last: int = 0
    published: list[str] = field(default_factory=list[str])
    stored: dict[int, int] = field(default_factory=dict[int, int])
    sequences: list[int] = field(default_factory=list[int])
    gone: set[int] = field(default_factory=set[int])

    @property
    def state(self) -> StreamState:
        return StreamState(str(self.incarnation), self.first, self.last)

    def publish(self, agent: str) -> None:
        """Store one event."""
        self.last += 1
        self.stored[self.last] = len(self.published)
        self.published.append(agent)
        self.sequences.append(self.last)

    def purge(self, below: int) -> None:
        """Remove everything below a sequence."""
        self.first = max(self.first, min(below, self.last + 1))
        self.gone |= {number for s, number in self.stored.items() if s < self.first}
        self.stored = {s: number for s, number in self.stored.items() if s >= self.first}

    def make_again(self, first: int) -> None:
        """Delete the stream and make another whose sequences begin at `first`."""
        self.gone |= set(self.stored.values())
        self.stored.clear()
        self.incarnation += 1
        self.first, self.last = first, first - 1

    def after(self, cursor: int) -> list[StoredMessage]:
        """What is there above a cursor."""
        return [
            StoredMessage(s, 0, f"evt.default.{self.published[n]}.-.tick", b'{"n":%d}' % n, None)
            for s, n in self.stored.items()
            if s > cursor
        ]


class ModelSink:
    """A connection that takes everything at once, or nothing while `blocked`."""

    def __init__(self) -> None:
        self.blocked = False
        self.taken = 0
        self.stalled = False
        self.wire = bytearray()
        self.restarts_waiting = 0
        """Gaps in the backlog that say that the sequences began anew."""
        self._backlog = Backlog()

    @property
    def waiting(self) -> int:
        return self._backlog.waiting

    @property
    def idle(self) -> bool:
        return not self.blocked

    def settled(self) -> int:
        return self.taken

    def write(self, piece: Piece, events: int, cursor: int) -> None:
        self._backlog.add(piece, events=events, cursor=cursor)
        self.restarts_waiting += piece.data.count(AHEAD)
        if not self.blocked:
            self.unblock()

    def unblock(self) -> None:
        """Take what waits, and from now on everything at once."""
        self.blocked = False
        if self._backlog:
            piece, self.taken = self._backlog.take()
            self.wire += piece.data
            self.restarts_waiting = 0

    def discard(self) -> Discarded:
        return self._backlog.discard(taken=self.taken)

    def close(self) -> None:
        """There is nothing to close."""

    async def drained(self, within: float | None = None) -> bool:
        return not self.blocked


class ModelClient:
    """A browser: it keeps what it saw, and comes back with its last id."""

    def __init__(self, view: View, cursor: int) -> None:
        self.view = view
        self.last_id = cursor
        self.seen: list[tuple[str, int, bytes]] = []
        self.subscriber: Subscriber | None = None
        self.sink = ModelSink()
        self._restarts_due = 0

    def read(self) -> None:
        """See everything that is on the wire; it must be whole frames."""
        wire, self.sink.wire = bytes(self.sink.wire), bytearray()
        place = 0
        while place < len(wire):
            match = FRAME.match(wire, place)
            assert match is not None, wire[place:]
            place = match.end()
            self.last_id = int(match[1])
            self.seen.append((match[2].decode(), self.last_id, match[3]))

    def expect_restart(self) -> None:
        """The sequences begin anew now; before it is told, its last id means nothing."""
        self.read()
        self._restarts_due = self._restarts_seen() + self.sink.restarts_waiting + 1

    @property
    def lost_its_place(self) -> bool:
        """True if it was not told yet."""
        return self._restarts_seen() < self._restarts_due

    def _restarts_seen(self) -> int:
        return sum(AHEAD in data for _, _, data in self.seen)


class ModelConsumer:
    """What a reader pulls from: the stream as it is at each pull."""

    def __init__(self, stream: ModelStream, wanted: Filter, after: int) -> None:
        self._stream = stream
        patterns = [s.replace(".", "[.]").replace("*", "[^.]+") for s in wanted.subjects()]
        self._subjects = re.compile("|".join(patterns).replace(">", ".+"))
        self._position = after
        self._batch: list[StoredMessage] = []
        self.outstanding = 0
        self.oversized = False
        self.pending = len(self._matching())

    async def pull(self, count: int, *, max_bytes: int) -> None:
        found = self._matching()
        self._batch, self.pending = found[:count], len(found[count:])
        self._position = max([self._position, *(m.sequence for m in self._batch)])

    async def next_batch(self) -> list[StoredMessage]:
        return self._batch

    def _matching(self) -> list[StoredMessage]:
        messages = self._stream.after(self._position)
        return [m for m in messages if self._subjects.fullmatch(m.subject)]


class OneNode:
    """A server that is alone is never behind."""

    async def proven(self, wanted: Filter, *, after: int, upto: int) -> bool:
        return True


class ModelBridge:
    """The bridge's deciding parts, and by hand, step by step, what its tasks do with them."""

    def __init__(self, stream: ModelStream, *, ring_events: int, max_queue: int) -> None:
        self.stream = stream
        self._max_queue = max_queue
        self._decoder = Decoder(Validation.OFF, lambda _: None)
        self.hub = Hub(
            ring=Ring(max_events=ring_events, max_bytes=10**9),
            decoder=self._decoder,
            flush_max_seconds=0,
            on_lagging=lambda _: None,
        )
        self.hub.know(stream.state)
        self.hub.resume(begin(stream.state, history=ring_events))

    async def know(self) -> StreamState:
        """Ask for the state of the stream, as `StateQuery` does."""
        self.hub.know(self.stream.state)
        return self.stream.state

    async def tail(self, count: int) -> None:
        """Take up to `count` messages, as `Tail` does."""
        position = self.hub.position
        batch = self.stream.after(position)[:count]
        if batch and batch[-1].sequence - position != len(batch):
            state = await self.know()
            if gap := lost_while_reading(position, [m.sequence for m in batch], state):
                before, batch = around(gap, batch)
                self.hub.take(before)
                self.hub.resume(Resume(gap.first_available - 1, gap))
        self.hub.take(batch)

    async def restart_tail(self) -> None:
        """Open another consumer, as `Tail` does when it has lost its own."""
        state = await self.know()
        self.hub.resume(go_on(self.hub.position, state))

    async def connect(self, client: ModelClient) -> None:
        """A client comes with its last id, as in `Streams`."""
        state = await self.know()
        client.sink = ModelSink()
        client.subscriber = subscriber = Subscriber(
            view=client.view,
            framing=Framing.TYPED,
            client_id="x",
            cursor=client.last_id,
            sink=client.sink,
            max_queue=self._max_queue,
            bounds=Bounds(),
        )
        self.hub.enter(subscriber)
        client.seen.append(("connected", subscriber.cursor, b"{}"))
        if gap := find_gap(subscriber.cursor, state):
            subscriber.skip_to(gap)

    def disconnect(self, client: ModelClient) -> None:
        """The client is cut; what its connection has taken, it has seen."""
        client.read()
        assert client.subscriber is not None
        self.hub.leave(client.subscriber)
        client.subscriber = None

    async def step(self, subscriber: Subscriber, *, page: int, purge_below: int = 0) -> None:
        """One step of a client that is not live, as in `CatchUp`.

        `purge_below`: what is removed from the stream just before a page of it is read.
        """
        ring = self.hub.ring
        if subscriber.epoch != self.hub.epoch:
            subscriber.epoch = self.hub.epoch
            subscriber.skip_to(begun_anew(subscriber.cursor, self.hub.state))
        match next_step(subscriber.cursor, floor=ring.floor, head=ring.head):
            case Step.GO_LIVE:
                self.hub.join(subscriber)
            case Step.READ_RING:
                wanted = subscriber.view.filter
                events, cursor = ring.after(subscriber.cursor, wanted, max_bytes=page)
                subscriber.replay(events, upto=cursor)
            case Step.READ_STREAM:
                await self._read_stream(subscriber, page=page, purge_below=purge_below)

    async def _read_stream(self, subscriber: Subscriber, *, page: int, purge_below: int) -> None:
        wanted = subscriber.view.filter
        consumer = ModelConsumer(self.stream, wanted, subscriber.cursor)
        state = await self.know()
        if subscriber.epoch != self.hub.epoch:
            return
        if gap := find_gap(subscriber.cursor, state):
            subscriber.skip_to(gap)
            return
        reader = Reader(
            cast("Any", consumer),
            wanted,
            subscriber.cursor,
            decoder=self._decoder,
            floor=lambda: self.hub.ring.floor,
            completeness=cast("Any", OneNode()),
            query_state=self.know,
        )
        self.stream.purge(purge_below)
        try:
            await write_page(subscriber, await reader.next_page(page))
        except ConsumerLostError:
            """Tried again at the next step."""
