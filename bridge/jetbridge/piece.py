"""Bytes for many clients at once."""

from __future__ import annotations


class Piece:
    """Whole frames, and the same as one chunk of an HTTP/1.1 body, made when first asked for.

    All clients of a group share one piece, so it is joined and framed once.
    """

    __slots__ = ("_chunk", "data")

    def __init__(self, data: bytes) -> None:
        self.data = data
        self._chunk: bytes | None = None

    @property
    def chunk(self) -> bytes:
        """The frames as a chunk (RFC 9112, 7.1). There must be some: an empty one ends a body."""
        if self._chunk is None:
            self._chunk = b"%x\r\n%b\r\n" % (len(self.data), self.data)
        return self._chunk
