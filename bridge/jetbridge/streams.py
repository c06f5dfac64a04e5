"""Opening streams and reading pages: from a request to what a client gets."""

from __future__ import annotations

import secrets
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from jetbridge.bounds import UNBOUNDED, Bounds
from jetbridge.catch_up import CatchUp
from jetbridge.cursor_keys import ClientKey, CursorKey
from jetbridge.durable_clients import Claim, DurableClients
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
from jetbridge_schemas.control import Connected, Gap
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
class Opening:
    """How a client's stream begins and ends, as of one state of JetStream's."""

    state: StreamState
    cursor: int
    bounds: Bounds
    resumed: bool
    snapshot: bool
    gap: Gap | None
    claim: Claim | None


class Streams:
    """Serves what is asked, or raises UnavailableError."""

    def __init__(
        self,
        settings: Settings,
        hub: Hub,
        catch_up: CatchUp,
        lookup: Lookup,
        query_state: Callable[[], Awaitable[StreamState]],
        *,
        durable: DurableClients,
    ) -> None:
        self._settings = settings
        self._hub = hub
        self._catch_up = catch_up
        self._lookup = lookup
        self._query_state = query_state
        self._durable = durable
        self.draining = False

    async def open(self, request: StreamRequest, sink: Sink) -> Subscriber:
        """Begin to serve a client through `sink`. Raises UnavailableError, or
        StreamEndedError when it resumes at or past the end of a bounded stream."""
        self._admit(request.view)
        opening = await self._locate(request, await self._claim(request))
        self._admit(request.view)
        subscriber = Subscriber(
            view=request.view,
            framing=request.framing,
            client_id=request.client_id or secrets.token_hex(8),
            cursor=opening.cursor,
            sink=sink,
            max_queue=self._settings.max_queue_size,
            bounds=opening.bounds,
            snapshot=opening.snapshot,
            pace=Pace(request.speed) if request.speed else None,
        )
        self._begin(subscriber, opening)
        if opening.claim is not None:
            self._durable.attach(opening.claim, subscriber, explicit=request.explicit_ack)
        return subscriber

    async def _claim(self, request: StreamRequest) -> Claim | None:
        """What is stored for a client with a `client_id`. One that brings no id is not sent
        on without its place before the store had time to answer."""
        key = cursor_key(request)
        if key is None:
            return None
        await self._query_state()  # tells at once if NATS is away
        brings_id = request.start is not None and continues(request.start)
        return await self._durable.find(key, patient=not brings_id)

    async def _locate(self, request: StreamRequest, claim: Claim | None) -> Opening:
        """Where the stream begins and ends; asked for again if the stream's sequences began
        anew meanwhile."""
        while True:
            epoch = self._hub.epoch
            opening = await self._opening(request, claim)
            if epoch == self._hub.epoch:
                return opening

    async def _opening(self, request: StreamRequest, claim: Claim | None) -> Opening:
        state = await self._query_state()
        start = self._start(request, claim, state)
        resumed = continues(start)
        snapshot = request.snapshot and not resumed
        # Position 0 says "nothing yet": a client cut off here asks for the snapshot again.
        cursor = 0 if snapshot else await self.resolve(start, request.view, state)
        bounds = await self.bounds(request, state)
        if resumed and bounds.last_sequence is not None and cursor >= bounds.last_sequence:
            raise StreamEndedError("this stream has ended")
        gap = None if snapshot else find_gap(cursor, state, seen=self._hub.position)
        if claim is not None:
            first = cursor if gap is None else gap.first_available - 1
            claim = await self._durable.secure(claim, first, state)
        return Opening(state, cursor, bounds, resumed, snapshot, gap, claim)

    def _start(self, request: StreamRequest, claim: Claim | None, state: StreamState) -> Start:
        """An event id that the client brings, then its durable cursor, then what it asks for."""
        start = request.start or Latest()
        place = None if claim is None else self._durable.place(claim, state)
        if place is None or continues(start):
            return start
        return After(place, resumed=True)

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
                return min(await self._lookup.before_time(time_ns), state.last_sequence)
            case Recent():
                return min(await self._before_recent(view, state), state.last_sequence)

    async def bounds(self, request: StreamRequest, state: StreamState) -> Bounds:
        """Where the stream ends. A time that is past becomes a sequence, so that a client
        which reconnects at the end is told that there is no more."""
        if request.until_ns is None:
            return UNBOUNDED if request.limit is None else Bounds(request.limit)
        last = await self._lookup.before_time(request.until_ns + AFTER_UNTIL_NS)
        if last < state.last_sequence or request.until_ns <= time.time_ns():
            return Bounds(request.limit, last_sequence=last)
        return Bounds(request.limit, until_ns=request.until_ns)

    def _begin(self, subscriber: Subscriber, opening: Opening) -> None:
        self._hub.enter(subscriber)
        opened = Piece(connected_frame(subscriber, opening))
        subscriber.write_control(opened, cursor=subscriber.cursor)
        if opening.gap is not None:
            subscriber.skip_to(opening.gap)
            # It is nowhere else, whatever it thinks: nothing has been sent yet.
            subscriber.sink.taken = subscriber.cursor
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


def cursor_key(request: StreamRequest) -> CursorKey | None:
    """Whose cursor, and for what, a request with a `client_id` is about."""
    if request.client_id is None:
        return None
    wanted = request.view.filter
    return CursorKey(ClientKey(wanted.tenant, "", request.client_id), wanted)


def connected_frame(subscriber: Subscriber, opening: Opening) -> bytes:
    """The opening of every stream: its id lets a client resume before its first event."""
    claim = opening.claim
    data = Connected(
        client_id=subscriber.client_id,
        stream=subscriber.view.name,
        cursor=subscriber.cursor,
        first_seq=opening.state.first_sequence,
        last_seq=opening.state.last_sequence,
        resumed=opening.resumed,
        durable=claim is not None and claim.durable,
        durable_reason=claim and claim.refusal,
        durable_cursor=claim.key.name if claim is not None and claim.durable else None,
    )
    return retry_line(RECONNECT_MS) + control_frame("connected", subscriber.cursor, data)
