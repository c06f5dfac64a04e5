"""`jetbridge serve`: the bridge, on a NATS server that is already there."""

from __future__ import annotations

import asyncio

from jetbridge.cli.setting_flags import Given, with_setting_flags
from jetbridge.cli.signals import until_interrupted
from jetbridge.logs import configure_logging
from jetbridge.server import run_server
from jetbridge_publishers.connection import server_urls, without_secrets


@with_setting_flags()
def serve(given: Given) -> int:
    """Run the bridge until SIGTERM or SIGINT.

    Prints one line `ready http://HOST:PORT nats://HOST:PORT` once streams are served.
    Logs go to standard error.
    """
    settings = given.load()
    configure_logging(settings.log_format, settings.log_level)
    nats = without_secrets(server_urls(settings.nats)[0])

    def on_ready(url: str) -> None:
        print(f"ready {url} {nats}", flush=True)

    with until_interrupted():
        asyncio.run(run_server(settings, on_ready=on_ready))
    return 0
