"""Log lines on standard error: for people, or JSON for collectors."""

from __future__ import annotations

import logging
import sys

import structlog
from structlog.typing import Processor

from jetbridge.settings import LogFormat, LogLevel


def configure_logging(log_format: LogFormat, log_level: LogLevel) -> None:
    """Send every logger of the process to standard error, one line for each record.

    `json` writes an object with `timestamp` (RFC 3339, UTC), `level`, `logger`, `event`,
    whatever is in the record's `extra`, and `exception` if there is one.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_formatter(log_format, colours=sys.stderr.isatty()))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(log_level.value.upper())


def _formatter(log_format: LogFormat, *, colours: bool) -> structlog.stdlib.ProcessorFormatter:
    common: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    last: list[Processor] = (
        [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
        if log_format is LogFormat.JSON
        else [structlog.dev.ConsoleRenderer(colors=colours)]
    )
    drop_meta = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=common, processors=[drop_meta, *last]
    )
