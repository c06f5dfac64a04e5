"""What is asked of an agent: the message on `task.<tenant>.<agent>`."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Struct

from jetbridge_schemas.codec import to_json
from jetbridge_schemas.errors import PayloadError
from jetbridge_schemas.fields import Id
from jetbridge_schemas.reasons import DeadLetterReason

SUBMITTED_HEADER = "Jetbridge-Submitted"
"""The header of a task message with the sequence of its `task.submitted` in `EVT`."""


class TaskRequest(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One task in an agent's queue. Its events are published on the job `task_id`."""

    task_id: Id
    agent_id: Id
    query: str = ""
    description: str | None = None
    user_id: str | None = None
    request_id: str | None = None
    task_parameters: dict[str, Any] = msgspec.field(default_factory=dict[str, Any])


def decode_request(data: bytes, headers: dict[str, str] | None = None) -> TaskRequest:
    """Return the request that a message carries: JSON, MessagePack or a CloudEvent.

    Raises PayloadError(bad_task), naming the field, when it does not fit.
    """
    try:
        return msgspec.json.decode(to_json(data, headers), type=TaskRequest)
    except PayloadError as error:
        raise PayloadError(DeadLetterReason.BAD_TASK, str(error)) from error
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise PayloadError(DeadLetterReason.BAD_TASK, f"not a task: {error}") from error
