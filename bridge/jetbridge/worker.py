"""One of the processes of `jetbridge serve --workers`: `python -m jetbridge.worker`.

It reads its order from standard input and reports on standard output, one line of JSON
each. When standard input ends its supervisor is gone, and it drains and ends too.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys

import msgspec

from jetbridge import event_loop
from jetbridge.logs import configure_logging
from jetbridge.server import run_server
from jetbridge.settings import Settings
from jetbridge_schemas.errors import JetbridgeError

logger = logging.getLogger("jetbridge.workers")


class Order(msgspec.Struct, frozen=True):
    """What a worker is to do. It shares the port of its settings with others."""

    number: int
    settings: Settings


class Report(msgspec.Struct, frozen=True, omit_defaults=True):
    """How a start went: the URL that is served, or what failed and a hint."""

    url: str = ""
    failed: str = ""
    hint: str = ""


def main() -> int:
    """Serve until SIGTERM; return 0 then, and 1 if it could not start."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    order = msgspec.json.decode(sys.stdin.buffer.readline(), type=Order)
    configure_logging(order.settings.log_format, order.settings.log_level, worker=order.number)
    try:
        event_loop.run(serve(order.settings))
    except JetbridgeError as error:
        report(Report(failed=str(error), hint=error.hint))
        return 1
    except KeyboardInterrupt:
        pass
    except Exception as error:
        logger.critical("worker %d has failed", order.number, exc_info=error)
        return 1
    return 0


async def serve(settings: Settings) -> None:
    """Serve until SIGTERM or the supervisor's end."""
    follow_supervisor()
    await run_server(settings, on_ready=lambda url: report(Report(url)), share_port=True)


def follow_supervisor() -> None:
    """End as by SIGTERM when standard input ends."""
    loop = asyncio.get_running_loop()
    standard_input = sys.stdin.fileno()

    def look() -> None:
        if not os.read(standard_input, 1):
            loop.remove_reader(standard_input)
            os.kill(os.getpid(), signal.SIGTERM)

    loop.add_reader(standard_input, look)


def report(what: Report) -> None:
    """Tell the supervisor."""
    sys.stdout.buffer.write(msgspec.json.encode(what) + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    sys.exit(main())
