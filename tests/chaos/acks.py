"""How a client that acks says what it has worked off."""

from __future__ import annotations

import asyncio
import contextlib
from urllib.parse import urlsplit

from tests.chaos.wanted import PREFIX

ANSWER_SECONDS = 1.0


async def send_ack(url: str, client_id: str, sequence: int) -> bool:
    """Ack everything up to `sequence`; False if that was not heard, or refused."""
    parts = urlsplit(url)
    body = f'{{"id":{sequence}}}'
    head = (
        f"POST {PREFIX}/clients/{client_id}/ack HTTP/1.1\r\nHost: {parts.netloc}\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    with contextlib.suppress(OSError):
        async with asyncio.timeout(ANSWER_SECONDS):
            reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
            try:
                writer.write((head + body).encode())
                return (await reader.readline()).startswith(b"HTTP/1.1 204")
            finally:
                writer.transport.abort()
    return False
