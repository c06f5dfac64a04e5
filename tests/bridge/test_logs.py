from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import pytest

from jetbridge.logs import configure_logging
from jetbridge.setting_choices import LogFormat, LogLevel
from tests.support.root_logger import root_logger_restored


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    with root_logger_restored():
        yield


def logged(capsys: pytest.CaptureFixture[str]) -> str:
    printed = capsys.readouterr()
    assert printed.out == ""
    return printed.err


def test_json_lines_hold_what_a_collector_needs(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(LogFormat.JSON, LogLevel.INFO)
    logging.getLogger("jetbridge.tail").warning("lost %d", 3, extra={"client": "c1"})
    line = json.loads(logged(capsys))
    assert line["timestamp"].endswith("Z")
    assert line["event"] == "lost 3"
    assert (line["level"], line["logger"], line["client"]) == ("warning", "jetbridge.tail", "c1")


def test_console_lines_are_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(LogFormat.CONSOLE, LogLevel.INFO)
    logging.getLogger("jetbridge.tail").info("connected")
    line = logged(capsys)
    assert "connected" in line
    assert "\x1b" not in line


def test_less_important_lines_are_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(LogFormat.CONSOLE, LogLevel.WARNING)
    logging.getLogger("jetbridge.tail").info("chatter")
    assert logged(capsys) == ""


def test_libraries_do_not_report_their_progress(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(LogFormat.CONSOLE, LogLevel.INFO)
    logging.getLogger("uvicorn.error").info("Started server process")
    assert logged(capsys) == ""


@pytest.mark.parametrize("log_format", LogFormat)
def test_an_exception_shows_where_but_not_what_was_in_variables(
    log_format: LogFormat, capsys: pytest.CaptureFixture[str]
) -> None:
    configure_logging(log_format, LogLevel.INFO)
    secret = "hunter" + "2"
    try:
        raise ValueError(f"bad length {len(secret)}")
    except ValueError:
        logging.getLogger("jetbridge").exception("it broke")
    text = logged(capsys)
    assert "test_logs.py" in text
    assert "hunter2" not in text
