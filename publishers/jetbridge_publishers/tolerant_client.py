"""nats-py's client, which stays alive whatever another client has published.

nats-server does not look into subjects and headers. nats-py does, and its reading loop
ends, for good and with the connection still open, at the first byte it cannot decode: one
message in a stream would stop everyone who reads it, again after every reconnect.
"""

from __future__ import annotations

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.protocol.parser import AWAITING_CONTROL_LINE, Parser

CRLF = b"\r\n"

WHITE_TO_NATS_PY = bytes.maketrans(b"\x0b\x0c", b"\x1a\x1a")
"""Vertical tab and form feed: letters to the server, separators to nats-py. SUBSTITUTE
(0x1a) stands in for them: like them, it is in no subject of the grammar."""


class TolerantClient(Client):
    """A client that passes on what it cannot read, rather than stopping there.

    A subject that is not UTF-8 comes with lone surrogates (`surrogateescape`) in place of
    the wrong bytes; broken headers come as no headers.
    """

    def __init__(self) -> None:
        super().__init__()
        self._ps = TolerantParser(self)

    async def _process_headers(self, headers: bytes) -> dict[str, str] | None:
        try:
            return await super()._process_headers(headers)  # pyright: ignore[reportUnknownMemberType] - untyped in nats-py
        except (ValueError, LookupError):
            return None

    def _build_message(
        self, sid: int, subject: bytes, reply: bytes, data: bytes, headers: dict[str, str] | None
    ) -> Msg:
        try:
            return super()._build_message(sid, subject, reply, data, headers)
        except UnicodeDecodeError:
            message = super()._build_message(sid, b"?", b"?", data, headers)
        message.subject = subject.decode(errors="surrogateescape")
        message.reply = reply.decode(errors="surrogateescape")
        return message


class TolerantParser(Parser):
    """A parser that does not stumble over a subject with odd white space in it."""

    def __init__(self, client: Client) -> None:
        super().__init__(client)  # pyright: ignore[reportUnknownMemberType] - untyped in nats-py
        self.buf = bytearray()
        self.needed = 0
        self.state = AWAITING_CONTROL_LINE

    async def parse(self, data: bytes = b"") -> None:
        """Parse what came. Raises ProtocolError for what is no NATS protocol."""
        if any(white in data or white in self.buf for white in (b"\x0b", b"\x0c")):
            await self._parse_line_by_line(data)
        else:
            await super().parse(data)

    async def _parse_line_by_line(self, data: bytes) -> None:
        rest, self.buf = self.buf + data, bytearray()
        while rest:
            if self.state == AWAITING_CONTROL_LINE:
                line, end, _ = rest.partition(CRLF)
                if not end:
                    self.buf = rest
                    return
                if line.startswith((b"MSG ", b"HMSG ")):
                    rest[: len(line)] = line.translate(WHITE_TO_NATS_PY)
                size = len(line) + len(CRLF)
            else:
                size = self.needed + len(CRLF)
            part = bytes(rest[:size])
            del rest[:size]
            await super().parse(part)
