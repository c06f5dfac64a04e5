"""The most recent events in memory: what serves a reconnect without asking NATS."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from typing import TypeVar

from jetbridge.event import Event
from jetbridge.filters import Filter

K = TypeVar("K")

EVENT_OVERHEAD_BYTES = 400
"""Measured: what an Event costs beside its data and its frame (object, ids, lists)."""

EVICTED = Event(sequence=0, time_ns=0, tenant="", agent="", job=None, type="", data=b"")
"""Stands where an evicted event stood, so that its memory is free at once."""


class Ring:
    """Every event with a sequence in (`floor`, `head`], oldest first.

    `floor` is the sequence below which events are no longer held; `head` is the newest
    sequence the bridge has processed, whether it was an event or a dead letter.
    Both only grow, except by `restart`.
    """

    def __init__(self, *, max_events: int, max_bytes: int) -> None:
        self._max_events = max_events
        self._max_bytes = max_bytes
        self._events: list[Event] = []
        self._sequences: list[int] = []
        self._start = 0
        self._bytes = 0
        self.floor = 0
        self.head = 0
        self.by_agent: Counter[str] = Counter()
        self.by_job: Counter[str | None] = Counter()

    def __len__(self) -> int:
        return len(self._events) - self._start

    def restart(self, cursor: int) -> None:
        """Forget everything; the next event comes after `cursor`."""
        self._events.clear()
        self._sequences.clear()
        self._start = self._bytes = 0
        self.by_agent.clear()
        self.by_job.clear()
        self.floor = self.head = cursor

    def append(self, event: Event) -> None:
        """Hold the newest event, and let go of the oldest beyond the limits."""
        self._events.append(event)
        self._sequences.append(event.sequence)
        self._bytes += size_of(event)
        self.by_agent[event.agent] += 1
        self.by_job[event.job] += 1
        self.head = event.sequence
        while len(self) > self._max_events or self._bytes > self._max_bytes:
            self._evict()
        self._compact()

    def advance(self, sequence: int) -> None:
        """Note that everything up to `sequence` is processed, though it was no event."""
        self.head = sequence
        if not len(self):
            self.floor = sequence

    def trim(self, first_sequence: int) -> None:
        """Let go of events that are no longer in the stream, such as purged ones."""
        while len(self) and self._sequences[self._start] < first_sequence:
            self._evict()
        self.floor = max(self.floor, min(first_sequence - 1, self.head))
        self._compact()

    def after(self, cursor: int, wanted: Filter, *, max_bytes: int) -> tuple[list[Event], int]:
        """Matching events after `cursor`, up to about `max_bytes` of data (at least one
        event), and the cursor up to which the ring was searched.

        The cursor must not be below `floor`.
        """
        found: list[Event] = []
        size = 0
        for index in range(self._index(cursor), len(self._events)):
            event = self._events[index]
            if not wanted.matches(event):
                continue
            found.append(event)
            size += len(event.data)
            if size >= max_bytes:
                return found, event.sequence
        return found, max(cursor, self.head)

    def last_matching(self, wanted: Filter, count: int) -> tuple[int, int]:
        """How many of the last `count` matching events are held, and the cursor before them."""
        found = 0
        for index in range(len(self._events) - 1, self._start - 1, -1):
            if found == count:
                return found, self._sequences[index]
            found += wanted.matches(self._events[index])
        return found, self.floor

    def _index(self, cursor: int) -> int:
        return bisect_right(self._sequences, cursor, lo=self._start)

    def _evict(self) -> None:
        event = self._events[self._start]
        self._events[self._start] = EVICTED
        self._start += 1
        self._bytes -= size_of(event)
        self.floor = event.sequence
        count_down(self.by_agent, event.agent)
        count_down(self.by_job, event.job)

    def _compact(self) -> None:
        """Close up the places of evicted events now and then, not at each one."""
        if self._start > 1024 and self._start * 4 > len(self._events):
            del self._events[: self._start]
            del self._sequences[: self._start]
            self._start = 0


def count_down(counter: Counter[K], key: K) -> None:
    """Count one less; a key that counts nothing takes no memory."""
    counter[key] -= 1
    if not counter[key]:
        del counter[key]


def size_of(event: Event) -> int:
    """Bytes that an event takes in memory: its data, its frame, and the objects around them."""
    return 2 * len(event.data) + EVENT_OVERHEAD_BYTES
