"""Large events are no reason for the server to cut the bridge off."""

from __future__ import annotations

from pathlib import Path

from jetbridge.embedded import NatsServer
from tests.support.arena import arena
from tests.support.bridge import plain_client, publish
from tests.support.operator import make_stream

LARGE = b'{"pad":"' + b"x" * 1_000_000 + b'"}'
HUGE = b'{"pad":"' + b"x" * 6_000_000 + b'"}'


async def test_a_backlog_of_large_events_is_read_over_one_connection(tmp_path: Path) -> None:
    """nats-server disconnects whoever has `max_pending` waiting, 64 MiB if not told otherwise.
    One message here is larger than what the bridge asks for at a time, and a dead letter."""
    config = tmp_path / "roomy.conf"
    config.write_text("max_payload: 8MB\nmax_pending: 16MB\n")
    with NatsServer(tmp_path / "roomy", config=config) as server:
        async with plain_client(server) as nats:
            await make_stream(nats)
            subject = "evt.default.agent:1.-.custom.large"
            bodies = [LARGE] * 30 + [HUGE] + [LARGE] * 30
            stored = [await publish(nats, subject, body) for body in bodies]
        async with arena(server, stream_manage="off") as place:
            assert place.bridge.bridge.hub.position == stored[-1]
            client = await place.watcher("/events?from=earliest").connect()
            await client.read_until(lambda: len(client.events) == 60)
            assert client.events == stored[:30] + stored[31:]
            assert client.gaps == []
            assert place.bridge.bridge.link.generation == 1
