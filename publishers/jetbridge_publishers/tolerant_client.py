"""nats-py's client, which stays alive whatever another client has published."""

from __future__ import annotations

from typing import Any, cast

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription

from jetbridge_publishers.headers import parse_headers
from jetbridge_publishers.message_parser import Handler, MessageParser


class TolerantClient(Client):
    """A client that passes on what it cannot read, rather than stopping there.

    A subject that is not UTF-8 comes with lone surrogates (`surrogateescape`) in place of
    the wrong bytes; broken headers come as no headers.
    """

    def __init__(self) -> None:
        super().__init__()
        self._messages = MessageParser(self)
        self._ps = self._messages

    async def listen(self, subject: str, handler: Handler) -> Listening:
        """Hand every message on `subject` to `handler` as soon as it is read, in order.

        For an inbox of one's own: what comes before this returns is lost. The handler must
        be quick, since nothing is read meanwhile, and what it raises is only logged.
        """
        subscription: Subscription = await cast("Any", self).subscribe(subject)
        sid = b"%d" % cast("Any", subscription)._id
        self._messages.handlers[sid] = handler
        return Listening(subscription, self._messages, sid)

    async def _process_headers(self, headers: bytes) -> dict[str, str] | None:
        return parse_headers(headers) if headers else None

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


class Listening:
    """A subscription whose messages go straight to a handler."""

    def __init__(self, subscription: Subscription, parser: MessageParser, sid: bytes) -> None:
        self._subscription = subscription
        self._parser = parser
        self._sid = sid

    async def unsubscribe(self) -> None:
        """Hear no more. Raises nats.errors.Error if the connection is closed."""
        self._parser.handlers.pop(self._sid, None)
        await self._subscription.unsubscribe()
