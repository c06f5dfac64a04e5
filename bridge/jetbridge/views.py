"""The streams that clients can open: each a name, a filter and a default."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from jetbridge.filters import Filter


class ViewKind(StrEnum):
    """The kinds of stream."""

    GLOBAL = "global"
    AGENT = "agent"
    JOB = "job"


@dataclass(frozen=True)
class View:
    """One stream as clients see it: `id` is the agent's or job's, empty for the global one."""

    kind: ViewKind
    id: str
    filter: Filter

    @property
    def name(self) -> str:
        """The name in `connected` and in the statistics: the id itself, as in the guide."""
        return self.id or self.kind.value

    @property
    def key(self) -> tuple[ViewKind, str]:
        """What counts as one stream for limits and statistics, however it is filtered."""
        return self.kind, self.id

    def narrowed(
        self, *, agents: Iterable[str], jobs: Iterable[str], types: frozenset[str] | None
    ) -> View:
        """This view with the filters of a query. `types` replaces the view's default types."""
        narrowed = self.filter.narrowed(agents=agents, jobs=jobs)
        return replace(self, filter=replace(narrowed, types=types))


def global_view(tenant: str) -> View:
    """Every event of the tenant."""
    return View(ViewKind.GLOBAL, "", Filter(tenant))


def agent_view(tenant: str, agent: str) -> View:
    """Every event of one agent, its jobs included."""
    return View(ViewKind.AGENT, agent, Filter(tenant, agents=frozenset([agent])))


def job_view(tenant: str, job: str) -> View:
    """Every event of one job, whichever agent it comes from."""
    return View(ViewKind.JOB, job, Filter(tenant, jobs=frozenset([job])))


JOB_DEFAULT_TYPES = frozenset(["calculation.progress"])
"""What a job stream shows unless `event_types` says otherwise."""
