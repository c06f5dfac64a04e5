"""Opening streams and reading pages: from a request to what a client gets."""

from __future__ import annotations

import secrets
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from jetbridge.bounds import Bounds
from jetbridge.catch_up import CatchUp
from jetbridge.frames import RECONNECT_MS, control_frame, retry_line
from jetbridge.gaps import StreamState, find_gap
from jetbridge.hub import Hub
from jetbridge.lookup import Lookup
from jetbridge.positions import After, Earliest, Latest, Recent, Since, Start
from jetbridge.settings import Settings
from jetbridge.sinks import QueueSink
from jetbridge.stream_request import StreamRequest
from jetbridge.subscriber import Subscriber
from jetbridge.views import View
from jetbridge_schemas.control import Connected
from jetbridge_schemas.errors import JetbridgeError
from jetbridge_schemas.reasons import UnavailableReason

AFTER_UNTIL_NS = 1000
"""Times are compared by the microsecond, JetStream's own precision over this API."""


class UnavailableError(JetbridgeError):
    """No stream just now; come again later."""

    def __init__(self, reason: UnavailableReason, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class StreamEndedError(JetbridgeError):
    """The client has all there will ever be of this stream: HTTP 204."""


@dataclass(frozen=True)
class Opened:
    """A client that is being served, and the queue its response is to send."""

    subscriber: Subscriber
    sink: QueueSink


class Streams:
    """Serves what is asked, or raises UnavailableError."""

    def __init__(
        self,
        settings: Settings,
        hub: Hub,
        catch_up: CatchUp,
        lookup: Lookup,
        query_state: Callable[[], Awaitable[StreamState]],
    ) -> None:
        self._settings = settings
        self._hub = hub
        self._catch_up = catch_up
        self._lookup = lookup
        self._query_state = query_state
        self.draining = False

    async def open(self, request: StreamRequest) -> Opened:
        """Begin to serve a client. Raises UnavailableError, or StreamEndedError when it
        resumes at or past the end of a bounded stream."""
        self._admit(request.view)
        state = await self._query_state()
        start = request.start or Latest()
        cursor = await self.resolve(start, request.view, state)
        bounds = await self.bounds(request, state)
        resumed = isinstance(start, After) and start.resumed
        if resumed and bounds.last_sequence is not None and cursor >= bounds.last_sequence:
            raise StreamEndedError("this stream has ended")
        self._admit(request.view)
        return self._enter(request, cursor, bounds, resumed=resumed, state=state)

    async def resolve(self, start: Start, view: View, state: StreamState) -> int:
        """The cursor after which delivery begins."""
        match start:
            case After(cursor):
                return cursor
            case Latest():
                return self._hub.ring.head
            case Earliest():
                return state.first_sequence - 1
            case Since(time_ns):
                return await self._lookup.before_time(time_ns)
            case Recent():
                return await self._before_recent(view, state)

    async def bounds(self, request: StreamRequest, state: StreamState) -> Bounds:
        """Where the stream ends. A time that is past becomes a sequence, so that a client
        which reconnects at the end is told that there is no more."""
        if request.until_ns is None:
            return Bounds(request.limit)
        last = await self._lookup.before_time(request.until_ns + AFTER_UNTIL_NS)
        if last < state.last_sequence or request.until_ns <= time.time_ns():
            return Bounds(request.limit, last_sequence=last)
        return Bounds(request.limit, until_ns=request.until_ns)

    def _enter(
        self,
        request: StreamRequest,
        cursor: int,
        bounds: Bounds,
        *,
        resumed: bool,
        state: StreamState,
    ) -> Opened:
        sink = QueueSink(cursor=cursor)
        subscriber = Subscriber(
            view=request.view,
            framing=request.framing,
            client_id=request.client_id or secrets.token_hex(8),
            cursor=cursor,
            sink=sink,
            max_queue=self._settings.max_queue_size,
            bounds=bounds,
        )
        self._hub.enter(subscriber)
        subscriber.write_control(connected_frame(subscriber, state, resumed=resumed), cursor=cursor)
        if gap := find_gap(cursor, state):
            subscriber.skip_to(gap)
        subscriber.replay([], upto=subscriber.cursor)
        self._catch_up.start(subscriber)
        return Opened(subscriber, sink)

    def _admit(self, view: View) -> None:
        settings, hub = self._settings, self._hub
        if self.draining:
            raise UnavailableError(UnavailableReason.DRAINING, "this bridge is shutting down")
        if settings.max_clients and len(hub.subscribers) >= settings.max_clients:
            raise UnavailableError(
                UnavailableReason.CAPACITY, f"max_clients={settings.max_clients} are connected"
            )
        limit = settings.max_clients_per_stream
        if limit and hub.by_view[view.key] >= limit:
            raise UnavailableError(
                UnavailableReason.CAPACITY,
                f"max_clients_per_stream={limit} are connected to {view.name}",
            )

    async def _before_recent(self, view: View, state: StreamState) -> int:
        count, ring = self._settings.max_event_history, self._hub.ring
        found, cursor = ring.last_matching(view.filter, count)
        if found >= count or cursor < state.first_sequence:
            return cursor
        return await self._lookup.before_last(view.filter, count, below=cursor, state=state)


def connected_frame(subscriber: Subscriber, state: StreamState, *, resumed: bool) -> bytes:
    """The opening of every stream: its id lets a client resume before its first event."""
    data = Connected(
        client_id=subscriber.client_id,
        stream=subscriber.view.name,
        cursor=subscriber.cursor,
        first_seq=state.first_sequence,
        last_seq=state.last_sequence,
        resumed=resumed,
    )
    return retry_line(RECONNECT_MS) + control_frame("connected", subscriber.cursor, data)
