"""Where a stream ends by itself. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from jetbridge.event import Event


@dataclass(frozen=True)
class Allowed:
    """The part of some events that is within bounds, and the cursor after it.

    `ended`: nothing may follow. `complete`: because everything up to the bound is sent.
    """

    events: Sequence[Event]
    cursor: int
    ended: bool = False
    complete: bool = False


@dataclass(frozen=True)
class Bounds:
    """Limits of one stream: so many events, or up to a time (nanoseconds since 1970) that
    is still to come, or up to a sequence. `None` is no limit."""

    limit: int | None = None
    until_ns: int | None = None
    last_sequence: int | None = None

    any: bool = field(init=False, compare=False, repr=False)
    """True if the stream ends by itself at all; asked for every event of every client."""

    def __post_init__(self) -> None:
        bounded = self.limit is not None or self.until_ns is not None or self.has_last
        object.__setattr__(self, "any", bounded)

    @property
    def has_last(self) -> bool:
        """True if the last sequence is already known."""
        return self.last_sequence is not None

    def cut(self, events: Sequence[Event], *, upto: int, sent: int) -> Allowed:
        """What of `events` may be sent to a client that was `sent` so many before."""
        if not self.any:
            return Allowed(events, upto)
        inside = [event for event in events if self._holds(event)]
        if self.limit is not None and sent + len(inside) >= self.limit:
            inside = inside[: self.limit - sent]
            return Allowed(inside, inside[-1].sequence if inside else upto, ended=True)
        if len(inside) < len(events):
            return Allowed(inside, self._end_before(events[len(inside)]), ended=True, complete=True)
        if self.last_sequence is not None and upto >= self.last_sequence:
            return Allowed(inside, self.last_sequence, ended=True, complete=True)
        return Allowed(inside, upto)

    def _holds(self, event: Event) -> bool:
        in_time = self.until_ns is None or event.time_ns <= self.until_ns
        return in_time and (self.last_sequence is None or event.sequence <= self.last_sequence)

    def _end_before(self, event: Event) -> int:
        return event.sequence - 1 if self.last_sequence is None else self.last_sequence


UNBOUNDED = Bounds()
"""What most streams have: one object for all of them."""
