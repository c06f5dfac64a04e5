"""Messages that are no events, one of each kind."""

from __future__ import annotations

from typing import NamedTuple

from jetbridge.embedded import NatsServer
from jetbridge_schemas.dead_letters import DeadLetter
from jetbridge_schemas.reasons import DeadLetterReason
from tests.support.raw_nats import raw_publish

BAD_SUBJECT, BAD_JSON, BAD_ENCODING, SCHEMA, TOO_LARGE = (
    DeadLetterReason.BAD_SUBJECT,
    DeadLetterReason.BAD_JSON,
    DeadLetterReason.BAD_ENCODING,
    DeadLetterReason.SCHEMA,
    DeadLetterReason.TOO_LARGE,
)


GOOD_SUBJECT = "evt.default.a.-.custom.x"


class Bad(NamedTuple):
    """A message that is no event: why, and a word that the explanation must hold."""

    reason: DeadLetterReason
    word: str
    subject: str | bytes
    body: bytes = b"{}"
    headers: bytes = b""

    @property
    def raw_subject(self) -> bytes:
        return self.subject.encode() if isinstance(self.subject, str) else self.subject

    def explains(self, letter: DeadLetter) -> bool:
        """True if the letter is about this message and says what is wrong."""
        same = letter.subject == self.raw_subject.decode(errors="backslashreplace")
        return same and letter.reason is self.reason and self.word in letter.message


def typed(content_type: str) -> bytes:
    return f"NATS/1.0\r\nContent-Type: {content_type}\r\n\r\n".encode()


MSGPACK = typed("application/msgpack")
STRUCTURED = typed("application/cloudevents+json")
BINARY_MSGPACK = (
    b"NATS/1.0\r\nce-specversion: 1.0\r\nce-datacontenttype: application/msgpack\r\n\r\n"
)

TOO_MUCH = b'{"agent_id":"a","status":"IDLE","progress_percent":101}'

SUBJECTS = [
    Bad(BAD_SUBJECT, "'*'", "evt.default.*.-.custom.x"),
    Bad(BAD_SUBJECT, "'*'", "evt.default.a.*.custom.x"),
    Bad(BAD_SUBJECT, "'*'", "evt.*.a.-.custom.x"),
    Bad(BAD_SUBJECT, "'*'", "evt.default.a.-.custom.*"),
    Bad(BAD_SUBJECT, "'>'", "evt.default.a.-.custom.>"),
    Bad(BAD_SUBJECT, "not evt.", "evt.default.>"),
    Bad(BAD_SUBJECT, "not evt.", "evt.default"),
    Bad(BAD_SUBJECT, "not evt.", "evt.default.a.-"),
    Bad(BAD_SUBJECT, "four parts", "evt.default.a.-.a.b.c.d.e"),
    Bad(BAD_SUBJECT, "reserved", "evt.default.a.-.heartbeat"),
    Bad(BAD_SUBJECT, "reserved", "evt.default.a.-.connected"),
    Bad(BAD_SUBJECT, "stands for no id", "evt.default.-.-.custom.x"),
    Bad(BAD_SUBJECT, "publish on the token a", "evt.default.=YQ.-.custom.x"),
    Bad(BAD_SUBJECT, "stands for no id", "evt.default.=.-.custom.x"),
    Bad(BAD_SUBJECT, "stands for no id", "evt.default.é.-.custom.x"),
    Bad(BAD_SUBJECT, "stands for no id", b"evt.default.\xff\xfe.-.custom.x"),
    Bad(BAD_SUBJECT, "not Unicode", b"evt.default.a.-.custom.\xff"),
    Bad(BAD_SUBJECT, "stands for no id", b"evt.default.a\x00.-.custom.x"),
    Bad(BAD_SUBJECT, "stands for no id", b"evt.default.a\x0b.-.custom.x"),
    Bad(BAD_SUBJECT, "stands for no id", b"evt.default.\x0c.-.custom.x"),
    Bad(BAD_SUBJECT, "no id", "evt." + "é" * 300 + ".a.-.custom.x"),
    Bad(BAD_SUBJECT, "128", "evt.default.a.-." + "x" * 129),
]
PAYLOADS = [
    Bad(BAD_JSON, "", GOOD_SUBJECT, b""),
    Bad(BAD_JSON, "truncated", GOOD_SUBJECT, b"{"),
    Bad(BAD_JSON, "object", GOOD_SUBJECT, b"[1]"),
    Bad(BAD_JSON, "object", GOOD_SUBJECT, b'"text"'),
    Bad(BAD_JSON, "object", GOOD_SUBJECT, b"null"),
    Bad(BAD_JSON, "trailing", GOOD_SUBJECT, b"{} {}"),
    Bad(BAD_JSON, "", GOOD_SUBJECT, b'{"a":NaN}'),
    Bad(BAD_JSON, "", GOOD_SUBJECT, b"{'a':1}"),
    Bad(BAD_JSON, "", GOOD_SUBJECT, b'{"a":"one\nline"}'),
    Bad(BAD_JSON, "", GOOD_SUBJECT, b"\xef\xbb\xbf{}"),
    Bad(BAD_JSON, "UTF-8", GOOD_SUBJECT, b'{"a":"\xff"}'),
    Bad(BAD_JSON, "UTF-8", GOOD_SUBJECT, b'{"a":"\xed\xa0\x80"}'),
    Bad(BAD_JSON, "deep", GOOD_SUBJECT, b'{"a":' * 50_000 + b"1" + b"}" * 50_000),
    Bad(BAD_JSON, "", GOOD_SUBJECT, b"nonsense", b"nonsense\r\n"),
    Bad(BAD_ENCODING, "MessagePack", GOOD_SUBJECT, b"\xc1", MSGPACK),
    Bad(BAD_ENCODING, "not a map", GOOD_SUBJECT, b"\x93\x01\x02\x03", MSGPACK),
    Bad(BAD_ENCODING, "MessagePack", GOOD_SUBJECT, b"{", BINARY_MSGPACK),
    Bad(BAD_ENCODING, "application/xml", GOOD_SUBJECT, b"<a/>", typed("application/xml")),
    Bad(BAD_ENCODING, "specversion", GOOD_SUBJECT, b'{"data":{}}', STRUCTURED),
    Bad(BAD_ENCODING, "0.3", GOOD_SUBJECT, b'{"specversion":"0.3","data":{}}', STRUCTURED),
    Bad(BAD_ENCODING, "data", GOOD_SUBJECT, b'{"specversion":"1.0"}', STRUCTURED),
    Bad(SCHEMA, "status", "evt.default.a.-.agent.status", b'{"agent_id":"a"}'),
    Bad(SCHEMA, "percent", "evt.default.a.-.agent.status", TOO_MUCH),
    Bad(SCHEMA, "alarm.update", "evt.default.a.-.alarm.update", b"{}"),
    Bad(SCHEMA, "", "evt.default.a.-.chat.text", b'{"type":"status"}'),
]  # fmt: skip
WRONG = [*SUBJECTS, *PAYLOADS]


async def publish_bad(server: NatsServer, bad: Bad) -> None:
    """Publish it, past every check of a decent client."""
    await raw_publish(server, bad.raw_subject, bad.body, bad.headers)
