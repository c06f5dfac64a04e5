"""`jetbridge serve`: the bridge, on a NATS server that is already there."""

from __future__ import annotations

from jetbridge import event_loop
from jetbridge.cli.setting_flags import Given, with_setting_flags
from jetbridge.cli.signals import until_interrupted
from jetbridge.logs import configure_logging
from jetbridge.server import run_server
from jetbridge.workers import run_workers
from jetbridge_publishers.server_urls import server_urls, without_secrets


@with_setting_flags()
def serve(given: Given) -> int:
    """Run the bridge until SIGTERM or SIGINT.

    Prints one line `ready http://HOST:PORT nats://HOST:PORT` once streams are served,
    by all processes if there are several (--workers).
    Logs go to standard error.
    """
    settings = given.load()
    configure_logging(settings.log_format, settings.log_level)

    def on_ready(url: str) -> None:
        nats = without_secrets(server_urls(settings.nats)[0])
        print(f"ready {url} {nats}", flush=True)

    run = run_workers if settings.workers > 1 else run_server
    with until_interrupted():
        event_loop.run(run(settings, on_ready=on_ready))
    return 0
