"""A stream, a bridge's memory and its clients in miniature: no sockets, no NATS, no clock.

What decides is the bridge's own: hub, ring, groups, subscribers, join, gaps. What only
moves bytes and messages is done by hand here, one step at a time, in any order.
"""

from __future__ import annotations

from typing import Any, cast

from jetbridge.bounds import Bounds
from jetbridge.decode import Decoder
from jetbridge.filters import Filter
from jetbridge.frames import Framing
from jetbridge.gaps import StreamState, around, begun_anew, find_gap, lost_while_reading
from jetbridge.history import Reader
from jetbridge.hub import Hub
from jetbridge.join import Step, next_step
from jetbridge.pull import ConsumerLostError
from jetbridge.replay import write_page
from jetbridge.resume import Resume, begin, go_on
from jetbridge.ring import Ring
from jetbridge.setting_choices import Validation
from jetbridge.subscriber import Subscriber
from tests.support.model_client import ModelClient, ModelSink
from tests.support.model_stream import ModelConsumer, ModelStream


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
        if gap := find_gap(subscriber.cursor, state, seen=self.hub.position):
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
        if gap := find_gap(subscriber.cursor, state, seen=self.hub.position):
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
