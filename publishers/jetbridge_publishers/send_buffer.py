"""The events that are not stored yet, in the order in which they were emitted."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Iterable


@dataclass(slots=True, eq=False)
class Outgoing:
    """One event on its way: what is sent, until when, and who waits for its sequence.

    `number` names the event in replies, the same in every attempt. `deadline` is in
    seconds of the event loop's clock.
    """

    number: int
    subject: str
    payload: bytes
    headers: dict[str, str]
    deadline: float
    future: asyncio.Future[int]

    @property
    def size(self) -> int:
        return len(self.payload)


class SendBuffer:
    """A queue with bounds, from whose head events are taken in batches and put back.

    An event counts against the bounds from `put` until `settle`, also while it is taken.
    """

    def __init__(self, *, max_events: int, max_bytes: int) -> None:
        self._max_events = max_events
        self._max_bytes = max_bytes
        self._queue: deque[Outgoing] = deque()
        self._unsettled: dict[int, Outgoing] = {}
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._unsettled)

    @property
    def has_waiting(self) -> bool:
        """True if there is an event to take."""
        return self._head() is not None

    def has_room(self, size: int) -> bool:
        """True if an event of `size` bytes fits. One event always fits an empty buffer."""
        if not self._unsettled:
            return True
        return len(self._unsettled) < self._max_events and self._bytes + size <= self._max_bytes

    def put(self, event: Outgoing) -> None:
        self._unsettled[event.number] = event
        self._bytes += event.size
        self._queue.append(event)

    def take(self, *, max_events: int, max_bytes: int) -> list[Outgoing]:
        """The next events, at least one if there is any, up to the bounds.

        Events that were settled or given up meanwhile are left out.
        """
        batch: list[Outgoing] = []
        size = 0
        while len(batch) < max_events and (event := self._head()) is not None:
            size += event.size
            if batch and size > max_bytes:
                break
            batch.append(self._queue.popleft())
        return batch

    def put_back(self, batch: Iterable[Outgoing]) -> int:
        """Return what of a batch is not settled to the head of the queue; say how many."""
        rest = [event for event in batch if event.number in self._unsettled]
        self._queue.extendleft(reversed(rest))
        return len(rest)

    def get(self, number: int) -> Outgoing | None:
        """The event `number`; None when it is settled."""
        return self._unsettled.get(number)

    def settle(self, number: int) -> Outgoing | None:
        """Forget the event `number`, its fate being known; None if it was settled before."""
        event = self._unsettled.pop(number, None)
        if event is not None:
            self._bytes -= event.size
        return event

    def expired(self, now: float) -> list[Outgoing]:
        """The unsettled events whose deadline has passed, oldest first."""
        return [event for event in self._unsettled.values() if event.deadline <= now]

    def unsettled(self) -> list[Outgoing]:
        """All events that are not settled, oldest first."""
        return list(self._unsettled.values())

    def _head(self) -> Outgoing | None:
        while self._queue:
            event = self._queue[0]
            if event.future.done():
                self.settle(event.number)
            if event.number in self._unsettled:
                return event
            self._queue.popleft()
        return None
