"""Whose cursor it is, and what it is called in NATS. Pure."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import msgspec

from jetbridge.filters import Filter

CURSOR_PREFIX = "sse_"
"""How the names of all cursors begin: an operator knows them among other consumers."""

DIGEST_CHARACTERS = 26
"""130 bits of a SHA-256 in base32: too many to find another client with the same."""

MAX_DESCRIBED = 100
"""Ids of a filter that are written down beside a cursor for people; the rest is counted."""


class Wanted(msgspec.Struct, frozen=True, omit_defaults=True):
    """A filter for people to read. `None` is any; `more` counts what is not listed."""

    agents: list[str] | None = None
    jobs: list[str] | None = None
    event_types: list[str] | None = None
    more: int = 0


@dataclass(frozen=True)
class ClientKey:
    """One client. `subject` is whom its token was given to, empty without authentication."""

    tenant: str
    subject: str
    client_id: str

    @cached_property
    def token(self) -> str:
        """The client as one token of letters and digits, the same for all its cursors."""
        return digest([self.tenant, self.subject, self.client_id])


@dataclass(frozen=True)
class CursorKey:
    """One cursor: a client has one for each filter that it uses."""

    client: ClientKey
    filter: Filter

    @cached_property
    def name(self) -> str:
        """The cursor's name in NATS: it begins with `client_prefix` of its client."""
        return client_prefix(self.client) + digest(canonical(self.filter))

    def wanted(self) -> Wanted:
        """The filter, for people."""
        parts = canonical(self.filter)
        listed = [part and part[:MAX_DESCRIBED] for part in parts]
        more = sum(len(part[MAX_DESCRIBED:]) for part in parts if part)
        return Wanted(*listed, more=more)


def client_prefix(client: ClientKey) -> str:
    """How the names of all cursors of a client begin."""
    return f"{CURSOR_PREFIX}{client.token}_"


def canonical(wanted: Filter) -> list[list[str] | None]:
    """Agents, jobs and types of a filter, the same for equal filters."""
    parts = (wanted.agents, wanted.jobs, wanted.types)
    return [None if part is None else sorted(part) for part in parts]


def digest(parts: Sequence[object]) -> str:
    """A short name for a list of texts: lower-case letters and digits 2 to 7."""
    hashed = hashlib.sha256(msgspec.json.encode(parts)).digest()
    return base64.b32encode(hashed).decode().lower()[:DIGEST_CHARACTERS]
