"""What nats-server stores and nats-py cannot read is a dead letter; its neighbours come."""

from __future__ import annotations

import pytest

from jetbridge.embedded import NatsServer
from jetbridge_schemas.reasons import DeadLetterReason
from tests.support.arena import arena
from tests.support.bridge import publish
from tests.support.raw_nats import raw_publish, raw_send

SUBJECT = b"evt.default.agent:1.-.custom.tick"

BAD_SUBJECTS = [
    b"evt.default.\xff.-.custom.tick",
    b"evt.default.agent:1.-.custom.\xc3\x28",
    b"evt.\xf0\x9f.agent:1.-.custom.tick",
    b"evt.default.a\x0bb.-.custom.tick",
    b"evt.default.a\x0cb.-.custom.tick",
    b"evt.default.\x00.-.custom.tick",
    b"evt.default.*.-.custom.tick",
    b"evt.>",
]

BROKEN_HEADERS = [
    b"X",
    b"NATS/1.0",
    b"NATS/1.0\r\n\xff: a\r\nno colon\r\n\r\n",
    b"NATS/1.0 \xff\xff\xff\r\n\r\n",
    b"NATS/1.0 100 Idle Heartbeat\r\n\r\n",
    b"NATS/1.0 404 \xff\xfe\r\nA: b\r\n\r\n",
]


@pytest.mark.parametrize("ring_max_events", [20_000, 1], ids=["ring", "replayed"])
async def test_messages_that_cannot_be_read_stop_nobody(
    nats_server: NatsServer, ring_max_events: int
) -> None:
    async with arena(nats_server, ring_max_events=ring_max_events) as place:
        live = await place.live()
        first = await publish(place.nats, SUBJECT.decode(), {"n": 0})
        for subject in BAD_SUBJECTS:
            await raw_publish(place.server, subject, b"{}")
        for headers in BROKEN_HEADERS:
            await raw_publish(place.server, SUBJECT, b"{}", headers)
        last = await publish(place.nats, SUBJECT.decode(), {"n": 1})
        replaying = await place.watcher("/events?from=earliest").connect()
        for client in (live, replaying):
            await client.up_to(last)
            assert client.events == [first, *range(first + len(BAD_SUBJECTS) + 1, last + 1)]
            assert client.connections == 1
        counts = place.bridge.bridge.dead_letters.counts
        assert counts == {DeadLetterReason.BAD_SUBJECT: len(BAD_SUBJECTS)}


async def test_whatever_byte_is_in_a_subject_reading_goes_on(nats_server: NatsServer) -> None:
    async with arena(nats_server) as place:
        live = await place.live()
        odd = [byte for byte in (bytes([n]) for n in range(1, 256)) if byte not in b" \t\r\n."]
        subjects = [b"evt.default.%b.-.tick" % byte for byte in odd]
        await raw_send(place.server, b"".join(b"PUB %b 2\r\n{}\r\n" % s for s in subjects))
        last = await publish(place.nats, SUBJECT.decode(), {"n": 1})
        await live.up_to(last)
        assert live.connections == 1
        assert len(live.events) == len("_:") + 10 + 26 + 26 + 1
