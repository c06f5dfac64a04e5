"""Counting what one replica has: its clients, its streams, its ring."""

from __future__ import annotations

from collections import Counter

from jetbridge.hub import Hub
from jetbridge.statistics import ReplicaNumbers, StreamNumbers
from jetbridge_schemas.version import __version__


def count(hub: Hub, replica_id: str, *, draining: bool, max_history: int) -> ReplicaNumbers:
    """The present numbers of the replica whose hub this is."""
    return ReplicaNumbers(
        id=replica_id,
        version=__version__,
        draining=draining,
        total_streams=len(hub.by_view),
        clients_by_state=dict(Counter(one.state.value for one in hub.subscribers)),
        counts=dict(hub.counts),
        first_seq=hub.state.first_sequence,
        last_seq=hub.ring.head,
        events_in_memory=len(hub.ring),
        streams=[
            StreamNumbers(
                kind=kind.value,
                id=id_,
                subscribers=subscribers,
                event_history_size=min(hub.history_size(kind, id_), max_history),
            )
            for (kind, id_), subscribers in hub.by_view.items()
        ],
    )
