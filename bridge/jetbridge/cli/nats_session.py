"""A short visit to NATS: connect, do one thing, leave."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator, Callable

from jetbridge.bridge import nats_options
from jetbridge.jetstream import JetStream
from jetbridge.link import Link
from jetbridge.settings import Settings

NATS_FLAGS = ("nats", "nats_creds", "nats_tls_ca")
"""The settings that every command needs which talks to NATS."""

ANSWER_SECONDS = 3.0


@contextlib.asynccontextmanager
async def nats_session(
    settings: Settings, *, on_denied: Callable[[str], None] | None = None
) -> AsyncGenerator[JetStream]:
    """JetStream while the block runs. Raises NatsConnectError when NATS cannot be reached.

    `on_denied` gets the server's words when it refuses a publish or subscription.
    """
    link = Link(nats_options(settings), on_denied=on_denied)
    try:
        await link.open()
        yield JetStream(link, timeout_seconds=ANSWER_SECONDS)
    finally:
        await link.close()
