"""What a slow connection has not taken: given up, as far as it can be read again."""

from __future__ import annotations

from jetbridge.backlog import Backlog, Discarded
from jetbridge.piece import Piece


def test_everything_that_waits_is_taken_in_one_piece() -> None:
    backlog = Backlog()
    backlog.add(Piece(b"one"), events=1, cursor=4)
    backlog.add(Piece(b"two"), events=2, cursor=9)
    assert backlog.waiting == 3
    piece, cursor = backlog.take()
    assert (piece.data, cursor) == (b"onetwo", 9)
    assert not backlog
    assert backlog.waiting == 0


def test_events_are_given_up_and_counted() -> None:
    backlog = Backlog()
    backlog.add(Piece(b"one"), events=1, cursor=4)
    backlog.add(Piece(b"two"), events=2, cursor=9)
    assert backlog.discard(taken=3) == Discarded(events=3, cursor=3)
    assert not backlog


def test_a_control_frame_stays_with_what_is_before_it() -> None:
    backlog = Backlog()
    backlog.add(Piece(b"event,"), events=1, cursor=4)
    backlog.add(Piece(b"gap,"), events=0, cursor=8)
    backlog.add(Piece(b"event"), events=1, cursor=9)
    assert backlog.discard(taken=3) == Discarded(events=1, cursor=8)
    assert backlog.take()[0].data == b"event,gap,"


def test_there_may_be_nothing_to_give_up() -> None:
    assert Backlog().discard(taken=3) == Discarded(events=0, cursor=3)
