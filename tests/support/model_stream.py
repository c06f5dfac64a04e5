"""What JetStream holds and gives, in miniature: see `tests.support.model`."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from jetbridge.filters import Filter
from jetbridge.gaps import StreamState
from jetbridge.pull import StoredMessage


@dataclass
class ModelStream:
    """What JetStream would hold. Every event has a number that tells it from all others,
    in this incarnation of the stream and in those before; `gone` are those removed."""

    incarnation: int = 1
    first: int = 1
    last: int = 0
    published: list[str] = field(default_factory=list[str])
    stored: dict[int, int] = field(default_factory=dict[int, int])
    sequences: list[int] = field(default_factory=list[int])
    gone: set[int] = field(default_factory=set[int])

    @property
    def state(self) -> StreamState:
        return StreamState(str(self.incarnation), self.first, self.last)

    def publish(self, agent: str) -> None:
        """Store one event."""
        self.last += 1
        self.stored[self.last] = len(self.published)
        self.published.append(agent)
        self.sequences.append(self.last)

    def purge(self, below: int) -> None:
        """Remove everything below a sequence."""
        self.first = max(self.first, min(below, self.last + 1))
        self.gone |= {number for s, number in self.stored.items() if s < self.first}
        self.stored = {s: number for s, number in self.stored.items() if s >= self.first}

    def make_again(self, first: int) -> None:
        """Delete the stream and make another whose sequences begin at `first`."""
        self.gone |= set(self.stored.values())
        self.stored.clear()
        self.incarnation += 1
        self.first, self.last = first, first - 1

    def after(self, cursor: int) -> list[StoredMessage]:
        """What is there above a cursor."""
        return [
            StoredMessage(s, 0, f"evt.default.{self.published[n]}.-.tick", b'{"n":%d}' % n, None)
            for s, n in self.stored.items()
            if s > cursor
        ]


class ModelConsumer:
    """What a reader pulls from: the stream as it is at each pull."""

    def __init__(self, stream: ModelStream, wanted: Filter, after: int) -> None:
        self._stream = stream
        patterns = [s.replace(".", "[.]").replace("*", "[^.]+") for s in wanted.subjects()]
        self._subjects = re.compile("|".join(patterns).replace(">", ".+"))
        self._position = after
        self._batch: list[StoredMessage] = []
        self.outstanding = 0
        self.oversized = False
        self.pending = len(self._matching())

    async def pull(self, count: int, *, max_bytes: int) -> None:
        found = self._matching()
        self._batch, self.pending = found[:count], len(found[count:])
        self._position = max([self._position, *(m.sequence for m in self._batch)])

    async def next_batch(self) -> list[StoredMessage]:
        return self._batch

    def _matching(self) -> list[StoredMessage]:
        messages = self._stream.after(self._position)
        return [m for m in messages if self._subjects.fullmatch(m.subject)]
