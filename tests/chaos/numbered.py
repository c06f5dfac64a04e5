"""The events of a chaos run: all there is to an event follows from its agent and its number.

An agent numbers its events from 1. Each carries a hash over all before it, so that one
event tells whether what a client holds is the history that the agent has written.
"""

from __future__ import annotations

import hashlib
from typing import NamedTuple

import msgspec

JOBS = ("job:a", "job:b", "job:c", "job/d e")
TYPES = ("calculation.progress", "agent.status", "chaos.note")
PADDING = 150
LARGE_PADDING = 6_000
LARGE_EVERY = 40


class Kind(NamedTuple):
    """By which a client chooses: the job (None for none) and the type of an event."""

    job: str | None
    type: str


KINDS = frozenset(
    {Kind(None, "agent.status")}
    | {Kind(job, type) for job in JOBS for type in ("calculation.progress", "chaos.note")}
)


class Body(msgspec.Struct):
    """What a client reads of an event."""

    agent_id: str
    n: int
    chain: str
    pad: str


def _kind(n: int) -> Kind:
    type_ = TYPES[n % len(TYPES)]
    return Kind(None if type_ == "agent.status" else JOBS[n // len(TYPES) % len(JOBS)], type_)


PERIOD = len(JOBS) * len(TYPES)
"""After so many numbers the kinds come again."""

CYCLE = tuple(_kind(n) for n in range(PERIOD))


def kind_of(n: int) -> Kind:
    """The kind of an agent's event number `n`."""
    return CYCLE[n % PERIOD]


class Chains:
    """The hashes of all agents, as far as anybody has asked."""

    def __init__(self) -> None:
        self._links: dict[str, list[str]] = {}

    def link(self, agent: str, n: int) -> str:
        """The hash over the agent's events up to `n`."""
        links = self._links.setdefault(agent, [""])
        while len(links) <= n:
            number = len(links)
            text = f"{links[-1]} {agent} {number} {kind_of(number)}"
            links.append(hashlib.blake2b(text.encode(), digest_size=8).hexdigest())
        return links[n]

    def body(self, agent: str, n: int) -> dict[str, object]:
        """The payload of an agent's event number `n`; it fits the schema of its type."""
        link, kind = self.link(agent, n), kind_of(n)
        body: dict[str, object] = {"agent_id": agent, "n": n, "chain": link}
        match kind.type:
            case "calculation.progress":
                body |= {"job_id": kind.job, "progress_percent": n % 101}
            case "agent.status":
                body["status"] = "RUNNING"
            case _:
                pass
        return body | {"pad": padding(n, link)}

    def is_genuine(self, body: Body) -> bool:
        """True if this is what the agent has written under this number."""
        link = self.link(body.agent_id, body.n)
        return body.chain == link and body.pad == padding(body.n, link)


def padding(n: int, link: str) -> str:
    """What makes an event as large as it is; some are much larger than others."""
    size = LARGE_PADDING if n % LARGE_EVERY == 0 else PADDING
    return link * (size // len(link))
