"""The memory of a server on this machine, found by the port it listens on (Linux)."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator
from pathlib import Path

LISTENING = "0A"


def listener_memory(port: int, proc: Path = Path("/proc")) -> int | None:
    """Resident bytes of all processes that listen on a TCP port of this machine; None if
    that cannot be known: there is none, or it is not ours, or this is not Linux."""
    sockets = {f"socket:[{inode}]" for inode in _listening_inodes(port, proc)}
    found = [_resident(pid) for pid in _processes(proc) if sockets & set(_links(pid / "fd"))]
    return sum(found) or None


def _listening_inodes(port: int, proc: Path) -> Iterator[str]:
    for table in ("tcp", "tcp6"):
        with contextlib.suppress(OSError):
            for line in (proc / "net" / table).read_text().splitlines()[1:]:
                columns = line.split()
                if columns[3] == LISTENING and int(columns[1].rpartition(":")[2], 16) == port:
                    yield columns[9]


def _processes(proc: Path) -> list[Path]:
    try:
        return [each for each in proc.iterdir() if each.name.isdigit()]
    except OSError:
        return []


def _links(folder: Path) -> Iterator[str]:
    with contextlib.suppress(OSError):
        for each in folder.iterdir():
            with contextlib.suppress(OSError):
                yield os.readlink(each)  # noqa: PTH115 - `socket:[1]` is no path


def _resident(process: Path) -> int:
    with contextlib.suppress(OSError):
        found = re.search(r"^VmRSS:\s+(\d+) kB", (process / "status").read_text(), re.MULTILINE)
        return int(found.group(1)) * 1024 if found else 0
    return 0
