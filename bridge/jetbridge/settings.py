"""Every setting of the bridge: its name, type, range, unit, default and what it means.

`docs/configuration.md` is generated from this file; `settings_loading` fills it.
"""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from jetbridge.setting_choices import (
    CursorBackend,
    LogFormat,
    LogLevel,
    StreamManage,
    Validation,
)

MIB = 1024 * 1024
GIB = 1024 * MIB


def about(group: str, text: str, *, unit: str = "", zero: str = "") -> Meta:
    """Documentation of one setting: its group, unit, meaning, and what zero means."""
    return Meta(description=text, extra={"group": group, "unit": unit, "zero": zero})


LISTEN = "Listening"
NATS = "NATS"
STREAM = "The stream EVT"
CLIENTS = "Clients"
REPLAY = "Replay and delivery"
DURABLE = "Durable clients"
LOGS = "Logs"


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One immutable answer to "how does this bridge run?".

    Names and defaults of the first seven client settings follow the process heat
    streaming guide, so that a configuration written for it keeps its meaning.
    """

    host: Annotated[
        str,
        Meta(min_length=1),
        about(LISTEN, "Address to listen on. `0.0.0.0` is every interface."),
    ] = "127.0.0.1"
    port: Annotated[
        int,
        Meta(ge=0, le=65535),
        about(LISTEN, "TCP port to listen on.", zero="the system picks a free port"),
    ] = 8000
    api_prefix: Annotated[
        str,
        Meta(pattern=r"^(/[A-Za-z0-9._~-]+)+$"),
        about(LISTEN, "Path under which the stream routes live; begins with `/`, ends without."),
    ] = "/api/v1/stream"
    allowed_origins: Annotated[
        tuple[Annotated[str, Meta(pattern=r"^(\*|https?://[^/\s,]+)$")], ...],
        about(
            LISTEN,
            "Origins whose pages may read the streams (CORS), such as `https://app.example`; "
            "`*` is any. Empty: pages of the same origin only.",
        ),
    ] = ()
    workers: Annotated[
        int,
        Meta(ge=1, le=256),
        about(
            LISTEN,
            "Processes that `jetbridge serve` runs on the port (Linux). Each reads the stream "
            "itself, and `max_clients`, `max_clients_per_stream` and `connect_rate_per_address` "
            "hold for each. `jetbridge dev` always runs one.",
            unit="processes",
        ),
    ] = 1
    drain_seconds: Annotated[
        float,
        Meta(ge=0, le=3600),
        about(
            LISTEN,
            "Time given to open streams to end after SIGTERM or SIGINT.",
            unit="seconds",
            zero="streams are cut at once",
        ),
    ] = 10

    nats: Annotated[
        str,
        Meta(min_length=1),
        about(NATS, "Servers to connect to: one URL, or several separated by commas."),
    ] = "nats://127.0.0.1:4222"
    nats_creds: Annotated[
        str, about(NATS, "Path of a NATS credentials file. Empty: connect without.")
    ] = ""
    nats_tls_ca: Annotated[
        str,
        about(
            NATS,
            "Path of a PEM file with the certificate authority of the servers. "
            "Empty: the system's authorities.",
        ),
    ] = ""

    stream_manage: Annotated[
        StreamManage,
        about(
            STREAM,
            "`create` makes the stream when it is missing; `verify` refuses to start when it is "
            "missing or wrong, and prints the command that makes it; `off` looks at nothing. "
            "`jetbridge dev` uses `create`.",
        ),
    ] = StreamManage.VERIFY
    stream_replicas: Annotated[
        int, Meta(ge=1, le=5), about(STREAM, "Copies of the stream in a NATS cluster: 1, 3 or 5.")
    ] = 1
    stream_max_age_hours: Annotated[
        float,
        Meta(ge=0, le=876_000),
        about(STREAM, "Age at which events are removed.", unit="hours", zero="kept for ever"),
    ] = 72
    stream_max_bytes: Annotated[
        int,
        Meta(ge=MIB),
        about(STREAM, "Size at which the oldest events are removed.", unit="bytes"),
    ] = GIB
    validation: Annotated[
        Validation,
        about(
            STREAM,
            "An event of a known type that does not fit its schema: `strict` makes it a dead "
            "letter, `warn` delivers it and logs a line, `off` does not look.",
        ),
    ] = Validation.STRICT

    heartbeat_interval_seconds: Annotated[
        float,
        Meta(gt=0, le=3600),
        about(CLIENTS, "Silence after which a client gets a `heartbeat` event.", unit="seconds"),
    ] = 30
    enable_heartbeat: Annotated[bool, about(CLIENTS, "Whether heartbeats are sent at all.")] = True
    client_timeout_seconds: Annotated[
        float,
        Meta(gt=0),
        about(CLIENTS, "Time after which a socket that accepts nothing is closed.", unit="seconds"),
    ] = 300
    max_clients_per_stream: Annotated[
        int,
        Meta(ge=0),
        about(
            CLIENTS,
            "Clients that may be connected to one stream (the global one, one agent, one job).",
            unit="clients",
            zero="no limit",
        ),
    ] = 1000
    max_clients: Annotated[
        int,
        Meta(ge=0),
        about(
            CLIENTS,
            "Clients that may be connected to this process.",
            unit="clients",
            zero="no limit",
        ),
    ] = 0
    connect_rate_per_address: Annotated[
        int,
        Meta(ge=0),
        about(
            CLIENTS,
            "Streams that one client address may open in a minute (for IPv6, one /64), in each "
            "process; further ones are told to come back. Behind a proxy set "
            "`FORWARDED_ALLOW_IPS` to the proxy's address, or all clients count as one.",
            unit="per minute",
            zero="no limit",
        ),
    ] = 0
    max_stream_seconds: Annotated[
        float,
        Meta(ge=0),
        about(
            CLIENTS,
            "Age at which a stream is ended with `draining`, up to a fifth earlier, so that load "
            "balancers can spread clients anew. Clients come back and miss nothing.",
            unit="seconds",
            zero="never",
        ),
    ] = 0
    max_queue_size: Annotated[
        int,
        Meta(ge=1),
        about(
            CLIENTS,
            "Events that may wait for a slow client. Past it the queue is dropped and the client "
            "reads on from JetStream at its own pace: it loses nothing.",
            unit="events",
        ),
    ] = 500
    max_event_history: Annotated[
        int,
        Meta(ge=0, le=100_000),
        about(
            CLIENTS,
            "Recent events that `from=recent` gives to a client without a position. "
            "A resume is never cut short by it.",
            unit="events",
            zero="`from=recent` is `from=latest`",
        ),
    ] = 100

    flush_max_ms: Annotated[
        float,
        Meta(ge=0, le=1000),
        about(
            REPLAY,
            "Longest time that events are held back to be written together under load.",
            unit="milliseconds",
            zero="every event is written at once",
        ),
    ] = 5
    direct_writes: Annotated[
        bool,
        about(
            REPLAY,
            "Write straight to the connections of streams: several times faster, and a few "
            "kilobytes a client. Off: through sse-starlette's response, as under any other server.",
        ),
    ] = True
    ring_max_events: Annotated[
        int,
        Meta(ge=0),
        about(
            REPLAY,
            "Recent events kept in memory, from which reconnects are served without asking NATS.",
            unit="events",
            zero="no ring: every replay reads JetStream",
        ),
    ] = 20_000
    ring_max_bytes: Annotated[
        int,
        Meta(ge=0),
        about(
            REPLAY,
            "Memory that those events may take.",
            unit="bytes",
            zero="no ring: every replay reads JetStream",
        ),
    ] = 32 * MIB
    max_replay_readers: Annotated[
        int,
        Meta(ge=1, le=1000),
        about(
            REPLAY,
            "Replays that read from JetStream at the same time; further ones wait their turn.",
            unit="readers",
        ),
    ] = 24

    cursor_backend: Annotated[
        CursorBackend,
        about(
            DURABLE,
            "Where the places of clients with a `client_id` are kept: `consumer` is a JetStream "
            "consumer for each, `kv` a key of the bucket `JETBRIDGE_CURSORS`, for very many "
            "clients or a replicated stream.",
        ),
    ] = CursorBackend.CONSUMER
    cursor_checkpoint_seconds: Annotated[
        float,
        Meta(gt=0, le=3600),
        about(
            DURABLE,
            "Time between two writes of the places that have changed. After a crash a durable "
            "client without an id gets the events of this time again.",
            unit="seconds",
        ),
    ] = 5

    log_format: Annotated[
        LogFormat, about(LOGS, "`console` for people, `json` for log collectors.")
    ] = LogFormat.CONSOLE
    log_level: Annotated[
        LogLevel, about(LOGS, "Least important lines written: `debug` to `error`.")
    ] = LogLevel.INFO
