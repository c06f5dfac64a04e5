"""The streams Jetbridge needs, as data: what an operator chooses, and what is fixed."""

from __future__ import annotations

from dataclasses import dataclass

from nats.js.api import (
    DiscardPolicy,
    RetentionPolicy,
    StorageType,
    StoreCompression,
    StreamConfig,
)

from jetbridge_schemas.errors import JetbridgeError

EVENTS = "EVT"
"""The stream that keeps every event."""

DEAD_LETTERS = "DLQ"
"""The stream that keeps the announcements of events that could not be delivered."""

TASKS = "TASKS"
"""The stream that queues tasks until a worker of their agent has done them."""

MAX_QUEUED_PER_AGENT = 10_000
"""Tasks that may wait or run for one agent; the next one is refused."""

_HOUR = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamSettings:
    """What an operator may choose about the streams; the rest is fixed.

    replicas: 1, 3 or 5 copies, each on its own server of a cluster.
    max_age_hours: events older than this are removed; 0 keeps them until `max_bytes`.
    max_bytes: when the stream is larger, its oldest events are removed.
    """

    replicas: int = 1
    max_age_hours: float = 72.0
    max_bytes: int = 1024**3


def events_stream(settings: StreamSettings, *, now_us: int) -> StreamConfig:
    """The stream EVT; `now_us`, microseconds since 1970, becomes its first sequence.

    Sequences therefore keep growing when the stream is deleted and made again, and an
    old SSE id never means a new event.
    """
    return StreamConfig(
        name=EVENTS,
        subjects=["evt.>"],
        storage=StorageType.FILE,
        retention=RetentionPolicy.LIMITS,
        discard=DiscardPolicy.OLD,
        max_age=settings.max_age_hours * _HOUR,
        max_bytes=settings.max_bytes,
        max_msgs=-1,
        max_consumers=20_000,
        num_replicas=settings.replicas,
        duplicate_window=_within_age(120.0, settings.max_age_hours),
        compression=StoreCompression.S2,
        allow_direct=True,
        first_seq=now_us,
    )


def dead_letters_stream(settings: StreamSettings) -> StreamConfig:
    """The stream DLQ: announcements are kept for 7 days, in at most 256 MiB."""
    return StreamConfig(
        name=DEAD_LETTERS,
        subjects=["dlq.>"],
        storage=StorageType.FILE,
        retention=RetentionPolicy.LIMITS,
        discard=DiscardPolicy.OLD,
        max_age=7 * 24 * _HOUR,
        max_bytes=256 * 1024**2,
        max_msgs=-1,
        max_consumers=-1,
        num_replicas=settings.replicas,
        duplicate_window=7 * 24 * _HOUR,
        compression=StoreCompression.S2,
        allow_direct=True,
    )


def tasks_stream(settings: StreamSettings, *, now_us: int) -> StreamConfig:
    """The stream TASKS: a task is kept until it is done, or as old as events get.

    What does not fit is refused, not what waits already: at most 256 MiB, and
    MAX_QUEUED_PER_AGENT tasks of one agent. The same message id is taken once within an hour.
    """
    return StreamConfig(
        name=TASKS,
        subjects=["task.>"],
        storage=StorageType.FILE,
        retention=RetentionPolicy.WORK_QUEUE,
        discard=DiscardPolicy.NEW,
        discard_new_per_subject=True,
        max_age=settings.max_age_hours * _HOUR,
        max_bytes=256 * 1024**2,
        max_msgs=-1,
        max_msgs_per_subject=MAX_QUEUED_PER_AGENT,
        max_consumers=20_000,
        num_replicas=settings.replicas,
        duplicate_window=_within_age(_HOUR, settings.max_age_hours),
        compression=StoreCompression.S2,
        allow_direct=True,
        first_seq=now_us,
    )


def check_settings(settings: StreamSettings) -> None:
    """Raise JetbridgeError when a setting is out of its range."""
    if settings.replicas not in (1, 3, 5):
        raise JetbridgeError(f"stream_replicas must be 1, 3 or 5, not {settings.replicas}")
    if not 0 <= settings.max_age_hours <= 24 * 365 * 100:
        raise JetbridgeError(f"stream_max_age_hours {settings.max_age_hours} is out of range")
    if settings.max_bytes < 1024**2:
        raise JetbridgeError(f"stream_max_bytes must be at least 1 MiB, not {settings.max_bytes}")


def add_command(config: StreamConfig) -> str:
    """The command of the NATS command line tool that creates the stream `config`."""
    subjects = " ".join(f"--subjects '{subject}'" for subject in config.subjects or [])
    return (
        f"nats stream add {config.name} {subjects} --storage=file"
        f" --retention={_RETENTIONS[config.retention]} --discard={_word(config.discard)}"
        f"{_per_subject(config)}"
        f" --max-age={duration(config.max_age)} --max-bytes={config.max_bytes} --max-msgs=-1"
        f" --max-consumers={config.max_consumers} --replicas={config.num_replicas}"
        f" --dupe-window={duration(config.duplicate_window)} --compression=s2 --allow-direct"
        f"{f' --first-sequence={config.first_seq}' if config.first_seq else ''} --defaults"
    )


def duration(seconds: float | None) -> str:
    """`seconds` as the NATS tool writes durations: `72h`, `2m`, `90s`; `0s` for no limit."""
    whole = int(seconds or 0)
    for size, unit in ((3600, "h"), (60, "m")):
        if whole and whole % size == 0:
            return f"{whole // size}{unit}"
    return f"{whole}s"


def _per_subject(config: StreamConfig) -> str:
    if config.max_msgs_per_subject <= 0:
        return ""
    refuse = " --discard-per-subject" if config.discard_new_per_subject else ""
    return f"{refuse} --max-msgs-per-subject={config.max_msgs_per_subject}"


def _word(value: object) -> str:
    return str(getattr(value, "value", value))


_RETENTIONS = {
    None: "limits",
    RetentionPolicy.LIMITS: "limits",
    RetentionPolicy.INTEREST: "interest",
    RetentionPolicy.WORK_QUEUE: "work",
}
"""Retention as the NATS tool calls it."""


def _within_age(window: float, max_age_hours: float) -> float:
    # The server refuses a duplicate window longer than the age limit.
    return min(window, max_age_hours * _HOUR) if max_age_hours else window
