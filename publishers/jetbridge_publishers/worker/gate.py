"""Where a task waits while it is paused."""

from __future__ import annotations

import asyncio


class Gate:
    """Open or closed; `reason` says why it was closed, if somebody said so."""

    def __init__(self, *, is_open: bool = True) -> None:
        self.reason: str | None = None
        self._open = asyncio.Event()
        if is_open:
            self._open.set()

    @property
    def is_open(self) -> bool:
        return self._open.is_set()

    def close(self, reason: str | None) -> None:
        """Let nobody through."""
        self.reason = reason
        self._open.clear()

    def open(self, reason: str | None) -> None:
        """Let everybody through."""
        self.reason = reason
        self._open.set()

    async def passed(self) -> None:
        """Wait until it is open."""
        await self._open.wait()
