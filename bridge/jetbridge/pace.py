"""Time travel: history at a multiple of the pace at which it happened. Pure."""

from __future__ import annotations

NANOSECONDS = 10**9


class Pace:
    """When the next event of a paced replay is due.

    The first event is due at once; every other as long after it as it was stored after it,
    divided by `speed` (1 is the original pace, 10 is ten times as fast; above 0).
    """

    def __init__(self, speed: float) -> None:
        self.speed = speed
        self._anchor: tuple[int, float] | None = None

    def wait(self, time_ns: int, *, now: float) -> float:
        """Seconds until an event that was stored at `time_ns` is due; 0 or less is now.

        `now` is a monotonic clock in seconds.
        """
        if self._anchor is None:
            self._anchor = (time_ns, now)
        first_ns, began = self._anchor
        due = began + (time_ns - first_ns) / NANOSECONDS / self.speed
        return due - now
