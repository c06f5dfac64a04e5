"""Log lines on standard error: for people, or JSON for collectors."""

from __future__ import annotations

import logging
import sys

import structlog
from structlog.typing import EventDict, Processor

from jetbridge.setting_choices import LogFormat, LogLevel

CHATTY = ("uvicorn", "httpx2", "asyncio")
"""Libraries whose progress reports would only repeat ours."""


def configure_logging(
    log_format: LogFormat, log_level: LogLevel, *, worker: int | None = None
) -> None:
    """Send every logger of the process to standard error, one line for each record.

    `json` writes an object with `timestamp` (RFC 3339, UTC), `level`, `logger`, `event`,
    whatever is in the record's `extra`, and `exception` if there is one. With `worker`,
    each line tells that number.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_formatter(log_format, worker, colours=sys.stderr.isatty()))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(log_level.value.upper())
    for name in CHATTY:
        logging.getLogger(name).setLevel(max(root.level, logging.WARNING))


def _formatter(
    log_format: LogFormat, worker: int | None, *, colours: bool
) -> structlog.stdlib.ProcessorFormatter:
    common: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        *([_tell_worker(worker)] if worker is not None else ()),
    ]
    # structlog's own way of showing an exception shows local variables too: payloads, secrets.
    plain = structlog.dev.plain_traceback
    last: list[Processor] = (
        [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
        if log_format is LogFormat.JSON
        else [structlog.dev.ConsoleRenderer(colors=colours, exception_formatter=plain)]
    )
    drop_meta = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=common, processors=[drop_meta, *last]
    )


def _tell_worker(number: int) -> Processor:
    def add(_logger: object, _method: str, event: EventDict) -> EventDict:
        event["worker"] = number
        return event

    return add
