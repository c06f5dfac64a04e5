"""How a stream that is there differs from the one wanted, and how bad that is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from nats.js.api import DiscardPolicy, RetentionPolicy

from jetbridge_publishers.stream_config import duration

if TYPE_CHECKING:
    from collections.abc import Callable

    from nats.js.api import StreamConfig, StreamInfo


class Severity(StrEnum):
    """What a difference between a stream and its definition means."""

    BREAKS = "breaks"
    """Events cannot be stored or would be lost: refused in every mode."""
    WRONG = "wrong"
    """Something Jetbridge promises would not hold: refused by `verify`, told by `create`."""
    TUNING = "tuning"
    """An operator's own choice: told."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One difference, in words for people."""

    severity: Severity
    text: str


def differences(wanted: StreamConfig, info: StreamInfo) -> list[str]:
    """In words, each way in which the stream that is there differs from `wanted`."""
    return [finding.text for finding in findings(wanted, info)]


def findings(wanted: StreamConfig, info: StreamInfo) -> list[Finding]:
    """As `differences`, with how bad each is; the worst first."""
    there = info.config
    found = [
        Finding(severity, f"{wanted.name}: {text}")
        for severity, check in _CHECKS
        if (text := check(wanted, there))
    ]
    return sorted(found, key=lambda finding: list(Severity).index(finding.severity))


def _subjects(wanted: StreamConfig, there: StreamConfig) -> str:
    missing = set(wanted.subjects or []) - set(there.subjects or [])
    if not missing or ">" in (there.subjects or []):
        return ""
    return f"takes the subjects {there.subjects}, not {wanted.subjects}"


def _other_subjects(wanted: StreamConfig, there: StreamConfig) -> str:
    others = set(there.subjects or []) - set(wanted.subjects or [])
    if _subjects(wanted, there):
        return ""
    return f"also takes {sorted(others)}, which are not Jetbridge's" if others else ""


def _no_ack(_: StreamConfig, there: StreamConfig) -> str:
    return "acknowledges no publish (no_ack), so nothing shows that it stored" * there.no_ack


def _closed(_: StreamConfig, there: StreamConfig) -> str:
    if there.sealed:
        return "is sealed and takes no more events"
    return "is a mirror and takes no events" if there.mirror else ""


def _retention(wanted: StreamConfig, there: StreamConfig) -> str:
    if there.retention == wanted.retention:
        return ""
    effect = {
        RetentionPolicy.LIMITS: "nothing is removed once it is done",
        RetentionPolicy.INTEREST: "what nobody reads is not kept",
        RetentionPolicy.WORK_QUEUE: "events vanish once read",
    }.get(RetentionPolicy(_name(there.retention)), "")
    return f"has retention {_name(there.retention)}: {effect} (wanted {_name(wanted.retention)})"


def _discard(wanted: StreamConfig, there: StreamConfig) -> str:
    if there.discard == wanted.discard:
        return ""
    if wanted.discard == DiscardPolicy.NEW:
        return "throws away the oldest when full (discard old; wanted new)"
    return "refuses new events when full (discard new; wanted old)"


def _storage(wanted: StreamConfig, there: StreamConfig) -> str:
    if there.storage == wanted.storage:
        return ""
    return "is kept in memory: a restart of the server loses it (wanted file storage)"


def _direct(_: StreamConfig, there: StreamConfig) -> str:
    return "" if there.allow_direct else "has no direct get (wanted allow_direct)"


def _consumers(wanted: StreamConfig, there: StreamConfig) -> str:
    limit = there.max_consumers or 0
    if (wanted.max_consumers or 0) <= 0:
        return ""
    if limit <= 0:
        return (
            "has no max_consumers: nats-server 2.15 then allows only 1,000 durable clients"
            f" (wanted {wanted.max_consumers})"
        )
    return "" if limit >= 1000 else f"allows only {limit} consumers (wanted {wanted.max_consumers})"


def _transform(_: StreamConfig, there: StreamConfig) -> str:
    return "renames subjects (subject_transform)" if there.subject_transform else ""


def _first_sequence(wanted: StreamConfig, there: StreamConfig) -> str:
    # Any start after the year 2001 in microseconds was meant as one.
    if not wanted.first_seq or (there.first_seq or 0) >= 10**15:
        return ""
    return (
        f"counts from sequence {there.first_seq or 1}: if it is ever deleted and made again,"
        " old SSE ids will mean new events"
    )


def _max_age(wanted: StreamConfig, there: StreamConfig) -> str:
    if (there.max_age or 0) == (wanted.max_age or 0):
        return ""
    return f"keeps events for {_age(there.max_age)} (settings say {_age(wanted.max_age)})"


def _max_bytes(wanted: StreamConfig, there: StreamConfig) -> str:
    if there.max_bytes == wanted.max_bytes:
        return ""
    size = f"at most {there.max_bytes}" if (there.max_bytes or 0) > 0 else "any number of"
    return f"holds {size} bytes (settings say {wanted.max_bytes})"


def _replicas(wanted: StreamConfig, there: StreamConfig) -> str:
    if there.num_replicas == wanted.num_replicas:
        return ""
    return f"has {there.num_replicas} replicas (settings say {wanted.num_replicas})"


def _window(wanted: StreamConfig, there: StreamConfig) -> str:
    if there.duplicate_window >= wanted.duplicate_window:
        return ""
    return (
        f"forgets message ids after {duration(there.duplicate_window)}"
        f" (wanted {duration(wanted.duplicate_window)}): a late retry may be stored twice"
    )


def _other_limits(wanted: StreamConfig, there: StreamConfig) -> str:
    limit = there.max_msgs_per_subject
    if wanted.max_msgs_per_subject > 0:
        same = limit == wanted.max_msgs_per_subject and there.discard_new_per_subject
        return "" if same else "does not refuse what one agent has too much of"
    if limit > 0:
        return f"keeps only the last {limit} events of each subject"
    return f"keeps only the last {there.max_msgs} events" if (there.max_msgs or 0) > 0 else ""


def _compression(wanted: StreamConfig, there: StreamConfig) -> str:
    return "" if there.compression == wanted.compression else "is not compressed (wanted s2)"


def _age(seconds: float | None) -> str:
    return duration(seconds) if seconds else "ever"


def _name(value: object) -> str:
    return str(getattr(value, "value", value))


_CHECKS: tuple[tuple[Severity, Callable[[StreamConfig, StreamConfig], str]], ...] = (
    (Severity.BREAKS, _subjects),
    (Severity.BREAKS, _closed),
    (Severity.BREAKS, _no_ack),
    (Severity.BREAKS, _retention),
    (Severity.WRONG, _other_subjects),
    (Severity.WRONG, _transform),
    (Severity.WRONG, _discard),
    (Severity.WRONG, _storage),
    (Severity.WRONG, _direct),
    (Severity.WRONG, _consumers),
    (Severity.TUNING, _first_sequence),
    (Severity.TUNING, _max_age),
    (Severity.TUNING, _max_bytes),
    (Severity.TUNING, _replicas),
    (Severity.TUNING, _window),
    (Severity.TUNING, _other_limits),
    (Severity.TUNING, _compression),
)
