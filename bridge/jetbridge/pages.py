"""The same streams as JSON pages, for those who would rather ask than listen."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

import msgspec

from jetbridge.bounds import Bounds
from jetbridge.event import Event
from jetbridge.frames import Framing, cloudevent
from jetbridge.gaps import StreamState, find_gap
from jetbridge.history import History, Page
from jetbridge.hub import Hub
from jetbridge.positions import Earliest
from jetbridge.stream_request import MAX_PAGE, RequestError, StreamRequest
from jetbridge.streams import Streams
from jetbridge_schemas.control import Gap
from jetbridge_schemas.timestamps import rfc3339

DEFAULT_LIMIT = 100
RING_BYTES = 1024 * 1024


class EventRecord(msgspec.Struct):
    """One event in a page: its place, its subject, and the publisher's JSON."""

    id: int
    type: str
    agent: str
    job: str | None
    time: str
    data: msgspec.Raw


class EventPage(msgspec.Struct, omit_defaults=True):
    """A page: the events, and where to go on (`from=<next>`, or `last_event_id=<next - 1>`)."""

    events: list[EventRecord | msgspec.Raw]
    next: int
    last_seq: int
    gap: Gap | None = None


class Pages:
    """Reads pages from the ring where it can, from JetStream where it must."""

    def __init__(
        self,
        hub: Hub,
        history: History,
        streams: Streams,
        query_state: Callable[[], Awaitable[StreamState]],
    ) -> None:
        self._hub = hub
        self._history = history
        self._streams = streams
        self._query_state = query_state

    async def read(self, request: StreamRequest) -> EventPage:
        """One page of at most `limit` events (1 to 1,000, 100 if not given), from the
        earliest on if no position is given. Raises RequestError for a larger limit."""
        limit = request.limit or DEFAULT_LIMIT
        if limit > MAX_PAGE:
            raise RequestError(f"limit={limit} is more than {MAX_PAGE}, the most of one page")
        state = await self._query_state()
        cursor = await self._streams.resolve(request.start or Earliest(), request.view, state)
        bounds = replace(await self._streams.bounds(request, state), limit=limit)
        gap = find_gap(cursor, state, seen=self._hub.position)
        if gap is not None:
            cursor = gap.first_available - 1
        found = await self._collect(request, cursor, bounds)
        return EventPage(
            [record(event, request.framing) for event in found.events],
            next=found.cursor + 1,
            last_seq=max(state.last_sequence, self._hub.ring.head),
            gap=gap or found.gap,
        )

    async def _collect(self, request: StreamRequest, cursor: int, bounds: Bounds) -> Page:
        events: list[Event] = []
        gap: Gap | None = None
        ended = False
        while cursor < self._hub.ring.head and not ended:
            page = await self._some(request, cursor)
            allowed = bounds.cut(page.events, upto=page.cursor, sent=len(events))
            events += allowed.events
            cursor = max(cursor, allowed.cursor)
            gap = gap or page.gap
            ended = allowed.ended
        return Page(events, cursor, exhausted=not ended, gap=gap)

    async def _some(self, request: StreamRequest, cursor: int) -> Page:
        ring, wanted = self._hub.ring, request.view.filter
        if cursor >= ring.floor:
            events, cursor = ring.after(cursor, wanted, max_bytes=RING_BYTES)
            return Page(events, cursor, exhausted=False)
        async with self._history.open(wanted, after=cursor) as reader:
            return await reader.next_page()


def record(event: Event, framing: Framing) -> EventRecord | msgspec.Raw:
    """An event as it stands in a page."""
    if framing is Framing.CLOUDEVENTS:
        return msgspec.Raw(cloudevent(event))
    return EventRecord(
        event.sequence,
        event.type,
        event.agent,
        event.job,
        rfc3339(event.time_ns),
        msgspec.Raw(event.data),
    )
