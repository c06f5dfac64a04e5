from __future__ import annotations

import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from jetbridge.cli import dev_server, main
from jetbridge.embedded import NatsServer, accepts_connections
from jetbridge_schemas.errors import JetbridgeError
from tests.cli.processes import running

FREE_PORTS = ["--port", "0", "--nats-port", "0"]


@pytest.fixture
def taken_port() -> Iterator[int]:
    """A port of 127.0.0.1 where somebody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGINT])
def test_dev_runs_nats_the_bridge_and_a_plant_and_ends_well_on_a_signal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], signum: signal.Signals
) -> None:
    banner = tmp_path / "stderr"
    with (
        banner.open("w") as stderr,
        running("dev", *FREE_PORTS, stderr=stderr, cwd=tmp_path) as dev,
    ):
        assert main(["tail", "--url", dev.url, "--limit", "3", "--json"]) == 0
        assert dev.end(signum) == 0
        assert not accepts_connections(int(dev.nats.rpartition(":")[2]))
    assert len(capsys.readouterr().out.splitlines()) == 3
    assert f"curl -N {dev.url}/api/v1/stream/events" in banner.read_text()
    assert "Traceback" not in banner.read_text()
    assert (tmp_path / ".jetbridge").is_dir()


def test_dev_without_the_demo_publishes_nothing_and_keeps_what_was_published(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    flags = [*FREE_PORTS, "--no-demo", "--data-dir", str(tmp_path / "data")]
    with (tmp_path / "stderr").open("w") as stderr:
        with running("dev", *flags, stderr=stderr) as dev:
            assert main(["publish", "--nats", dev.nats, "--agent", "a", "note", "{}"]) == 0
            assert dev.end(signal.SIGTERM) == 0
        stored = int(capsys.readouterr().out)
        with running("dev", *flags, stderr=stderr) as dev:
            page = httpx2.get(
                f"{dev.url}/api/v1/stream/events", headers={"Accept": "application/json"}
            ).json()
    assert [event["id"] for event in page["events"]] == [stored]


def test_a_taken_port_is_one_line_and_a_hint(
    tmp_path: Path, taken_port: int, capfd: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "data"
    assert main(["dev", "--port", str(taken_port), "--data-dir", str(data)]) == 1
    message, hint = capfd.readouterr().err.splitlines()
    assert f"{taken_port}" in message
    assert "--port" in hint
    assert not data.exists()


def test_a_taken_nats_port_that_was_asked_for_is_an_error(
    tmp_path: Path, taken_port: int, capfd: pytest.CaptureFixture[str]
) -> None:
    flags = ["--port", "0", "--nats-port", str(taken_port), "--data-dir", str(tmp_path)]
    assert main(["dev", *flags]) == 1
    message, hint = capfd.readouterr().err.splitlines()
    assert message == f"jetbridge: port {taken_port}, wanted for NATS, is taken"
    assert "--nats-port" in hint


def test_nats_gets_a_free_port_when_its_own_is_taken_and_nobody_asked_for_one(
    taken_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dev_server, "DEFAULT_NATS_PORT", taken_port)
    assert dev_server.choose_nats_port(None) == 0


def test_nats_gets_its_own_port_when_that_is_free(
    free_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dev_server, "DEFAULT_NATS_PORT", free_port)
    assert dev_server.choose_nats_port(None) == free_port


def test_a_store_that_another_server_works_on_is_left_alone(nats_server: NatsServer) -> None:
    with pytest.raises(JetbridgeError) as caught:
        dev_server.check_not_running(nats_server.data_dir)
    assert f"kill {nats_server.pid}" in caught.value.hint


def test_what_a_killed_server_left_behind_is_no_obstacle(nats_server: NatsServer) -> None:
    nats_server.kill()
    dev_server.check_not_running(nats_server.data_dir)
