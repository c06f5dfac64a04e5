"""What an operator may do to the stream, done with plain NATS."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Self, cast

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.js.api import StreamConfig, StreamState
from nats.js.errors import NotFoundError

from jetbridge_publishers.stream_config import EVENTS, StreamSettings, events_stream
from tests.support.bridge import context


def config(*, first_seq: int | None = None, **changes: Any) -> StreamConfig:
    """The stream as Jetbridge wants it, except for these changes."""
    return replace(events_stream(StreamSettings(), now_us=0), first_seq=first_seq, **changes)


async def make_stream(nats: Client, *, first_seq: int | None = None, **changes: Any) -> None:
    """Make the stream."""
    add: Any = cast("Any", context(nats)).add_stream
    await add(config(first_seq=first_seq, **changes))


async def change_stream(nats: Client, **changes: Any) -> None:
    """Change the configuration that the stream has."""
    update: Any = cast("Any", context(nats)).update_stream
    await update(replace((await context(nats).stream_info(EVENTS)).config, **changes))


async def delete_stream(nats: Client) -> None:
    """Delete the stream with all that is in it."""
    await context(nats).delete_stream(EVENTS)


async def purge(nats: Client, *, subject: str | None = None) -> None:
    """Remove every event, or those of one subject."""
    await context(nats).purge_stream(EVENTS, subject=subject)


async def delete_consumers(nats: Client) -> None:
    """Delete every consumer of the stream."""
    for name in await consumer_names(nats):
        await context(nats).delete_consumer(EVENTS, name)


async def stream_state(nats: Client) -> StreamState:
    """First and last sequence, and how many messages there are."""
    return (await context(nats).stream_info(EVENTS)).state


async def stream_exists(nats: Client) -> bool:
    """True if there is a stream."""
    try:
        await stream_state(nats)
    except NotFoundError:
        return False
    return True


async def consumer_names(nats: Client) -> list[str]:
    """The consumers of the stream."""
    return [consumer.name for consumer in await context(nats).consumers_info(EVENTS)]


async def pause_consumers(nats: Client, *, seconds: float) -> None:
    """Pause every consumer: it is there, it shows signs of life, it delivers nothing."""
    until = datetime.now(UTC) + timedelta(seconds=seconds)
    body = json.dumps({"pause_until": until.isoformat()}).encode()
    for name in await consumer_names(nats):
        reply = await nats.request(f"$JS.API.CONSUMER.PAUSE.{EVENTS}.{name}", body)
        assert json.loads(reply.data)["paused"], reply.data


class Advisories:
    """Listens to what the server says about consumers of the stream."""

    def __init__(self, nats: Client) -> None:
        self._nats = nats
        self._created = 0
        self._subscription: Subscription | None = None

    async def consumers_created(self) -> int:
        """How many consumers were made since this listens."""
        await self._nats.flush()
        return self._created

    async def __aenter__(self) -> Self:
        async def count(_: Msg) -> None:
            self._created += 1

        subscribe: Any = cast("Any", self._nats).subscribe
        advisory = f"$JS.EVENT.ADVISORY.CONSUMER.CREATED.{EVENTS}.>"
        self._subscription = await subscribe(advisory, cb=count)
        await self._nats.flush()
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._subscription is not None
        await self._subscription.unsubscribe()
