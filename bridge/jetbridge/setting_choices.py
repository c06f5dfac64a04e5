"""Settings that choose among a few words."""

from __future__ import annotations

from enum import StrEnum


class StreamManage(StrEnum):
    """What the bridge does about the stream `EVT` when it starts."""

    CREATE = "create"
    VERIFY = "verify"
    OFF = "off"


class Validation(StrEnum):
    """What happens to an event of a known type whose payload does not fit its schema."""

    STRICT = "strict"
    WARN = "warn"
    OFF = "off"


class CursorBackend(StrEnum):
    """Where the cursors of durable clients are kept."""

    CONSUMER = "consumer"
    KV = "kv"


class LogFormat(StrEnum):
    """How a log line is written."""

    CONSOLE = "console"
    JSON = "json"


class LogLevel(StrEnum):
    """The least important lines that are still written."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"
