"""The join of replay and live, in every order of things: a model against the bridge's decisions."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Coroutine
from typing import Any

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from jetbridge.join import Step, next_step
from jetbridge.subscriber import State
from jetbridge.views import agent_view, global_view
from jetbridge_schemas.control import Gap
from jetbridge_schemas.reasons import GapReason
from tests.support.model import ModelBridge
from tests.support.model_client import ModelClient
from tests.support.model_stream import ModelStream

AGENTS = ["a", "b"]
VIEWS = [global_view("default"), agent_view("default", "a")]


def test_below_the_ring_a_client_reads_the_stream_above_it_goes_live() -> None:
    assert next_step(4, floor=5, head=9) is Step.READ_STREAM
    assert next_step(5, floor=5, head=9) is Step.READ_RING
    assert next_step(8, floor=5, head=9) is Step.READ_RING
    assert next_step(9, floor=5, head=9) is Step.GO_LIVE
    assert next_step(12, floor=5, head=9) is Step.GO_LIVE


class Joining(RuleBasedStateMachine):
    """Clients come and go, lag and resume, while events are published, evicted, purged, and
    the stream is made again. In the end each client has every event once, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()

    @initialize(ring=st.integers(0, 6), queue=st.integers(1, 4), history=st.integers(0, 10))
    def begin(self, ring: int, queue: int, history: int) -> None:
        self.stream = ModelStream()
        self.publish("ab" * history)
        self.bridge = ModelBridge(self.stream, ring_events=ring, max_queue=queue)
        self.clients: dict[ModelClient, int] = {}
        self.tail_is_lost = False

    @rule(agents=st.text("ab", min_size=1, max_size=8))
    def publish(self, agents: str) -> None:
        for agent in agents:
            self.stream.publish(agent)

    @precondition(lambda self: not self.tail_is_lost)
    @rule(count=st.integers(1, 6))
    def tail_takes(self, count: int) -> None:
        self._run(self.bridge.tail(count))

    @rule()
    def tail_opens_another_consumer(self) -> None:
        self._run(self.bridge.restart_tail())
        self.tail_is_lost = False

    @precondition(lambda self: len(self.clients) < 4)
    @rule(view=st.sampled_from(VIEWS), back=st.integers(0, 20))
    def client_comes(self, view: Any, back: int) -> None:
        cursor = max(self.stream.last - back, self.stream.first - 1)
        client = ModelClient(view, cursor)
        known = [n for s, n in self.stream.stored.items() if s > cursor]
        self.clients[client] = min(known, default=len(self.stream.published))
        self._run(self.bridge.connect(client))

    @rule(data=st.data(), page=st.integers(1, 6), purge=st.integers(0, 6))
    def client_reads_on(self, data: st.DataObject, page: int, purge: int) -> None:
        waiting = [c for c in self.clients if c.subscriber and not is_live(c)]
        if waiting:
            subscriber = data.draw(st.sampled_from(waiting)).subscriber
            assert subscriber is not None
            below = self.stream.first + purge if data.draw(st.booleans()) else 0
            self._run(self.bridge.step(subscriber, page=page, purge_below=below))

    @rule(data=st.data(), blocked=st.booleans())
    def connection_stalls_or_flows(self, data: st.DataObject, blocked: bool) -> None:
        if self.clients:
            sink = data.draw(st.sampled_from(list(self.clients))).sink
            sink.blocked = True
            if not blocked:
                sink.unblock()

    @rule(data=st.data())
    def client_is_cut_or_comes_back(self, data: st.DataObject) -> None:
        if self.clients:
            client = data.draw(st.sampled_from(list(self.clients)))
            if client.subscriber is None:
                self._run(self.bridge.connect(client))
                return
            self.bridge.disconnect(client)
            if client.lost_its_place:
                del self.clients[client]

    @rule()
    def heartbeat(self) -> None:
        connected = [c.subscriber for c in self.clients if c.subscriber is not None]
        self.bridge.hub.heartbeat(connected)

    @precondition(lambda self: not self.tail_is_lost)
    @rule(count=st.integers(1, 12))
    def stream_is_purged(self, count: int) -> None:
        self.stream.purge(self.stream.first + count)

    @precondition(lambda self: not self.tail_is_lost)
    @rule()
    def stream_is_made_again(self) -> None:
        self.stream.make_again(self.stream.last + 10)
        self.tail_is_lost = True

    @precondition(lambda self: not (self.tail_is_lost or self.someone_waits_to_be_told()))
    @rule()
    def stream_is_made_again_without_a_first_sequence(self) -> None:
        """Then nothing tells old ids from new ones, for clients that are away and for events
        that the tail has not heard of: both are left out here."""
        self._run(self.bridge.restart_tail())
        self._run(self.bridge.tail(1000))
        self.clients = {c: n for c, n in self.clients.items() if c.subscriber is not None}
        for client in self.clients:
            client.expect_restart()
        self.stream.make_again(1)
        self.tail_is_lost = True

    def someone_waits_to_be_told(self) -> bool:
        for client in self.clients:
            client.read()
        return any(client.lost_its_place for client in self.clients)

    def teardown(self) -> None:
        try:
            if hasattr(self, "bridge"):
                self._check_everyone()
        finally:
            self.loop.close()

    def _check_everyone(self) -> None:
        for client in self.clients:
            if client.subscriber is None:
                self._run(self.bridge.connect(client))
            client.sink.unblock()
        self.tail_opens_another_consumer()
        for client, first in self.clients.items():
            self._finish(client)
            client.read()
            assert_complete(client, first, self.stream)
            assert_caught_up_once(client)

    def _finish(self, client: ModelClient) -> None:
        """Let time pass until the tail and this client have everything."""
        for _ in range(200):
            self._run(self.bridge.tail(10_000))
            assert client.subscriber is not None
            if is_live(client):
                return
            self._run(self.bridge.step(client.subscriber, page=10))
        raise AssertionError("the client never becomes live")

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        self.loop.run_until_complete(work)


def is_live(client: ModelClient) -> bool:
    return client.subscriber is not None and client.subscriber.state is State.LIVE


def assert_complete(client: ModelClient, first: int, stream: ModelStream) -> None:
    """Every event from number `first` on came once, in order; where some did not, they are
    gone, and a gap said so at that place."""
    place = first
    last_id = 0
    gaps: list[Gap] = []
    agents = client.view.filter.agents or set(AGENTS)
    for name, id_, data in [*client.seen, ("end", 0, b"")]:
        if name == "gap":
            gaps.append(msgspec.json.decode(data, type=Gap))
            assert gaps[-1].requested > last_id, f"{gaps[-1]} takes back {last_id}"
        elif name in {"tick", "end"}:
            number = int(json.loads(data)["n"]) if name == "tick" else len(stream.published)
            assert number >= place, f"{number} came late, or again"
            missing = [n for n in range(place, number) if stream.published[n] in agents]
            assert set(missing) <= stream.gone, f"{missing} did not come"
            untold = [n for n in missing if not any(covers(g, stream.sequences[n]) for g in gaps)]
            assert not untold, f"{untold} are gone, and nobody said so"
            place, gaps = number + 1, []
        last_id = id_


def covers(gap: Gap, sequence: int) -> bool:
    """True if the gap says that an event is gone; "ahead" says it of everything before."""
    said = gap.requested <= sequence < gap.first_available
    return said or gap.reason is GapReason.AHEAD


def assert_caught_up_once(client: ModelClient) -> None:
    """No connection was told twice that it has caught up, and the last one was told."""
    told = 0
    for name, _, _ in client.seen:
        told = 0 if name == "connected" else told + (name == "caught-up")
        assert told <= 1
    assert told == 1


Joining.TestCase.settings = settings(max_examples=150, stateful_step_count=40)
TestJoining = Joining.TestCase
