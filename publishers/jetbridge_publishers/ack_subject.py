"""What JetStream writes into the reply subject of a message it delivers."""

from __future__ import annotations

from typing import NamedTuple


class AckSubject(NamedTuple):
    """`delivered` counts the deliveries of this message, from 1."""

    delivered: int
    stream_sequence: int


def parse_ack_subject(reply: str) -> AckSubject:
    """Both forms: `$JS.ACK` and nine tokens in all, or eleven and more with domain and account
    (ADR-15). Raises ValueError for anything else."""
    tokens = reply.split(".")
    if tokens[:2] != ["$JS", "ACK"] or len(tokens) < 9:
        raise ValueError(f"{reply!r} is no ack subject")
    at = 4 if len(tokens) == 9 else 6
    delivered, stream_sequence = tokens[at : at + 2]
    return AckSubject(int(delivered), int(stream_sequence))
