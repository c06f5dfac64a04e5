"""One client's cursor as this bridge sees it: its open connections, and how far it is safe.

Pure: what is stored when and where is somebody else's business.
"""

from __future__ import annotations

from jetbridge.cursor_keys import CursorKey
from jetbridge.cursor_rules import Reach, ack_bound, safe_position
from jetbridge.subscriber import Subscriber


class Connection:
    """One open connection of a client. `explicit`: the client acks what it has worked off."""

    __slots__ = ("_epoch", "_subscriber", "explicit")

    def __init__(self, subscriber: Subscriber, *, explicit: bool) -> None:
        self.explicit = explicit
        self._subscriber = subscriber
        self._epoch = subscriber.epoch

    def reach(self, epoch: int) -> Reach | None:
        """How far it is; `None` while that is a place in sequences that are no more."""
        client, sink = self._subscriber, self._subscriber.sink
        if client.epoch != epoch:
            return None
        if self._epoch != epoch:
            if not sink.idle or sink.settled() > client.cursor:
                return None
            self._epoch = epoch
        return Reach(sink.settled(), sink.taken, self.explicit)


class DurableCursor:
    """A cursor, and the connections that share it.

    `stored` is where the store has it, as far as is known; `acked` the newest id that an
    acking client has acked. Both belong to the sequences of `epoch`.
    """

    def __init__(self, key: CursorKey, *, position: int, epoch: int, now: float) -> None:
        self.key = key
        self.stored = position
        self.acked = position
        self.epoch = epoch
        self.renewed_at = now
        """When the store last heard of its client, in seconds of the loop's clock."""
        self.forgotten = False
        """Deleted on demand: it is not to be stored again."""
        self.left = False
        """The last connection has gone since the last checkpoint."""
        self._last = position
        self._connections: dict[Subscriber, Connection] = {}

    @property
    def connected(self) -> bool:
        """True while a connection is open."""
        return bool(self._connections)

    @property
    def explicit(self) -> bool:
        """True if a connection moves the cursor by acks."""
        return any(connection.explicit for connection in self._connections.values())

    def connect(self, subscriber: Subscriber, *, explicit: bool) -> None:
        """Take note of a new connection."""
        self._connections[subscriber] = Connection(subscriber, explicit=explicit)
        self.left = False

    def disconnect(self, subscriber: Subscriber) -> None:
        """Take note of where a connection has ended."""
        self._last = self.position(self.epoch)
        self._connections.pop(subscriber, None)
        self.left = not self._connections

    def position(self, epoch: int) -> int:
        """What is safe to store, never before what is stored."""
        if epoch != self.epoch:
            return self.stored
        reaches = self._reaches()
        if reaches is None:
            return max(self.stored, self._last)
        return safe_position(reaches, acked=self.acked, stored=max(self.stored, self._last))

    def bound(self) -> int:
        """The newest id that its client can have got."""
        return ack_bound(self._reaches() or ())

    def ack(self, sequence: int) -> None:
        """Take note of an ack."""
        self.acked = max(self.acked, sequence)

    def is_dirty(self, epoch: int) -> bool:
        """True if there is something to store."""
        return self.left or epoch != self.epoch or self.position(epoch) > self.stored

    def confirm(self, position: int) -> None:
        """Take note of where the store has it now: another bridge may have moved it on."""
        self.stored = max(self.stored, position)
        self.acked = max(self.acked, position)

    def begin_anew(self, epoch: int, position: int) -> None:
        """The sequences begin anew: what was stored means nothing any more."""
        self.epoch = epoch
        self.stored = self.acked = self._last = position

    def _reaches(self) -> list[Reach] | None:
        reaches: list[Reach] = []
        for connection in self._connections.values():
            reach = connection.reach(self.epoch)
            if reach is None:
                return None
            reaches.append(reach)
        return reaches
