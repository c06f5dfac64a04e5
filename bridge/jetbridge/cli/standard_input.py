"""Standard input for an event loop, whatever it is: a pipe, a file, a terminal."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from collections.abc import AsyncGenerator

CHUNK_BYTES = 65_536


async def chunks_of_standard_input() -> AsyncGenerator[bytes]:
    """Bytes as they arrive, without waiting for a chunk to fill.

    The event loop's own pipes refuse regular files, so a thread reads. It is a daemon:
    an interrupted command does not wait for input that never comes.
    """
    loop = asyncio.get_running_loop()
    queue: asyncio.Queue[bytes] = asyncio.Queue(maxsize=1)

    def read() -> None:
        while True:
            chunk = os.read(sys.stdin.fileno(), CHUNK_BYTES)
            asyncio.run_coroutine_threadsafe(queue.put(chunk), loop).result()
            if not chunk:
                return

    threading.Thread(target=read, name="standard-input", daemon=True).start()
    while chunk := await queue.get():
        yield chunk
