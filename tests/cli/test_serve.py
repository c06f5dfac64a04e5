from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import httpx2
import pytest

from jetbridge.cli import main
from jetbridge.embedded import NatsServer
from tests.cli.processes import running
from tests.cli.streams import make_streams


@pytest.fixture
def log(tmp_path: Path) -> Iterator[IO[str]]:
    with (tmp_path / "stderr").open("w+") as file:
        yield file


def written(log: IO[str]) -> str:
    return Path(log.name).read_text()


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGINT])
def test_serve_says_when_it_is_ready_and_ends_well_on_a_signal(
    nats_server: NatsServer, log: IO[str], signum: signal.Signals
) -> None:
    make_streams(nats_server)
    with running("serve", "--port", "0", "--nats", nats_server.url, stderr=log) as bridge:
        assert bridge.nats == nats_server.url
        assert httpx2.get(f"{bridge.url}/readyz").status_code == 200
        assert bridge.end(signum) == 0
        assert bridge.process.stdout is not None
        assert bridge.process.stdout.read() == ""
    assert "Traceback" not in written(log)


def test_serve_reads_its_settings_from_a_file(
    nats_server: NatsServer, log: IO[str], tmp_path: Path
) -> None:
    toml = tmp_path / "jetbridge.toml"
    toml.write_text(
        f'nats = "{nats_server.url}"\nport = 0\nstream_manage = "create"\napi_prefix = "/live"\n'
    )
    with running("serve", "--config", str(toml), stderr=log) as bridge:
        assert httpx2.get(f"{bridge.url}/live/status").status_code == 200


def test_serve_logs_json_when_asked(nats_server: NatsServer, log: IO[str]) -> None:
    make_streams(nats_server)
    flags = ["--port", "0", "--nats", nats_server.url, "--log-format", "json"]
    with running("serve", *flags, stderr=log) as bridge:
        assert bridge.end(signal.SIGTERM) == 0
    lines = written(log).splitlines()
    assert lines
    assert all(line.startswith("{") for line in lines)


def test_serve_without_the_stream_prints_the_command_that_makes_it(
    nats_server: NatsServer, capfd: pytest.CaptureFixture[str]
) -> None:
    assert main(["serve", "--port", "0", "--nats", nats_server.url]) == 1
    printed = capfd.readouterr()
    assert printed.out == ""
    message, hint = printed.err.splitlines()[-2:]
    assert message == "jetbridge: there is no stream EVT"
    assert "nats stream add EVT" in hint


def test_serve_without_nats_is_one_line_and_a_hint(
    free_port: int, capfd: pytest.CaptureFixture[str]
) -> None:
    assert main(["serve", "--port", "0", "--nats", f"nats://127.0.0.1:{free_port}"]) == 1
    printed = capfd.readouterr()
    assert printed.err.startswith("jetbridge: cannot reach NATS")
    assert "Traceback" not in printed.err


@pytest.mark.parametrize(
    "arguments",
    [["--port", "http"], ["--prot", "1"], ["--config", "nowhere.toml"], ["--nats", "x://y"]],
)
def test_a_wrong_flag_is_told_in_one_line(
    arguments: list[str], capfd: pytest.CaptureFixture[str]
) -> None:
    assert main(["serve", *arguments]) in (1, 2)
    message = capfd.readouterr().err.splitlines()[0]
    assert message.startswith("jetbridge: ")


def test_every_setting_is_a_flag_with_its_default(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serve", "--help"]) == 0
    text = " ".join(capsys.readouterr().out.replace("│", " ").split())
    for flag in ("--max-event-history", "--no-enable-heartbeat", "--ring-max-bytes", "--config"):
        assert flag in text
    assert "[default: 500 events]" in text
