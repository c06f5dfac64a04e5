from __future__ import annotations

from jetbridge.peers import Peers


def test_a_replica_is_new_the_first_time_only() -> None:
    peers = Peers(forget_seconds=60)
    assert peers.heard("r1", now=0)
    assert not peers.heard("r1", now=5)


def test_a_replica_is_known_until_it_was_not_heard_of_for_long() -> None:
    peers = Peers(forget_seconds=60)
    peers.heard("r1", now=0)
    peers.heard("r2", now=30)
    assert peers.known(now=59) == {"r1", "r2"}
    assert peers.known(now=60) == {"r2"}
    assert peers.heard("r1", now=61)


def test_nobody_waits_for_a_replica_that_said_goodbye() -> None:
    peers = Peers(forget_seconds=60)
    peers.heard("r1", now=0)
    peers.left("r1")
    peers.left("r2")
    assert peers.known(now=1) == set()
