"""The parts of durable clients, each by itself, with a store that does as it is told."""

from __future__ import annotations

import asyncio
import logging

import pytest

from jetbridge.bounds import Bounds
from jetbridge.checkpoints import Checkpoints
from jetbridge.cursor_keys import ClientKey, CursorKey
from jetbridge.cursor_registry import MAX_LINGERING, CursorRegistry
from jetbridge.cursor_store import StoredCursor, StoreFullError, why_not
from jetbridge.durable_clients import DurableClients
from jetbridge.durable_cursor import DurableCursor
from jetbridge.filters import Filter
from jetbridge.frames import Framing
from jetbridge.gaps import StreamState
from jetbridge.jetstream import JetStreamDeniedError, JetStreamError, JetStreamUnavailableError
from jetbridge.store_health import PAUSE_SECONDS, TOLD_SECONDS, StoreHealth
from jetbridge.subscriber import Subscriber
from jetbridge.views import global_view
from jetbridge_schemas.errors import JetbridgeError
from jetbridge_schemas.reasons import NotDurableReason
from tests.support.model import ModelSink

STATE = StreamState(created="today", first_sequence=1, last_sequence=100)
SILENCE = JetStreamUnavailableError("no answer")
DENIED = JetStreamDeniedError("not permitted")


def key(number: int = 0) -> CursorKey:
    return CursorKey(ClientKey("default", "", f"client-{number}"), Filter("default"))


def subscriber(cursor: int) -> tuple[Subscriber, ModelSink]:
    sink = ModelSink()
    client = Subscriber(
        view=global_view("default"),
        framing=Framing.TYPED,
        client_id="c",
        cursor=cursor,
        sink=sink,
        max_queue=10,
        bounds=Bounds(None),
    )
    return client, sink


class ShyStore:
    """A store in memory that first fails as often as there are `failures`."""

    def __init__(self, *failures: JetbridgeError) -> None:
        self.failures = list(failures)
        self.places: dict[str, int] = {}

    def fail(self) -> None:
        if self.failures:
            raise self.failures.pop(0)

    async def load(self, name: str) -> StoredCursor | None:
        self.fail()
        return None

    async def create(self, key: CursorKey, position: int, state: StreamState) -> int:
        self.fail()
        return self.places.setdefault(key.name, position)

    async def advance(
        self, name: str, position: int, state: StreamState, *, renew: bool
    ) -> int | None:
        self.fail()
        if name in self.places:
            self.places[name] = max(self.places[name], position)
        return self.places.get(name)

    async def list_cursors(self, client: ClientKey) -> list[StoredCursor]:
        return []

    async def delete(self, name: str) -> None:
        self.places.pop(name, None)


def clients_of(store: ShyStore) -> tuple[DurableClients, CursorRegistry, StoreHealth]:
    registry, health = CursorRegistry(), StoreHealth()

    async def query_state() -> StreamState:
        return STATE

    checkpoints = Checkpoints(
        store,
        registry,
        health,
        epoch=lambda: 0,
        query_state=query_state,
        interval_seconds=3600,
        renew_seconds=3600,
    )
    clients = DurableClients(store, registry, health, checkpoints, epoch=lambda: 0)
    return clients, registry, health


async def test_a_client_without_an_id_waits_for_a_store_that_is_silent_for_a_while() -> None:
    clients, _, health = clients_of(ShyStore(SILENCE, SILENCE))
    claim = await clients.find(key(), patient=True)
    assert claim.durable
    assert health.failures == 0


async def test_a_client_with_an_id_does_not_wait() -> None:
    clients, _, health = clients_of(ShyStore(SILENCE))
    claim = await clients.find(key(), patient=False)
    assert claim.refusal is NotDurableReason.UNAVAILABLE
    assert health.failures == 1


async def test_nobody_waits_for_a_permission() -> None:
    clients, _, _ = clients_of(ShyStore(DENIED))
    claim = await clients.find(key(), patient=True)
    assert claim.refusal is NotDurableReason.FORBIDDEN
    assert (await clients.secure(claim, 7, STATE)).refusal is NotDurableReason.FORBIDDEN


async def test_a_silence_that_was_long_is_waited_for_only_by_clients_without_an_id() -> None:
    clients, _, health = clients_of(ShyStore())
    now = asyncio.get_running_loop().time()
    health.failed(SILENCE, now=now, waited=5.0)
    with_id = await clients.find(key(), patient=False)
    assert with_id.refusal is NotDurableReason.UNAVAILABLE
    assert (await clients.find(key(), patient=True)).durable


async def test_a_cursor_that_cannot_be_moved_is_no_promise_but_a_place() -> None:
    store = ShyStore()
    clients, _, health = clients_of(store)
    claim = await clients.find(key(), patient=True)
    health.failed(DENIED, now=asyncio.get_running_loop().time(), waited=0.0)
    claim = await clients.secure(claim, 7, STATE)
    assert claim.refusal is NotDurableReason.FORBIDDEN
    assert store.places == {}


async def test_a_client_that_is_not_durable_is_not_held() -> None:
    clients, registry, _ = clients_of(ShyStore(DENIED))
    client, _ = subscriber(7)
    clients.attach(await clients.find(key(), patient=True), client, explicit=False)
    assert len(registry) == 0
    clients.leave(client)


async def test_a_client_that_comes_back_before_its_place_is_stored_goes_on_there() -> None:
    clients, _, _ = clients_of(ShyStore())
    claim = await clients.secure(await clients.find(key(), patient=True), 7, STATE)
    client, sink = subscriber(7)
    clients.attach(claim, client, explicit=False)
    sink.taken = 12
    clients.leave(client)
    assert clients.place(await clients.find(key(), patient=True), STATE) == 12


def test_a_place_in_sequences_that_are_no_more_is_not_stored() -> None:
    client, sink = subscriber(50)
    cursor = DurableCursor(key(), position=40, epoch=0, now=0)
    cursor.connect(client, explicit=False)
    assert cursor.position(0) == 50
    assert cursor.position(1) == 40
    assert cursor.is_dirty(1)
    cursor.begin_anew(1, 9)
    assert cursor.position(1) == 9
    client.epoch, client.cursor = 1, 12
    assert cursor.position(1) == 9
    sink.taken = 12
    assert cursor.position(1) == 12


def test_cursors_that_wait_to_be_stored_do_not_pile_up_for_ever() -> None:
    registry = CursorRegistry()
    for number in range(MAX_LINGERING + 3):
        client, _ = subscriber(1)
        cursor = DurableCursor(key(number), position=1, epoch=0, now=0)
        registry.connect(cursor, client, explicit=False)
        registry.disconnect(client)
    assert (len(registry), registry.given_up) == (MAX_LINGERING, 3)
    assert registry.get(key(2).name) is None
    assert registry.of_client(key(2).client.token) == []


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (StoreFullError("full"), NotDurableReason.CAPACITY),
        (JetStreamError("maximum consumers limit reached", 10026), NotDurableReason.CAPACITY),
        (JetStreamError("consumer config is odd", 10012), NotDurableReason.REFUSED),
        (DENIED, NotDurableReason.FORBIDDEN),
        (SILENCE, NotDurableReason.UNAVAILABLE),
    ],
)
def test_a_failure_is_told_in_one_word(error: JetbridgeError, reason: NotDurableReason) -> None:
    assert why_not(error) is reason


def test_a_trouble_that_stays_is_told_once_a_minute(caplog: pytest.LogCaptureFixture) -> None:
    health = StoreHealth()
    with caplog.at_level(logging.WARNING):
        for second in range(int(TOLD_SECONDS)):
            health.failed(SILENCE, now=100.0 + second, waited=0.0)
        assert len(caplog.records) == 1
        health.failed(DENIED, now=160.0, waited=0.0)
        health.failed(SILENCE, now=160.0, waited=0.0)
    assert len(caplog.records) == 3
    assert health.failures == 62


def test_a_store_that_is_silent_is_not_waited_for_by_everybody() -> None:
    health = StoreHealth()
    health.failed(SILENCE, now=100.0, waited=0.1)
    assert health.pausing(100.0) is None
    health.failed(SILENCE, now=100.0, waited=5.0)
    assert health.pausing(100.0) is NotDurableReason.UNAVAILABLE
    assert health.pausing(100.0 + PAUSE_SECONDS) is None
