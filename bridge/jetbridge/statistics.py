"""The numbers of one replica, and how those of several are added up. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

import msgspec


class StreamNumbers(msgspec.Struct, frozen=True):
    """One open stream: its kind (global, agent, job), its id, who watches it."""

    kind: str
    id: str
    subscribers: int
    event_history_size: int = 0


class ReplicaNumbers(msgspec.Struct, frozen=True, kw_only=True):
    """What one replica says of itself; `peers` are the others that it knows.

    Unknown fields of a newer version are ignored, and those that an older one does not
    send count as nothing.
    """

    id: str
    version: str = ""
    draining: bool = False
    total_streams: int = 0
    clients_by_state: dict[str, int] = {}
    counts: dict[str, int] = {}
    first_seq: int = 0
    last_seq: int = 0
    events_in_memory: int = 0
    peers: list[str] = []
    streams: list[StreamNumbers] = []

    @property
    def clients(self) -> int:
        """Clients that are connected."""
        return sum(self.clients_by_state.values())


class ReplicaSummary(msgspec.Struct, frozen=True, kw_only=True):
    """One replica in the list of all."""

    id: str
    version: str
    draining: bool
    clients: int
    streams: int
    first_seq: int
    last_seq: int
    events_in_memory: int


class ActiveStream(msgspec.Struct, frozen=True):
    """One stream, as in the process heat streaming guide."""

    subscribers: int
    event_history_size: int


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """The body of `status`. The names of its first fields are those of the guide.

    `expected` replicas are known to be there, `answered` have given their numbers, and
    the ids of the others are in `silent`. `troubles` says in words what is missing.
    """

    total_clients: int
    total_streams: int
    active_streams: dict[str, ActiveStream]
    clients_by_state: dict[str, int]
    counts: dict[str, int]
    first_seq: int
    last_seq: int
    events_in_memory: int
    replicas: list[ReplicaSummary]
    answered: int
    expected: int
    silent: list[str]
    troubles: list[str]
    config: Mapping[str, object]


class Survey(NamedTuple):
    """The answers of the replicas, and what went wrong in asking."""

    answers: Sequence[ReplicaNumbers]
    troubles: Sequence[str] = ()


def merge(survey: Survey, config: Mapping[str, object]) -> Status:
    """All replicas as one: clients are summed, and a stream that several replicas serve is
    one stream. A replica that any other knows, and that did not answer, is silent. An id
    that answers twice counts once, the last answer."""
    replicas = sorted({one.id: one for one in survey.answers}.values(), key=lambda one: one.id)
    known = {peer for one in replicas for peer in one.peers}
    silent = sorted(known - {one.id for one in replicas})
    active = active_streams(stream for one in replicas for stream in one.streams)
    return Status(
        total_clients=sum(one.clients for one in replicas),
        total_streams=max([len(active), *(one.total_streams for one in replicas)]),
        active_streams=active,
        clients_by_state=added(one.clients_by_state for one in replicas),
        counts=added(one.counts for one in replicas),
        first_seq=max((one.first_seq for one in replicas), default=0),
        last_seq=max((one.last_seq for one in replicas), default=0),
        events_in_memory=max((one.events_in_memory for one in replicas), default=0),
        replicas=[summary(one) for one in replicas],
        answered=len(replicas),
        expected=len(replicas) + len(silent),
        silent=silent,
        troubles=[*survey.troubles, *_what_is_missing(replicas, silent)],
        config=config,
    )


def added(counts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    """Counts of the same names, added up."""
    total: Counter[str] = Counter()
    for one in counts:
        total.update(one)
    return dict(total)


def summary(numbers: ReplicaNumbers) -> ReplicaSummary:
    """One replica, without its streams."""
    return ReplicaSummary(
        id=numbers.id,
        version=numbers.version,
        draining=numbers.draining,
        clients=numbers.clients,
        streams=numbers.total_streams,
        first_seq=numbers.first_seq,
        last_seq=numbers.last_seq,
        events_in_memory=numbers.events_in_memory,
    )


def active_streams(streams: Iterable[StreamNumbers]) -> dict[str, ActiveStream]:
    """Streams by name, subscribers summed. The name is the id itself, as in the guide;
    where two streams would share one, `agent/…` and `job/…` tell them apart."""
    subscribers: Counter[tuple[str, str]] = Counter()
    history: dict[tuple[str, str], int] = {}
    for stream in streams:
        key = (stream.kind, stream.id)
        subscribers[key] += stream.subscribers
        history[key] = max(history.get(key, 0), stream.event_history_size)
    plain = Counter(id_ or kind for kind, id_ in subscribers)
    long = {f"{kind}/{id_}" for kind, id_ in subscribers if id_}
    return {
        _name(kind, id_, plain, long): ActiveStream(count, history[kind, id_])
        for (kind, id_), count in subscribers.items()
    }


def _name(kind: str, id_: str, plain: Mapping[str, int], long: Collection[str]) -> str:
    if not id_:
        return kind
    return f"{kind}/{id_}" if plain[id_] > 1 or id_ in long else id_


def _what_is_missing(replicas: Sequence[ReplicaNumbers], silent: Sequence[str]) -> list[str]:
    troubles: list[str] = []
    if silent:
        troubles.append(f"no answer from {', '.join(silent)}: their clients are not counted")
    for one in replicas:
        if one.total_streams > len(one.streams):
            left_out = one.total_streams - len(one.streams)
            troubles.append(f"{one.id} left out the {left_out} streams with the fewest clients")
    return troubles


def fitting(numbers: ReplicaNumbers, max_bytes: int) -> bytes:
    """`numbers` as JSON of at most `max_bytes`, without the streams that have the fewest
    subscribers if there are too many of them."""
    encoded = msgspec.json.encode(numbers)
    streams = sorted(numbers.streams, key=lambda stream: -stream.subscribers)
    while len(encoded) > max_bytes and streams:
        streams = streams[: len(streams) * max_bytes // (len(encoded) + 1)]
        encoded = msgspec.json.encode(msgspec.structs.replace(numbers, streams=streams))
    return encoded
