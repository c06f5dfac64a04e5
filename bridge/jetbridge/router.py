"""From an event to the groups of clients that want it, without asking the others."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Generic, TypeVar

from jetbridge.event import Event
from jetbridge.filters import Filter

G = TypeVar("G")


class Router(Generic[G]):
    """Groups by filter, indexed so that an event meets only groups that may want it.

    A filter with jobs is found by job, one with agents by agent; the rest by event type,
    whose few distinct values are remembered until a filter comes or goes.
    """

    def __init__(self) -> None:
        self._by_job: defaultdict[str, dict[G, Filter]] = defaultdict(dict)
        self._by_agent: defaultdict[str, dict[G, Filter]] = defaultdict(dict)
        self._by_type: dict[G, Filter] = {}
        self._type_memo: dict[str, list[tuple[G, Filter]]] = {}

    def add(self, group: G, wanted: Filter) -> None:
        """Route events that `wanted` matches to `group` from now on."""
        for index, key in self._places(wanted):
            index[key][group] = wanted
        if wanted.jobs is None and wanted.agents is None:
            self._by_type[group] = wanted
            self._type_memo.clear()

    def remove(self, group: G, wanted: Filter) -> None:
        """Route nothing to `group` any more; `wanted` as it was added."""
        for index, key in self._places(wanted):
            index[key].pop(group, None)
            if not index[key]:
                del index[key]
        if self._by_type.pop(group, None) is not None:
            self._type_memo.clear()

    def route(self, event: Event) -> Iterator[G]:
        """The groups that want this event."""
        if event.job is not None and event.job in self._by_job:
            for group, wanted in self._by_job[event.job].items():
                if wanted.matches(event):
                    yield group
        if event.agent in self._by_agent:
            for group, wanted in self._by_agent[event.agent].items():
                if wanted.matches(event):
                    yield group
        for group, wanted in self._wanting_type(event.type):
            if wanted.tenant == event.tenant:
                yield group

    def _places(self, wanted: Filter) -> Iterator[tuple[defaultdict[str, dict[G, Filter]], str]]:
        if wanted.jobs is not None:
            for job in wanted.jobs:
                yield self._by_job, job
        elif wanted.agents is not None:
            for agent in wanted.agents:
                yield self._by_agent, agent

    def _wanting_type(self, event_type: str) -> list[tuple[G, Filter]]:
        groups = self._type_memo.get(event_type)
        if groups is None:
            if len(self._type_memo) >= MAX_MEMO:
                self._type_memo.clear()
            groups = [(g, f) for g, f in self._by_type.items() if f.matches_type(event_type)]
            self._type_memo[event_type] = groups
        return groups


MAX_MEMO = 4096
"""Event types remembered; a publisher that invents types without end starts it anew."""
