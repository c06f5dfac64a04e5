"""Fixtures for tests of the command line."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator

import pytest

from tests.support.root_logger import root_logger_restored


@pytest.fixture(autouse=True)
def no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever runs the tests may have JETBRIDGE_ variables of their own."""
    for name in [name for name in os.environ if name.startswith("JETBRIDGE_")]:
        monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    """Commands set up logging for their process, which here is ours."""
    with root_logger_restored():
        yield


@pytest.fixture
def free_port() -> int:
    """A port of 127.0.0.1 where nothing listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]
