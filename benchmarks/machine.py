"""What the figures were measured on."""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
from importlib.metadata import version
from pathlib import Path

import psutil

from benchmarks import peer
from jetbridge.embedded import find_binary
from jetbridge_schemas.version import __version__


def describe() -> dict[str, str]:
    """The machine and the versions of everything that takes part, by name."""
    return {
        "processor": f"{os.cpu_count()} × {_processor()}",
        "memory": f"{psutil.virtual_memory().total / 1024**3:.0f} GiB",
        "kernel": f"{platform.system()} {platform.release()}",
        "Python": platform.python_version(),
        "uvloop": version("uvloop"),
        "nats-py": version("nats-py"),
        "nats-server": _nats_server(),
        "Jetbridge": __version__,
        "nchan": _nchan(),
    }


def _processor() -> str:
    found = re.search(r"^model name\s*: (.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return found.group(1) if found else platform.machine()


def _nats_server() -> str:
    return _said([find_binary(), "--version"]).rpartition("v")[2].strip()


def _nchan() -> str:
    if peer.module() is None or shutil.which("dpkg-query") is None:
        return "not installed" if peer.module() is None else "of an unknown version"
    return _said(["dpkg-query", "-W", "-f", "${Version}", "libnginx-mod-nchan"])


def _said(command: list[str]) -> str:
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    return done.stdout.strip() or "unknown"
