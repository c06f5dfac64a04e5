"""What `jetbridge dev` tells a person once it runs. Pure but for the name of the command."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from jetbridge.settings import Settings


def banner(url: str, settings: Settings, data_dir: Path, *, demo: bool) -> str:
    """A few lines with addresses and commands to paste."""
    events = f"{url}{settings.api_prefix}/events"
    jetbridge = command_name()
    nats = "" if settings.nats.endswith(":4222") else f" --nats {settings.nats}"
    tail = "" if url.endswith("//127.0.0.1:8000") else f" --url {url}"
    return f"""
  Jetbridge is running{" with a demo plant" if demo else ""}. Ctrl-C stops it.

    events   {events}
    status   {url}{settings.api_prefix}/status
    NATS     {settings.nats}   (data and log in {data_dir})

  Watch everything:
    curl -N {events}
  Watch in colour, one kind of event, from ten minutes ago:
    {jetbridge} tail{tail} --types agent.status --since 10m
  Publish something of your own:
    {jetbridge} publish{nats} --agent agent:001 note '{{"text":"hello"}}'
"""


def command_name() -> str:
    """`jetbridge`, or its path when a shell would not find it by name."""
    if shutil.which("jetbridge"):
        return "jetbridge"
    script = Path(sys.executable).parent / "jetbridge"
    try:
        return str(script.relative_to(Path.cwd()))
    except ValueError:
        return str(script)
