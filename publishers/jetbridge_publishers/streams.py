"""Making the streams, or checking that they are there and right."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, cast

import nats.errors
from nats.js.errors import APIError, NotFoundError

from jetbridge_publishers.stream_config import (
    DEAD_LETTERS,
    EVENTS,
    TASKS,
    StreamSettings,
    add_command,
    check_settings,
    dead_letters_stream,
    events_stream,
    tasks_stream,
)
from jetbridge_publishers.stream_findings import Finding, Severity, differences, findings
from jetbridge_schemas.errors import JetbridgeError

if TYPE_CHECKING:
    from nats.js import JetStreamContext
    from nats.js.api import StreamConfig, StreamInfo

__all__ = [
    "DEAD_LETTERS",
    "EVENTS",
    "MANAGE",
    "TASKS",
    "Finding",
    "Severity",
    "StreamError",
    "StreamSettings",
    "add_command",
    "dead_letters_stream",
    "differences",
    "ensure",
    "events_stream",
    "find_stream",
    "findings",
    "tasks_stream",
    "wanted_streams",
]

MANAGE = ("create", "verify", "off")
"""What may be done about the streams at the start."""


class StreamError(JetbridgeError):
    """A stream is missing or wrong, or JetStream refused to make or show it."""


async def ensure(
    js: JetStreamContext, settings: StreamSettings, manage: str = "verify"
) -> list[str]:
    """See to the streams EVT, DLQ and TASKS as `manage` says; what is left to tell is returned.

    "create" makes what is missing; "verify" changes nothing; "off" does not even look.
    A stream that is there is never altered: its differences are returned as warnings.

    Raises StreamError when EVT cannot work; with "verify" also when it is missing or does
    not keep what Jetbridge promises. The hint is the command that makes the stream. DLQ
    is needed for dead letters only, TASKS for tasks: what is wrong with them is a warning.
    """
    if manage not in MANAGE:
        raise StreamError(f"stream_manage must be one of {', '.join(MANAGE)}, not {manage!r}")
    if manage == "off":
        return []
    check_settings(settings)
    events, dead_letters, tasks = wanted_streams(settings)
    return [
        *await _ensure_events(js, events, manage),
        *await _ensure_other(js, dead_letters, manage, "keep dead letters"),
        *await _ensure_other(js, tasks, manage, "queue tasks"),
    ]


def wanted_streams(settings: StreamSettings) -> tuple[StreamConfig, StreamConfig, StreamConfig]:
    """The definitions of EVT, DLQ and TASKS; sequences begin at the present time."""
    now_us = time.time_ns() // 1000
    return (
        events_stream(settings, now_us=now_us),
        dead_letters_stream(settings),
        tasks_stream(settings, now_us=now_us),
    )


async def find_stream(js: JetStreamContext, name: str) -> StreamInfo | None:
    """What the server says about the stream `name`; None when there is none.

    Raises StreamError when the server gives no answer or refuses it.
    """
    try:
        return await js.stream_info(name)
    except NotFoundError as error:
        if error.err_code == _NO_STREAM:
            return None
        raise _refused(f"look up the stream {name}", error) from error
    except nats.errors.Error as error:
        raise _refused(f"look up the stream {name}", error, f"STREAM.INFO.{name}") from error


async def _ensure_events(js: JetStreamContext, wanted: StreamConfig, manage: str) -> list[str]:
    info = await _find_or_create(js, wanted, manage)
    if info is None:
        raise StreamError(f"there is no stream {wanted.name}", hint=_how_to_add(wanted))
    found = findings(wanted, info)
    bad = [finding.text for finding in found if _is_fatal(finding, manage)]
    if bad:
        raise StreamError("; ".join(bad), hint=_how_to_replace(wanted))
    return [finding.text for finding in found]


async def _ensure_other(
    js: JetStreamContext, wanted: StreamConfig, manage: str, purpose: str
) -> list[str]:
    try:
        info = await _find_or_create(js, wanted, manage)
    except StreamError as error:
        return [f"{error} ({error.hint})" if error.hint else str(error)]
    if info is None:
        return [f"there is no stream {wanted.name} to {purpose}: {add_command(wanted)}"]
    return differences(wanted, info)


async def _find_or_create(
    js: JetStreamContext, wanted: StreamConfig, manage: str
) -> StreamInfo | None:
    info = await find_stream(js, str(wanted.name))
    if info is None and manage == "create":
        return await _create(js, wanted)
    return info


async def _create(js: JetStreamContext, wanted: StreamConfig) -> StreamInfo | None:
    try:
        return await cast("Any", js).add_stream(wanted)
    except APIError as error:
        # Another process was faster; its first sequence differs from ours.
        if error.err_code == _NAME_IN_USE:
            return await find_stream(js, str(wanted.name))
        raise _refused(f"make the stream {wanted.name}", error) from error
    except nats.errors.Error as error:
        missing = f"STREAM.CREATE.{wanted.name}"
        raise _refused(f"make the stream {wanted.name}", error, missing) from error


def _is_fatal(finding: Finding, manage: str) -> bool:
    return finding.severity is Severity.BREAKS or (
        finding.severity is Severity.WRONG and manage == "verify"
    )


def _refused(what: str, error: Exception, permission: str = "") -> StreamError:
    if isinstance(error, APIError) and error.err_code is not None:
        hint = _HINTS.get(error.err_code, "")
        return StreamError(f"cannot {what}: {error.description}", hint=hint)
    if isinstance(error, APIError | nats.errors.NoRespondersError):
        return StreamError(f"cannot {what}: JetStream does not answer", hint=_NO_JETSTREAM)
    reason = str(error).removeprefix("nats: ")
    hint = f"may this user publish on $JS.API.{permission}?" if permission else ""
    return StreamError(f"cannot {what}: {reason}", hint=hint)


def _how_to_add(wanted: StreamConfig) -> str:
    return f"{add_command(wanted)}   (or start with --stream-manage create)"


def _how_to_replace(wanted: StreamConfig) -> str:
    return (
        f"the stream should be as made by: {add_command(wanted)}   "
        "(or start with --stream-manage off to take it as it is)"
    )


# Error codes: nats-server, server/errors.json.
_NO_STREAM = 10059
_NAME_IN_USE = 10058
_NO_JETSTREAM = "start nats-server with -js, or enable JetStream for this account"
_HINTS = {
    10039: _NO_JETSTREAM,
    10076: _NO_JETSTREAM,
    10047: "give the server more storage, or lower stream_max_bytes",
    10028: "give the account more storage, or lower stream_max_bytes",
    10065: "find it with: nats stream ls --subject 'evt.>'",
    10074: "a single server keeps one copy: set stream_replicas to 1",
    10005: "the cluster has too few servers with room: lower stream_replicas",
}
