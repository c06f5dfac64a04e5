"""The body of an HTTP/1.1 response, as far as it has come."""

from __future__ import annotations


class Body:
    """Feed it what the socket gives, wherever it is cut; it gives back the body.

    It comes in chunks (RFC 9112, 7.1), unless its length is known.
    """

    def __init__(self, *, length: int | None = None) -> None:
        self.ended = length == 0
        self._length = length
        self._raw = bytearray()
        self._left = length or 0

    def feed(self, data: bytes) -> bytes:
        """The part of the body that these bytes complete."""
        self._raw += data
        body = bytearray()
        while self._raw and not self.ended and (self._left or self._next_chunk()):
            piece = self._raw[: self._left]
            body += piece
            self._left -= len(piece)
            del self._raw[: len(piece)]
            self.ended = self._length is not None and not self._left
        return bytes(body)

    def _next_chunk(self) -> bool:
        """Read the line with the size of the next chunk, if it is there."""
        if self._raw.startswith(b"\r\n"):
            del self._raw[:2]
        line, end, _ = self._raw.partition(b"\r\n")
        if not end or not line:
            return False
        del self._raw[: len(line) + 2]
        self._left = int(line, 16)
        self.ended = self._left == 0
        return not self.ended
