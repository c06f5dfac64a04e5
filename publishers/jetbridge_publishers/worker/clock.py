"""How long a task has been worked on: pauses do not count. Pure: the clock is passed in."""

from __future__ import annotations

from collections.abc import Callable


class WorkClock:
    """Runs from its making on. `now` gives seconds of any clock that never goes back."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._since: float | None = now()
        self._before = 0.0

    def elapsed(self) -> float:
        """Seconds of work so far."""
        return self._before + (0.0 if self._since is None else self._now() - self._since)

    def pause(self) -> None:
        """Stand still from now on."""
        self._before, self._since = self.elapsed(), None

    def resume(self) -> None:
        """Run again."""
        if self._since is None:
            self._since = self._now()
