"""Publishing over a bare socket what no client library would let out."""

from __future__ import annotations

import asyncio

from jetbridge.embedded import NatsServer


async def raw_publish(
    server: NatsServer, subject: bytes, body: bytes, headers: bytes = b""
) -> None:
    """Publish one message, its subject and its block of headers as they are; with no block,
    it has no headers. It has reached the server when this returns."""
    command = b"PUB %b %d\r\n" % (subject, len(body))
    if headers:
        command = b"HPUB %b %d %d\r\n" % (subject, len(headers), len(headers) + len(body))
    await raw_send(server, command + headers + body + b"\r\n")


async def raw_send(server: NatsServer, commands: bytes) -> None:
    """Send commands of the NATS protocol, and wait until the server has read them. At some
    it protests, and obeys all the same: a wildcard in the subject of a publish is one."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(b'CONNECT {"verbose":false,"headers":true}\r\n' + commands + b"PING\r\n")
    try:
        async with asyncio.timeout(10):
            await reader.readuntil(b"PONG\r\n")
    finally:
        writer.close()
        await writer.wait_closed()
