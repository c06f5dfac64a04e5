"""What every store of cursors keeps to."""

from __future__ import annotations

import asyncio

import pytest
from nats.aio.client import Client

from jetbridge.cursor_keys import ClientKey, CursorKey
from jetbridge.cursor_store import CursorStore
from jetbridge.filters import Filter
from jetbridge.gaps import StreamState
from jetbridge.jetstream import JetStream
from jetbridge_publishers.streams import EVENTS
from tests.durable.conftest import MakeStore
from tests.support import operator
from tests.support.bridge import publish, publish_many
from tests.support.waiting import eventually

CLIENT = ClientKey("default", "", "panel 7 / é")
KEY = CursorKey(CLIENT, Filter("default", agents=frozenset(["a"])))
OTHER = CursorKey(CLIENT, Filter("default", agents=frozenset(["b"])))
FIRST = 1000


@pytest.fixture(autouse=True)
async def events(nats: Client) -> list[int]:
    """Twenty events, of two agents by turns; the first is 1000."""
    await operator.make_stream(nats, first_seq=FIRST)
    subjects = [f"evt.default.{'ab'[n % 2]}.-.custom.x" for n in range(20)]
    return await publish_many(nats, subjects, [b"{}"] * 20)


async def state_of(jetstream: JetStream) -> StreamState:
    return await jetstream.stream_state(EVENTS)


async def place(store: CursorStore, jetstream: JetStream, key: CursorKey = KEY) -> int | None:
    stored = await store.load(key.name)
    return stored and stored.place(await state_of(jetstream))


async def test_what_was_never_made_is_not_there(store: CursorStore, jetstream: JetStream) -> None:
    assert await store.load(KEY.name) is None
    assert await store.list_cursors(CLIENT) == []
    assert await store.advance(KEY.name, 1005, await state_of(jetstream), renew=True) is None


async def test_a_cursor_is_where_it_was_made_until_it_is_moved(
    store: CursorStore, jetstream: JetStream
) -> None:
    state = await state_of(jetstream)
    assert await store.create(KEY, 1003, state) == 1003
    assert await place(store, jetstream) == 1003
    assert await store.advance(KEY.name, 1011, state, renew=False) == 1011
    assert await place(store, jetstream) == 1011


@pytest.mark.parametrize("position", [FIRST - 1, FIRST, FIRST + 19])
async def test_a_cursor_can_be_at_either_end_of_the_stream(
    store: CursorStore, jetstream: JetStream, position: int
) -> None:
    await store.create(KEY, position, await state_of(jetstream))
    assert await place(store, jetstream) == position


@pytest.mark.parametrize("renew", [False, True])
async def test_a_cursor_never_goes_backwards(
    store: CursorStore, jetstream: JetStream, renew: bool
) -> None:
    state = await state_of(jetstream)
    await store.create(KEY, 1003, state)
    await store.advance(KEY.name, 1011, state, renew=renew)
    assert await store.advance(KEY.name, 1007, state, renew=renew) == 1011
    assert await place(store, jetstream) == 1011


async def test_who_makes_a_cursor_that_is_there_learns_where_it_is(
    store: CursorStore, jetstream: JetStream
) -> None:
    state = await state_of(jetstream)
    await store.create(KEY, 1003, state)
    assert await store.create(KEY, 1009, state) == 1003
    assert await place(store, jetstream) == 1003


async def test_many_who_move_a_cursor_at_once_leave_it_where_the_last_one_is(
    store: CursorStore, jetstream: JetStream
) -> None:
    state = await state_of(jetstream)
    await store.create(KEY, 1003, state)
    moves = [store.advance(KEY.name, 1004 + n % 8, state, renew=False) for n in range(8)]
    await asyncio.gather(*moves)
    await store.advance(KEY.name, 1011, state, renew=False)
    assert await place(store, jetstream) == 1011


async def test_the_cursors_of_a_client_are_found_with_what_they_are_for(
    store: CursorStore, jetstream: JetStream
) -> None:
    state = await state_of(jetstream)
    stranger = CursorKey(ClientKey("default", "", "another"), KEY.filter)
    for key, position in ((KEY, 1003), (OTHER, 1004), (stranger, 1005)):
        await store.create(key, position, state)
    found = {stored.name: stored for stored in await store.list_cursors(CLIENT)}
    assert found.keys() == {KEY.name, OTHER.name}
    one = found[KEY.name]
    assert (one.client_id, one.wanted.agents, one.wanted.jobs) == (CLIENT.client_id, ["a"], None)
    assert (one.position, one.subjects) == (1003, ["evt.default.a.*.>"])
    assert one.seen.endswith("Z")


async def test_what_is_deleted_is_gone_and_can_be_made_again(
    store: CursorStore, jetstream: JetStream
) -> None:
    state = await state_of(jetstream)
    await store.create(KEY, 1011, state)
    await store.delete(KEY.name)
    await store.delete(KEY.name)
    assert await store.load(KEY.name) is None
    assert await store.list_cursors(CLIENT) == []
    assert await store.create(KEY, 1003, state) == 1003
    assert await place(store, jetstream) == 1003


@pytest.mark.parametrize("first", [FIRST, 5000, None])
async def test_a_cursor_means_nothing_once_the_stream_is_made_again(
    store: CursorStore, jetstream: JetStream, nats: Client, first: int | None
) -> None:
    await store.create(KEY, 1011, await state_of(jetstream))
    await operator.delete_stream(nats)
    await operator.make_stream(nats, first_seq=first)
    for _ in range(20):
        await publish(nats, "evt.default.a.-.custom.x", {})
    state = await state_of(jetstream)
    assert await place(store, jetstream) is None
    assert await store.advance(KEY.name, state.last_sequence, state, renew=True) is None
    position = state.first_sequence + 1
    assert await store.create(KEY, position, state) == position
    assert await place(store, jetstream) == position


async def test_a_purge_does_not_hide_what_it_took_from_a_client_that_was_away(
    store: CursorStore, jetstream: JetStream, nats: Client
) -> None:
    state = await state_of(jetstream)
    await store.create(KEY, 1003, state)
    await store.advance(KEY.name, 1005, state, renew=True)
    await operator.purge(nats)
    assert (await state_of(jetstream)).first_sequence == 1020
    assert await place(store, jetstream) == 1005


async def test_a_purge_takes_nothing_from_a_client_that_had_everything(
    store: CursorStore, jetstream: JetStream, nats: Client
) -> None:
    state = await state_of(jetstream)
    await store.create(KEY, 1003, state)
    await store.advance(KEY.name, 1019, state, renew=True)
    await operator.purge(nats)
    assert await place(store, jetstream) == 1019


async def test_in_doubt_a_purge_shows_too_much_rather_than_too_little(
    store: CursorStore, jetstream: JetStream, nats: Client
) -> None:
    state = await state_of(jetstream)
    await store.create(KEY, 1003, state)
    await store.advance(KEY.name, 1005, state, renew=False)
    await operator.purge(nats)
    assert await place(store, jetstream) in {1003, 1005}


async def test_events_that_expire_leave_the_cursor_where_it_is(
    store: CursorStore, jetstream: JetStream, nats: Client
) -> None:
    state = await state_of(jetstream)
    await store.create(KEY, 1003, state)
    await store.advance(KEY.name, 1005, state, renew=False)
    await operator.change_stream(nats, max_msgs=3)
    assert (await state_of(jetstream)).first_sequence == 1017
    assert await place(store, jetstream) == 1005


async def test_a_purge_of_a_subject_never_moves_a_cursor_past_what_is_left(
    store: CursorStore, jetstream: JetStream, nats: Client
) -> None:
    state = await state_of(jetstream)
    await store.create(KEY, 1003, state)
    await store.advance(KEY.name, 1005, state, renew=True)
    await operator.purge(nats, subject="evt.default.a.>")
    left = await publish(nats, "evt.default.a.-.custom.x", {})
    moved = await place(store, jetstream)
    assert moved is not None
    assert 1005 <= moved < left


async def test_a_cursor_is_kept_as_long_as_it_is_renewed_and_then_forgotten(
    make_store: MakeStore, jetstream: JetStream
) -> None:
    store = make_store(kept_seconds=0.6)
    state = await state_of(jetstream)
    await store.create(KEY, 1003, state)
    await store.create(OTHER, 1003, state)

    async def other_is_gone() -> bool:
        assert await store.advance(KEY.name, 1003, state, renew=True) == 1003
        return await store.load(OTHER.name) is None

    await eventually(other_is_gone, every=0.1)
    assert await place(store, jetstream) == 1003
    await eventually(lambda: is_gone(store, KEY))


async def is_gone(store: CursorStore, key: CursorKey) -> bool:
    return await store.load(key.name) is None
