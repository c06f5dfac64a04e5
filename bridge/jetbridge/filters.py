"""Which events a client wants: a pure predicate, and its cover in NATS subjects."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from jetbridge.event import Event
from jetbridge_schemas.errors import InvalidSubjectError, JetbridgeError
from jetbridge_schemas.subjects import CONTROL_TYPES, check_event_type, encode_id

MAX_SUBJECTS = 256
"""A consumer with more filter subjects than this is made wider instead; the bridge looks again."""


NO_AGENT = "-"
"""A token that stands for no agent: a consumer of it gets nothing, one of no subject at all
would get everything."""


class FilterError(JetbridgeError):
    """An event type pattern that cannot be understood."""


@dataclass(frozen=True)
class Filter:
    """Events of one tenant, narrowed by agents, jobs and event types.

    `None` means any. A type may end in `*`, which stands for any rest, dots included.
    Two filters that are equal share one group, and so their joined frames.
    """

    tenant: str
    agents: frozenset[str] | None = None
    jobs: frozenset[str] | None = None
    types: frozenset[str] | None = None
    exact_types: frozenset[str] = field(init=False, compare=False, repr=False)
    type_prefixes: tuple[str, ...] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        types = self.types or frozenset()
        prefixes = tuple(sorted(each[:-1] for each in types if each.endswith("*")))
        object.__setattr__(self, "type_prefixes", prefixes)
        object.__setattr__(self, "exact_types", frozenset(t for t in types if t[-1] != "*"))

    def matches(self, event: Event) -> bool:
        """True if a client with this filter wants the event."""
        return (
            event.tenant == self.tenant
            and (self.agents is None or event.agent in self.agents)
            and (self.jobs is None or event.job in self.jobs)
            and self.matches_type(event.type)
        )

    def matches_type(self, event_type: str) -> bool:
        """True if events of this type are wanted."""
        return (
            self.types is None
            or event_type in self.exact_types
            or event_type.startswith(self.type_prefixes)
        )

    def narrowed(self, *, agents: Iterable[str], jobs: Iterable[str]) -> Filter:
        """This filter and, where they are given, only these agents and jobs."""
        return Filter(
            self.tenant,
            _intersect(self.agents, frozenset(agents)),
            _intersect(self.jobs, frozenset(jobs)),
            self.types,
        )

    def subjects(self) -> list[str]:
        """NATS subjects that cover every matching event, none contained in another.

        The cover may be wider than the filter (a `Work*` is no NATS wildcard, and the
        number of subjects is bounded), so what comes back is to be matched again.
        nats-server refuses overlapping filter subjects with error 10138.
        """
        agents = _tokens(self.agents)
        jobs = _tokens(self.jobs)
        types = _type_subjects(self.types)
        if len(agents) * len(jobs) * len(types) > MAX_SUBJECTS:
            types = [">"]
        if len(agents) * len(jobs) > MAX_SUBJECTS:
            agents, jobs = _narrower_alone(agents, jobs)
        tenant = encode_id(self.tenant)
        if not agents or not jobs:
            return [f"evt.{tenant}.{NO_AGENT}.{NO_AGENT}.>"]
        return [f"evt.{tenant}.{a}.{j}.{t}" for a in agents for j in jobs for t in types]


def parse_types(patterns: Iterable[str]) -> frozenset[str] | None:
    """The type patterns of a request; `None`, any type, if there are none or one is `*`.

    Raises FilterError for what is neither an event type nor the beginning of one with a `*`.
    The names of control events are accepted, and match no event.
    """
    types = frozenset(patterns)
    for each in types - CONTROL_TYPES:
        # Whatever the `*` stands for, it is at least one letter.
        example = f"{each[:-1]}x" if each.endswith("*") else each
        try:
            check_event_type(example)
        except InvalidSubjectError as error:
            raise FilterError(
                f"event_types={each[:80]!r} is neither a type nor the beginning of one with a `*` "
                f"after it: {error}",
                hint="for example event_types=agent.status,Workflow*",
            ) from error
    return None if not types or "*" in types else types


def _intersect(ours: frozenset[str] | None, theirs: frozenset[str] | None) -> frozenset[str] | None:
    if not theirs:
        return ours
    return theirs if ours is None else ours & theirs


def _tokens(ids: frozenset[str] | None) -> list[str]:
    return ["*"] if ids is None else sorted(encode_id(each) for each in ids)


def _narrower_alone(agents: list[str], jobs: list[str]) -> tuple[list[str], list[str]]:
    shorter_is_agents = len(agents) <= len(jobs)
    agents, jobs = (agents, ["*"]) if shorter_is_agents else (["*"], jobs)
    return (agents, jobs) if max(len(agents), len(jobs)) <= MAX_SUBJECTS else (["*"], ["*"])


def _type_subjects(types: frozenset[str] | None) -> list[str]:
    if types is None:
        return [">"]
    subjects = sorted({_type_subject(each) for each in types})
    wide = [each[:-1] for each in subjects if each.endswith(">")]
    return [each for each in subjects if not any(_inside(each, stem) for stem in wide)]


def _type_subject(pattern: str) -> str:
    if not pattern.endswith("*"):
        return pattern
    stem, dot, _ = pattern[:-1].rpartition(".")
    return f"{stem}{dot}>"


def _inside(subject: str, stem: str) -> bool:
    """True if `stem>` covers the subject, and is not the subject itself."""
    return subject.startswith(stem) and subject != f"{stem}>"
