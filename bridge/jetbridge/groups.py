"""Live clients with equal filters: their frames are joined once and written to each."""

from __future__ import annotations

from jetbridge.event import Batch, Event
from jetbridge.filters import Filter
from jetbridge.frames import Framing
from jetbridge.router import Router
from jetbridge.subscriber import Subscriber


class Group:
    """Live subscribers that want the same events in the same framing."""

    __slots__ = ("filter", "framing", "members", "pending")

    def __init__(self, wanted: Filter, framing: Framing) -> None:
        self.filter = wanted
        self.framing = framing
        self.members: set[Subscriber] = set()
        self.pending: list[Event] = []

    def flush(self) -> list[Subscriber]:
        """Write what is pending to every member; return those that are live no more."""
        batch = Batch(self.pending, self.framing)
        self.pending = []
        return [member for member in self.members if not member.deliver(batch)]


class Groups:
    """All groups, and the way from an event to them."""

    def __init__(self) -> None:
        self._groups: dict[tuple[Filter, Framing], Group] = {}
        self._router: Router[Group] = Router()
        self._dirty: set[Group] = set()

    def __len__(self) -> int:
        return len(self._groups)

    def add(self, subscriber: Subscriber) -> None:
        """Deliver to this subscriber from the next routed event on.

        Events that wait in its group are flushed by the caller first: it has them already.
        """
        key = (subscriber.view.filter, subscriber.framing)
        group = self._groups.get(key)
        if group is None:
            group = self._groups[key] = Group(*key)
            self._router.add(group, group.filter)
        group.members.add(subscriber)

    def remove(self, subscriber: Subscriber) -> None:
        """Deliver nothing more to this subscriber."""
        key = (subscriber.view.filter, subscriber.framing)
        group = self._groups.get(key)
        if group is None:
            return
        group.members.discard(subscriber)
        if not group.members:
            del self._groups[key]
            self._dirty.discard(group)
            self._router.remove(group, group.filter)

    def route(self, event: Event) -> None:
        """Put the event where it is wanted; nothing is written before `flush`."""
        for group in self._router.route(event):
            group.pending.append(event)
            self._dirty.add(group)

    @property
    def dirty(self) -> bool:
        """True if something waits for `flush`."""
        return bool(self._dirty)

    @property
    def joined(self) -> int:
        """How many events `flush` would write together to one client, at most."""
        return max((len(group.pending) for group in self._dirty), default=0)

    def flush(self) -> list[Subscriber]:
        """Write everything that waits; return subscribers that are live no more."""
        dirty, self._dirty = self._dirty, set()
        left = [subscriber for group in dirty for subscriber in group.flush()]
        for subscriber in left:
            self.remove(subscriber)
        return left

    def live(self) -> list[Subscriber]:
        """Every live subscriber."""
        return [member for group in self._groups.values() for member in group.members]
