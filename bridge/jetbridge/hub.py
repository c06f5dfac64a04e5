"""The hub: takes events from the tail, keeps the recent ones, gives them to live clients."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from functools import lru_cache

from jetbridge.decode import Decoder
from jetbridge.flusher import Flusher
from jetbridge.frames import control_frame
from jetbridge.gaps import StreamState
from jetbridge.groups import Groups
from jetbridge.piece import Piece
from jetbridge.pull import StoredMessage
from jetbridge.resume import Resume, go_on_in_another
from jetbridge.ring import Ring
from jetbridge.subscriber import State, Subscriber
from jetbridge.views import View, ViewKind
from jetbridge_schemas.control import Heartbeat
from jetbridge_schemas.timestamps import rfc3339

WRITE_BYTES = 64 * 1024
"""Events of so much data are written at once, however many come together: what is written
is what the connection of a client that takes nothing has to hold."""

KNOWN_VIEWS = 4096
"""Views of which all clients share one object, filter included: half a kilobyte each."""

UNKNOWN = StreamState(created="", first_sequence=1, last_sequence=0)


class Hub:
    """All clients of this process, live and not, and the ring they share.

    `on_lagging` is called with a client that has left live mode, and must bring it back;
    `on_leave` with one that is gone.
    Everything here runs in one event loop and never waits.
    """

    def __init__(
        self,
        *,
        ring: Ring,
        decoder: Decoder,
        flush_max_seconds: float,
        on_lagging: Callable[[Subscriber], None],
        on_leave: Callable[[Subscriber], None] = lambda _: None,
    ) -> None:
        self.ring = ring
        self.state = UNKNOWN
        self.epoch = 0
        """Grows each time the stream's sequences begin anew."""
        self.subscribers: set[Subscriber] = set()
        self.by_view: Counter[tuple[ViewKind, str]] = Counter()
        self.counts: Counter[str] = Counter()
        """What has happened to clients: `connected`, `lagged`, `stalled`."""
        self._decoder = decoder
        self._one_of_equal = lru_cache(KNOWN_VIEWS)(itself)
        self._groups = Groups()
        self._flusher = Flusher(self.flush, max_seconds=flush_max_seconds)
        self._unwritten = 0
        self._on_lagging = on_lagging
        self._on_leave = on_leave

    def take(self, messages: list[StoredMessage]) -> None:
        """Take the next messages of the stream, and write them to whoever is live."""
        for message in messages:
            event = self._decoder.decode(message)
            if event is None:
                self.ring.advance(message.sequence)
            else:
                self.ring.append(event)
                self._groups.route(event)
                self._unwritten += len(event.data)
                if self._unwritten >= WRITE_BYTES:
                    self.flush()
        if self._groups.dirty:
            self._flusher.request()

    @property
    def position(self) -> int:
        """The newest sequence that was taken: the tail's place."""
        return self.ring.head

    def resume(self, resume: Resume) -> None:
        """The tail goes on elsewhere: forget what is gone, and tell live clients what they miss.

        Clients that are not live find out by themselves, from their cursors.
        """
        self.flush()
        if resume.position != self.ring.head or resume.rewound:
            self.ring.restart(resume.position)
        if resume.gap is None:
            return
        self.epoch += resume.rewound
        for subscriber in self._groups.live():
            if resume.rewound or subscriber.cursor < resume.position:
                subscriber.epoch = self.epoch
                subscriber.skip_to(resume.gap_for(subscriber.cursor))

    def know(self, state: StreamState) -> None:
        """Learn the present state of the stream, and let go of what was removed from it.

        JetStream does not tell which events were removed from the middle, so then the ring
        serves none that are older; they are read from JetStream again.
        """
        before, self.state = self.state, state
        if before.created not in {"", state.created}:
            self.resume(go_on_in_another(self.position, state))
        elif state.holes > before.holes:
            self.ring.restart(self.ring.head)
        self.ring.trim(state.first_sequence)

    def enter(self, subscriber: Subscriber) -> None:
        """Count a new client. It is not live before `join`."""
        subscriber.epoch = self.epoch
        subscriber.view = self._one_of_equal(subscriber.view)
        self.subscribers.add(subscriber)
        self.by_view[subscriber.view.key] += 1
        self.counts["connected"] += 1

    def join(self, subscriber: Subscriber) -> None:
        """Make a client live that has everything up to the head of the ring."""
        subscriber.caught_up()
        self._groups.add(subscriber)

    def leave(self, subscriber: Subscriber) -> None:
        """Forget a client. Does nothing the second time."""
        subscriber.close()
        self._groups.remove(subscriber)
        if subscriber not in self.subscribers:
            return
        self.subscribers.remove(subscriber)
        self._on_leave(subscriber)
        self.counts["stalled"] += subscriber.sink.stalled
        self.by_view[subscriber.view.key] -= 1
        if not self.by_view[subscriber.view.key]:
            del self.by_view[subscriber.view.key]

    def flush(self) -> int:
        """Write everything that waits for live clients; return how many events went out
        together at most."""
        self._unwritten = 0
        joined = self._groups.joined
        for subscriber in self._groups.flush():
            if subscriber.state is State.LAGGING:
                self.counts["lagged"] += 1
                self._on_lagging(subscriber)
        return joined

    def heartbeat(self, subscribers: list[Subscriber]) -> None:
        """Show these clients that the stream is alive, and move the cursors of live ones.

        A client whose connection takes nothing gets none: it would only pile up.
        """
        self.flush()
        beat = Heartbeat(timestamp=rfc3339(time.time_ns()))
        live = Piece(control_frame("heartbeat", self.ring.head, beat))
        for subscriber in subscribers:
            if not subscriber.sink.idle or subscriber.closed:
                continue
            if subscriber.state is State.LIVE and subscriber.cursor <= self.ring.head:
                subscriber.write_control(live, cursor=self.ring.head)
            else:
                subscriber.control("heartbeat", beat)

    def expire(self, now_ns: int) -> None:
        """End live streams whose `until` has passed."""
        self.flush()
        for subscriber in list(self.subscribers):
            until = subscriber.bounds.until_ns
            if until is not None and until < now_ns and subscriber.state is State.LIVE:
                subscriber.finish(upto=self.ring.head)

    def history_size(self, kind: ViewKind, id_: str) -> int:
        """Recent events of a view that are held in memory."""
        match kind:
            case ViewKind.GLOBAL:
                return len(self.ring)
            case ViewKind.AGENT:
                return self.ring.by_agent[id_]
            case ViewKind.JOB:
                return self.ring.by_job[id_]

    def close(self) -> None:
        """End every stream."""
        self._flusher.cancel()
        for subscriber in list(self.subscribers):
            self.leave(subscriber)


def itself(view: View) -> View:
    """The same view; behind a cache, the first of all that are equal."""
    return view
