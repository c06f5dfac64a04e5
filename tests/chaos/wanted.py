"""Which of the numbered events a client asks for."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from tests.chaos.numbered import KINDS, PERIOD, Kind, kind_of

PREFIX = "/api/v1/stream"


@dataclass(frozen=True)
class Wanted:
    """A stream: its path with a query that filters, and the same filter in our terms."""

    path: str
    agents: frozenset[str]
    kinds: frozenset[Kind] = KINDS

    def wants(self, agent: str, n: int) -> bool:
        return agent in self.agents and kind_of(n) in self.kinds

    def next_after(self, n: int) -> int:
        """The number of an agent's first wanted event after `n`."""
        return next(m for m in range(n + 1, n + PERIOD + 1) if kind_of(m) in self.kinds)

    def last_upto(self, n: int) -> int:
        """The number of an agent's last wanted event up to `n`; 0 if there is none."""
        wanted = (m for m in range(n, max(n - PERIOD, 0), -1) if kind_of(m) in self.kinds)
        return next(wanted, 0)


def everything(agents: frozenset[str]) -> Wanted:
    return Wanted(f"{PREFIX}/events?", agents)


def one_agent(agent: str) -> Wanted:
    return Wanted(f"{PREFIX}/agents/{quote(agent, safe='')}?", frozenset([agent]))


def some_agents(some: frozenset[str]) -> Wanted:
    listed = ",".join(quote(each, safe="") for each in sorted(some))
    return Wanted(f"{PREFIX}/events?agents={listed}", some)


def one_job(job: str, agents: frozenset[str], *, types: str = "") -> Wanted:
    """A job's progress, or with `types="*"` all of it."""
    kinds = frozenset(
        k for k in KINDS if k.job == job and (types or k.type == "calculation.progress")
    )
    query = f"event_types={types}" if types else ""
    return Wanted(f"{PREFIX}/jobs/{quote(job, safe='')}?{query}", agents, kinds)


def some_types(prefix: str, agents: frozenset[str]) -> Wanted:
    """Every event whose type begins so."""
    kinds = frozenset(k for k in KINDS if k.type.startswith(prefix))
    return Wanted(f"{PREFIX}/events?event_types={prefix}*", agents, kinds)
