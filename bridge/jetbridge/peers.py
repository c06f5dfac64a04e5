"""Which other replicas are there. Pure: the clock is passed in."""

from __future__ import annotations

PRESENCE_SECONDS = 5.0
"""How often each replica says that it is there."""

FORGET_SECONDS = 60.0
"""How long after its last sign of life a replica is expected to answer; one that says
goodbye is not."""


class Peers:
    """The ids of replicas that were heard of lately."""

    def __init__(self, *, forget_seconds: float = FORGET_SECONDS) -> None:
        self._forget_seconds = forget_seconds
        self._heard: dict[str, float] = {}

    def heard(self, peer: str, now: float) -> bool:
        """Note a sign of life at `now`, in seconds of any clock; True if the peer is new."""
        new = peer not in self.known(now)
        self._heard[peer] = now
        return new

    def left(self, peer: str) -> None:
        """Note that a replica said goodbye: nobody waits for it any more."""
        self._heard.pop(peer, None)

    def known(self, now: float) -> set[str]:
        """The replicas that should answer at `now`."""
        self._heard = {
            peer: seen for peer, seen in self._heard.items() if now - seen < self._forget_seconds
        }
        return set(self._heard)
