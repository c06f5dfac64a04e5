"""The cursors that this bridge holds: of clients that are connected, or left just now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from jetbridge.durable_cursor import DurableCursor
from jetbridge.subscriber import Subscriber

MAX_LINGERING = 10_000
"""Cursors of clients that have gone and that wait to be stored. If NATS stays away for
long, the oldest are given up: those clients will get events twice."""


class CursorRegistry:
    """Finds cursors by name, by client and by connection."""

    def __init__(self) -> None:
        self.given_up = 0
        """Cursors of clients that have gone and that never were stored."""
        self._by_name: dict[str, DurableCursor] = {}
        self._by_client: defaultdict[str, dict[str, DurableCursor]] = defaultdict(dict)
        self._by_subscriber: dict[Subscriber, DurableCursor] = {}
        self._lingering: dict[str, DurableCursor] = {}

    def __iter__(self) -> Iterator[DurableCursor]:
        return iter(list(self._by_name.values()))

    def __len__(self) -> int:
        return len(self._by_name)

    def get(self, name: str) -> DurableCursor | None:
        """The cursor of a name, if it is held."""
        return self._by_name.get(name)

    def of_client(self, token: str) -> list[DurableCursor]:
        """The cursors of a client, given by its key's token."""
        return list(self._by_client.get(token, {}).values())

    def connect(self, cursor: DurableCursor, subscriber: Subscriber, *, explicit: bool) -> None:
        """Hold a cursor for one connection more."""
        key = cursor.key
        cursor.connect(subscriber, explicit=explicit)
        self._by_subscriber[subscriber] = cursor
        self._by_name[key.name] = self._by_client[key.client.token][key.name] = cursor
        self._lingering.pop(key.name, None)

    def disconnect(self, subscriber: Subscriber) -> DurableCursor | None:
        """A connection is gone; returns its cursor."""
        cursor = self._by_subscriber.pop(subscriber, None)
        if cursor is None:
            return None
        cursor.disconnect(subscriber)
        if not cursor.connected and not cursor.forgotten:
            self._linger(cursor)
        return cursor

    def drop(self, cursor: DurableCursor) -> None:
        """Hold a cursor no more. Its connections, if it has any, go on without."""
        key = cursor.key
        if self._by_name.get(key.name) is not cursor:
            return
        del self._by_name[key.name], self._by_client[key.client.token][key.name]
        if not self._by_client[key.client.token]:
            del self._by_client[key.client.token]
        self._lingering.pop(key.name, None)

    def _linger(self, cursor: DurableCursor) -> None:
        self._lingering[cursor.key.name] = cursor
        if len(self._lingering) > MAX_LINGERING:
            self.given_up += 1
            self.drop(next(iter(self._lingering.values())))
