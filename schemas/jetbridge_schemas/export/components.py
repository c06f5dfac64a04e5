"""The structs as named JSON Schema components, from which every export is made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from jetbridge_schemas.control import CONTROL_EVENTS
from jetbridge_schemas.dead_letters import DeadLetter
from jetbridge_schemas.presence import AgentInfo, WorkerPresence
from jetbridge_schemas.reasons import (
    DeadLetterReason,
    GapReason,
    NotDurableReason,
    PauseReason,
    TaskFailure,
    UnavailableReason,
)
from jetbridge_schemas.registry import EVENT_TYPES
from jetbridge_schemas.task_control import TaskControl, TaskControlReply
from jetbridge_schemas.task_request import TaskRequest
from jetbridge_schemas.task_state import TaskState

Schema = dict[str, Any]

FRAMES: Mapping[str, type[msgspec.Struct]] = {**EVENT_TYPES, **CONTROL_EVENTS}
"""Everything that can stand in the `event:` field of a frame → the struct of its data."""

ALL_TYPES: tuple[type, ...] = (
    *FRAMES.values(),
    DeadLetter,
    DeadLetterReason,
    GapReason,
    NotDurableReason,
    UnavailableReason,
    TaskRequest,
    TaskControl,
    TaskControlReply,
    TaskState,
    TaskFailure,
    PauseReason,
    WorkerPresence,
    AgentInfo,
)

_SENT_WHOLE: tuple[type[msgspec.Struct], ...] = (
    *CONTROL_EVENTS.values(),
    TaskState,
    WorkerPresence,
)
"""Structs whose defaults are sent too, so that every member is there."""


def components(types: Iterable[type], ref_template: str = "#/$defs/{name}") -> dict[str, Schema]:
    """Return the schemas of `types` and of all they refer to, by name, in alphabetical order."""
    _, found = msgspec.json.schema_components(types, ref_template=ref_template)
    for struct in _SENT_WHOLE:
        if schema := found.get(struct.__name__):
            schema["required"] = list(schema["properties"])
    return dict(sorted(found.items()))


def summary(struct: type) -> str:
    """Return the first line of a struct's docstring."""
    return (struct.__doc__ or "").partition("\n")[0]
