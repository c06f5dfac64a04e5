"""Whatever others publish, a connection goes on reading."""

from __future__ import annotations

import asyncio
from itertools import pairwise
from typing import Any, cast

from hypothesis import given
from hypothesis import strategies as st
from nats.aio.msg import Msg

from jetbridge.embedded import NatsServer
from jetbridge_publishers.connection import NatsOptions, connect
from jetbridge_publishers.message_parser import MessageParser
from tests.support.raw_nats import raw_publish
from tests.support.waiting import eventually

POISON = [
    (b"t.\xff\xfe", b""),
    (b"t.\x0b", b""),
    (b"t.a\x0cb", b""),
    (b"t.\x00\x1b\x7f", b""),
    (b"t.h", b"nonsense\r\n"),
    (b"t.h", b"x"),
    (b"t.h", b"NATS/1.0"),
    (b"t.h", b"NATS/1.0\r\n"),
    (b"t.h", b"NATS/1.0 \xff\xfe\xfd\r\n\r\n"),
    (b"t.h", b"NATS/1.0 503\r\n\r\n"),
    (b"t.h", b"NATS/1.0\r\n\xff: \xff\r\nno colon\r\n\r\n"),
]


async def test_odd_subjects_and_broken_headers_do_not_stop_the_reading(
    nats_server: NatsServer,
) -> None:
    client = await connect(NatsOptions(servers=nats_server.url))
    try:
        received: list[Msg] = []

        async def take(message: Msg) -> None:
            received.append(message)

        await client.subscribe("t.>", cb=take)  # pyright: ignore[reportUnknownMemberType] - untyped
        await client.flush()
        # More than the 4 KB up to which nats-py notices a line that it cannot read.
        for number in range(200):
            subject, headers = POISON[number % len(POISON)]
            await raw_publish(nats_server, subject, b"%d" % number + b"x" * 30, headers)
        await raw_publish(nats_server, b"t.good", b"good", b"NATS/1.0\r\nA: b\r\n\r\n")
        await eventually(lambda: len(received) == 201)
        assert [message.data[:3] for message in received[97:100]] == [b"97x", b"98x", b"99x"]
        assert received[0].subject == "t.\udcff\udcfe"
        assert received[1].subject == "t.\x0b"
        assert (received[-1].data, received[-1].headers) == (b"good", {"A": "b"})
        assert client.is_connected
    finally:
        await client.close()


class Notes:
    """Stands where the client stands: notes what the parser found."""

    def __init__(self) -> None:
        self.messages: list[tuple[bytes, bytes]] = []

    async def _process_msg(self, *arguments: Any) -> None:
        _, subject, _, payload, _ = arguments
        self.messages.append((subject, payload))

    async def _process_ping(self) -> None:
        self.messages.append((b"PING", b""))


SUBJECTS = st.sampled_from([b"a", b"t.\x0b", b"\x0b\x0c", b"t.a\x0cb", b"\xff", b"evt.a.b"])
PAYLOADS = st.binary(max_size=40) | st.sampled_from([b"\r\n", b"MSG \x0b 1 2\r\n", b"\x0b" * 9])


@given(
    st.lists(st.none() | st.tuples(SUBJECTS, PAYLOADS), max_size=8), st.sets(st.integers(0, 600))
)
def test_in_whatever_pieces_it_comes_every_message_is_found_once_in_order(
    messages: list[tuple[bytes, bytes] | None], places: set[int]
) -> None:
    stream = b"".join(
        b"PING\r\n" if each is None else b"MSG %b 1 %d\r\n%b\r\n" % (each[0], len(each[1]), each[1])
        for each in messages
    )
    notes = Notes()
    parser = MessageParser(cast("Any", notes))

    async def feed() -> None:
        for begin, end in pairwise(sorted({0, len(stream), *places})):
            await parser.parse(stream[begin:end])

    asyncio.run(feed())
    assert notes.messages == [(b"PING", b"") if each is None else each for each in messages]
