"""`jetbridge dev`: NATS, the bridge and a plant that publishes, in one command."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Annotated

import msgspec
from cyclopts import Parameter

from jetbridge import event_loop
from jetbridge.cli.banner import banner
from jetbridge.cli.complaints import complain
from jetbridge.cli.dev_server import DEFAULT_NATS_PORT, check_not_running, choose_nats_port
from jetbridge.cli.setting_flags import Given, with_setting_flags
from jetbridge.cli.signals import until_interrupted
from jetbridge.embedded import NatsServer
from jetbridge.logs import configure_logging
from jetbridge.server import listen, run_server
from jetbridge.setting_choices import StreamManage
from jetbridge.settings import Settings
from jetbridge_publishers.plant import run_demo
from jetbridge_publishers.publisher import Publisher
from jetbridge_schemas.errors import JetbridgeError

DEMO_STOP_SECONDS = 3.0
"""How long the demo may take to send its last events."""


@with_setting_flags(without={"nats", "nats_creds", "nats_tls_ca", "workers"})
def dev(
    given: Given,
    *,
    nats_port: int | None = None,
    data_dir: Path = Path(".jetbridge"),
    demo: Annotated[bool, Parameter(negative="--no-demo")] = True,
) -> int:
    """Run everything on this machine: a NATS server, the bridge, and a demo plant.

    Prints one line `ready http://HOST:PORT nats://HOST:PORT` once streams are served.
    Every setting of `jetbridge serve` but those of NATS can be given too.

    Parameters
    ----------
    nats_port
        Port of the NATS server; 0 picks a free one. Without it: 4222, or a free one if
        that is taken.
    data_dir
        Where the NATS server keeps its streams and its log.
    demo
        Whether the demo plant publishes.
    """
    settings = given.load(defaults=Settings(stream_manage=StreamManage.CREATE))
    configure_logging(settings.log_format, settings.log_level)
    listen(settings.host, settings.port).close()
    check_not_running(data_dir)
    chosen = choose_nats_port(nats_port)
    if nats_port is None and chosen != DEFAULT_NATS_PORT:
        print(f"port {DEFAULT_NATS_PORT} is taken: NATS gets a free one", file=sys.stderr)
    with until_interrupted(), NatsServer(data_dir, port=chosen) as server:
        settings = msgspec.structs.replace(settings, nats=server.url)
        event_loop.run(_serve(settings, data_dir, demo=demo))
    return 0


async def _serve(settings: Settings, data_dir: Path, *, demo: bool) -> None:
    ready, stop = asyncio.Event(), asyncio.Event()

    def on_ready(url: str) -> None:
        print(f"ready {url} {settings.nats}", flush=True)
        print(banner(url, settings, data_dir, demo=demo), file=sys.stderr, flush=True)
        ready.set()

    plant = asyncio.create_task(_demo(settings.nats, ready, stop)) if demo else None
    try:
        await run_server(settings, on_ready=on_ready)
    finally:
        stop.set()
        ready.set()
        if plant is not None:
            await asyncio.wait([plant], timeout=DEMO_STOP_SECONDS)
            plant.cancel()


async def _demo(nats: str, ready: asyncio.Event, stop: asyncio.Event) -> None:
    await ready.wait()
    if stop.is_set():
        return
    try:
        async with Publisher(nats) as publisher:
            await run_demo(publisher, stop=stop)
    except JetbridgeError as error:
        complain(f"the demo plant stopped: {error}", hint=error.hint)
