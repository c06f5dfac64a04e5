"""The bridge, as `jetbridge serve` runs it, that also answers questions from standard input.

For each line it gets it prints the number of its asyncio tasks, after a garbage collection.
"""

from __future__ import annotations

import asyncio
import gc
import os
import sys

from jetbridge.logs import configure_logging
from jetbridge.server import run_server
from jetbridge.settings import Settings
from jetbridge.settings_loading import load


async def main(settings: Settings) -> None:
    """Serve until SIGTERM."""

    def answer() -> None:
        sys.stdin.readline()
        gc.collect()
        say(str(len(asyncio.all_tasks())))

    asyncio.get_running_loop().add_reader(sys.stdin, answer)
    await run_server(settings, on_ready=lambda url: say(f"ready {url}"))


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    chosen = load({}, os.environ, None)
    configure_logging(chosen.log_format, chosen.log_level)
    asyncio.run(main(chosen))
