"""Opening streams and reading pages: from a request to what a client gets."""

from __future__ import annotations

import secrets
import time
from collections.abc import Awaitable, Callable

from jetbridge.bounds import Bounds
from jetbridge.catch_up import CatchUp
from jetbridge.frames import RECONNECT_MS, control_frame, retry_line
from jetbridge.gaps import StreamState, find_gap
from jetbridge.hub import Hub
from jetbridge.lookup import Lookup
from jetbridge.pace import Pace
from jetbridge.piece import Piece
from jetbridge.positions import After, Earliest, Latest, Recent, Since, Start
from jetbridge.settings import Settings
from jetbridge.stream_request import StreamRequest
from jetbridge.subscriber import Sink, Subscriber
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

    async def open(self, request: StreamRequest, sink: Sink) -> Subscriber:
        """Begin to serve a client through `sink`. Raises UnavailableError, or
        StreamEndedError when it resumes at or past the end of a bounded stream."""
        self._admit(request.view)
        state = await self._query_state()
        start = request.start or Latest()
        snapshot = request.snapshot and not continues(start)
        # Position 0 says "nothing yet": a client cut off here asks for the snapshot again.
        cursor = 0 if snapshot else await self.resolve(start, request.view, state)
        bounds = await self.bounds(request, state)
        resumed = continues(start)
        if resumed and bounds.last_sequence is not None and cursor >= bounds.last_sequence:
            raise StreamEndedError("this stream has ended")
        self._admit(request.view)
        subscriber = Subscriber(
            view=request.view,
            framing=request.framing,
            client_id=request.client_id or secrets.token_hex(8),
            cursor=cursor,
            sink=sink,
            max_queue=self._settings.max_queue_size,
            bounds=bounds,
            snapshot=snapshot,
            pace=Pace(request.speed) if request.speed else None,
        )
        self._begin(subscriber, state, resumed=resumed)
        return subscriber

    async def resolve(self, start: Start, view: View, state: StreamState) -> int:
        """The cursor after which delivery begins."""
        match start:
            case After(cursor):
                return cursor
            case Latest():
                # Not the ring's head: the tail may be ahead of `state` by now, or far behind.
                return state.last_sequence
            case Earliest():
                return state.first_sequence - 1
            case Since(time_ns):
                return await self._lookup.before_time(time_ns)
            case Recent():
                return min(await self._before_recent(view, state), state.last_sequence)

    async def bounds(self, request: StreamRequest, state: StreamState) -> Bounds:
        """Where the stream ends. A time that is past becomes a sequence, so that a client
        which reconnects at the end is told that there is no more."""
        if request.until_ns is None:
            return Bounds(request.limit)
        last = await self._lookup.before_time(request.until_ns + AFTER_UNTIL_NS)
        if last < state.last_sequence or request.until_ns <= time.time_ns():
            return Bounds(request.limit, last_sequence=last)
        return Bounds(request.limit, until_ns=request.until_ns)

    def _begin(self, subscriber: Subscriber, state: StreamState, *, resumed: bool) -> None:
        self._hub.enter(subscriber)
        opening = Piece(connected_frame(subscriber, state, resumed=resumed))
        subscriber.write_control(opening, cursor=subscriber.cursor)
        if gap := find_gap(subscriber.cursor, state):
            subscriber.skip_to(gap)
        subscriber.replay([], upto=subscriber.cursor)
        self._catch_up.start(subscriber)

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


def continues(start: Start) -> bool:
    """True if the client goes on from an event id that it was given."""
    return isinstance(start, After) and start.resumed and start.cursor > 0


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
