"""How long processes were ready to run while others had the processors (Linux's schedstat).

On a busy machine everything takes longer, which says nothing about the bridge. Where the
kernel does not tell, nothing is allowed for.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

PROC = Path("/proc")
NANOSECONDS = 10**9


class Starvation:
    """Seconds lost by these processes since now, by the thread that lost most in each."""

    def __init__(self, processes: Iterable[int]) -> None:
        self._before = {pid: waits(pid) for pid in processes}

    def seconds(self) -> float:
        """What the worst threads have lost together: one waits for the other."""
        return sum(self._lost(pid, before) for pid, before in self._before.items())

    def _lost(self, pid: int, before: dict[str, int]) -> float:
        lost = [now - before.get(thread, now) for thread, now in waits(pid).items()]
        return max(lost, default=0) / NANOSECONDS


def waits(pid: int) -> dict[str, int]:
    """Nanoseconds that each thread of a process has waited for a processor so far."""
    found: dict[str, int] = {}
    for path in (PROC / str(pid) / "task").glob("*/schedstat"):
        try:
            found[path.parent.name] = int(path.read_text().split()[1])
        except (OSError, IndexError):
            continue
    return found
