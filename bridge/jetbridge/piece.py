"""Bytes for many clients at once."""

from __future__ import annotations


class Piece:
    """Whole frames (at least one), and the same as one chunk of an HTTP/1.1 body.

    All clients of a group share one piece, so it is joined and framed once. Both forms are
    made at once: they are read for every client, and most clients take the chunk.
    """

    __slots__ = ("chunk", "data")

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.chunk = b"%x\r\n%b\r\n" % (len(data), data)
        """As RFC 9112, 7.1 has it. One without frames would end the body."""
