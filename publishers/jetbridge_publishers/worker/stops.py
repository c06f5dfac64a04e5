"""Why an attempt at a task was ended from outside its code."""

from __future__ import annotations

from enum import StrEnum


class Stop(StrEnum):
    """The reasons; each leads to another end."""

    CANCELLED = "cancelled"
    """Somebody cancelled the task."""

    TIMEOUT = "timeout"
    """It took longer than its worker allows."""

    BUDGET_EXCEEDED = "budget_exceeded"
    """It spent more than it may."""

    WORKER_STOPPED = "worker_stopped"
    """Its worker stops; another one goes on with it."""

    SUPERSEDED = "superseded"
    """Another worker has gone on with it already, or it was ended."""
