"""AsyncAPI 3.0: the subjects that agents publish on, the streams and dead letters that come out.

Specification: https://www.asyncapi.com/docs/reference/specification/v3.0.0
"""

from __future__ import annotations

from collections.abc import Iterable

from jetbridge_schemas.control import CONTROL_EVENTS
from jetbridge_schemas.dead_letters import DeadLetter
from jetbridge_schemas.export.components import ALL_TYPES, FRAMES, Schema, components, summary
from jetbridge_schemas.reasons import DeadLetterReason
from jetbridge_schemas.registry import EVENT_TYPES
from jetbridge_schemas.subjects import DEFAULT_TENANT, NO_JOB
from jetbridge_schemas.task_control import TaskControl
from jetbridge_schemas.task_request import TaskRequest
from jetbridge_schemas.version import __version__

DEAD_LETTER = "dead-letter"
TASK = "task"
TASK_CONTROL = "task-control"

STREAMS = {
    "global-stream": ("/api/v1/stream/events", "Every event of the tenant."),
    "agent-stream": ("/api/v1/stream/agents/{agent_id}", "One agent, its jobs included."),
    "job-stream": (
        "/api/v1/stream/jobs/{job_id}",
        "One job; progress only, unless asked otherwise.",
    ),
}

_ID_RULE = (
    "An id that matches [A-Za-z0-9_:-]{1,128} and is not `-` stands as it is; any other is `=` and "
    "the base64url of its UTF-8, without padding."
)


def asyncapi_document() -> Schema:
    """Return the AsyncAPI document, with the bridge as the application that it describes."""
    return {
        "asyncapi": "3.0.0",
        "info": _info(),
        "defaultContentType": "application/json",
        "servers": _servers(),
        "channels": _channels(),
        "operations": _operations(),
        "components": {
            "schemas": components(ALL_TYPES, "#/components/schemas/{name}"),
            "messages": _messages(),
            "messageTraits": {"published": _published()},
            "parameters": _parameters(),
        },
    }


def _info() -> Schema:
    return {
        "title": "Jetbridge",
        "version": __version__,
        "description": (
            "Agents publish events on NATS, JetStream retains them, browsers stream and replay "
            "them by Server-Sent Events. Event types that are not listed here pass unchanged."
        ),
        "license": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
    }


def _servers() -> Schema:
    return {
        "nats": {"host": "127.0.0.1:4222", "protocol": "nats", "title": "NATS with JetStream"},
        "bridge": {
            "host": "127.0.0.1:8000",
            "protocol": "http",
            "title": "The bridge",
            "description": "Streams are text/event-stream: `event` is the type, `data` the JSON.",
        },
    }


def _channels() -> Schema:
    published = {name: _event_channel(name) for name in EVENT_TYPES}
    streams = {name: _stream_channel(name) for name in STREAMS}
    return {
        **published,
        DEAD_LETTER: _nats_channel(DEAD_LETTER, "dlq.{tenant}.{reason}", DeadLetter),
        TASK: _nats_channel(TASK, "task.{tenant}.{agent}", TaskRequest),
        TASK_CONTROL: _nats_channel(TASK_CONTROL, "ctl.{tenant}.{agent}.{job}", TaskControl),
        **streams,
    }


def _event_channel(event_type: str) -> Schema:
    return {
        "address": f"evt.{{tenant}}.{{agent}}.{{job}}.{event_type}",
        "title": event_type,
        "summary": summary(EVENT_TYPES[event_type]),
        "servers": [_ref("servers", "nats")],
        "parameters": _parameter_refs("tenant", "agent", "job"),
        "messages": _message_refs([event_type]),
    }


def _nats_channel(name: str, address: str, struct: type) -> Schema:
    used = [part[1:-1] for part in address.split(".") if part.startswith("{")]
    return {
        "address": address,
        "title": name.replace("-", " ").capitalize(),
        "summary": summary(struct),
        "servers": [_ref("servers", "nats")],
        "parameters": _parameter_refs(*used),
        "messages": _message_refs([name]),
    }


def _stream_channel(name: str) -> Schema:
    address, what = STREAMS[name]
    used = [parameter for parameter in ("agent_id", "job_id") if f"{{{parameter}}}" in address]
    return {
        "address": address,
        "title": name.replace("-", " ").capitalize(),
        "summary": what,
        "servers": [_ref("servers", "bridge")],
        **({"parameters": _parameter_refs(*used)} if used else {}),
        "messages": _message_refs(FRAMES),
    }


def _operations() -> Schema:
    received = {f"receive-{name}": _operation("receive", name) for name in EVENT_TYPES}
    names = (DEAD_LETTER, TASK, TASK_CONTROL, *STREAMS)
    sent = {f"send-{name}": _operation("send", name) for name in names}
    return {**received, **sent}


def _operation(action: str, channel: str) -> Schema:
    return {"action": action, "channel": _ref("channels", channel)}


def _messages() -> Schema:
    events = {
        name: {
            **_message(name, struct),
            "traits": [_ref("components", "messageTraits", "published")],
        }
        for name, struct in EVENT_TYPES.items()
    }
    control = {name: _message(name, struct) for name, struct in CONTROL_EVENTS.items()}
    others = {DEAD_LETTER: DeadLetter, TASK: TaskRequest, TASK_CONTROL: TaskControl}
    return {**events, **control, **{name: _message(name, s) for name, s in others.items()}}


def _message(name: str, struct: type) -> Schema:
    return {
        "name": name,
        "title": struct.__name__,
        "summary": summary(struct),
        "contentType": "application/json",
        "payload": _ref("components", "schemas", struct.__name__),
    }


def _published() -> Schema:
    headers = {
        "Nats-Msg-Id": "Publishing again with the same id, within 120 s, stores nothing new.",
        "Content-Type": "application/json (the default), application/msgpack, or a CloudEvent's.",
        "traceparent": "W3C trace context.",
        "tracestate": "W3C trace context.",
    }
    properties = {name: {"type": "string", "description": text} for name, text in headers.items()}
    return {"headers": {"type": "object", "properties": properties}}


def _parameters() -> Schema:
    return {
        "tenant": {"description": f"The tenant. {_ID_RULE}", "default": DEFAULT_TENANT},
        "agent": {"description": f"The agent's id. {_ID_RULE}", "examples": ["agent:001"]},
        "job": {
            "description": f"The unit of work, `{NO_JOB}` when there is none. {_ID_RULE}",
            "default": NO_JOB,
        },
        "agent_id": {"description": "The agent's id, percent-encoded.", "examples": ["agent:001"]},
        "job_id": {"description": "The job's id, percent-encoded.", "examples": ["job:123"]},
        "reason": {
            "description": "Why the message cannot be delivered.",
            "enum": [reason.value for reason in DeadLetterReason],
        },
    }


def _parameter_refs(*names: str) -> Schema:
    return {name: _ref("components", "parameters", name) for name in names}


def _message_refs(names: Iterable[str]) -> Schema:
    return {name: _ref("components", "messages", name) for name in names}


def _ref(*path: str) -> Schema:
    return {"$ref": "#/" + "/".join(path)}
