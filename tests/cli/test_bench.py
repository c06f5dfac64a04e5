from __future__ import annotations

import json
import math
import os
import socket
import subprocess
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jetbridge.cli import main
from jetbridge.cli.bench_report import BenchReport, Milliseconds
from jetbridge.cli.latencies import Latencies
from jetbridge.cli.local_memory import listener_memory
from jetbridge.embedded import NatsServer
from tests.cli.processes import command, running

SMALL = ["--clients", "20", "--rate", "100", "--seconds", "1", "--agents", "4"]
REPORT = BenchReport(
    clients=2,
    connect_seconds=0.1,
    published=10,
    publish_seconds=1.0,
    expected=20,
    delivered=20,
    disordered=0,
    cut=0,
    latency_ms=Milliseconds(1.0, 2.0, 3.0, 4.0),
    memory_bytes=None,
    memory_bytes_per_client=None,
)


def test_every_event_is_delivered_and_timed(nats_server: NatsServer, tmp_path: Path) -> None:
    serve = ["serve", "--nats", nats_server.url, "--stream-manage", "create", "--port", "0"]
    with (tmp_path / "stderr").open("w") as log, running(*serve, stderr=log) as bridge:
        where = ["--url", bridge.url, "--nats", nats_server.url]
        done = subprocess.run(
            command("bench", *where, *SMALL, "--json"), stdout=subprocess.PIPE, check=True
        )
    report = json.loads(done.stdout)
    assert (report["published"], report["expected"], report["delivered"]) == (100, 500, 500)
    assert (report["lost"], report["disordered"], report["cut"]) == (0, 0, 0)
    times = report["latency_ms"]
    assert 0 < times["p50"] <= times["p90"] <= times["p99"] <= times["max"] < 10_000
    assert report["memory_bytes"] > 10_000_000


def test_clients_that_are_refused_are_an_error(
    nats_server: NatsServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    limited = ["--max-clients", "3", "--stream-manage", "create", "--port", "0"]
    with (
        (tmp_path / "stderr").open("w") as log,
        running("serve", "--nats", nats_server.url, *limited, stderr=log) as bridge,
    ):
        assert main(["bench", "--url", bridge.url, "--nats", nats_server.url, *SMALL]) == 1
    assert "the bridge has no stream just now" in capsys.readouterr().err


def test_no_bridge_is_an_error_with_a_hint(
    nats_server: NatsServer, free_port: int, capsys: pytest.CaptureFixture[str]
) -> None:
    url = f"http://127.0.0.1:{free_port}"
    assert main(["bench", "--url", url, "--nats", nats_server.url, *SMALL]) == 1
    assert "hint: start a bridge" in capsys.readouterr().err


def test_the_report_for_people_names_every_flaw() -> None:
    assert "20 of 20, each once and in order" in REPORT.for_people()
    flawed = msgspec.structs.replace(REPORT, delivered=15, cut=1)
    assert not flawed.flawless
    assert "15 of 20: 5 LOST, 1 CUT" in flawed.for_people()


@given(st.lists(st.floats(1e-6, 1e4), min_size=1), st.floats(0, 1))
def test_a_percentile_is_right_within_one_percent(times: list[float], share: float) -> None:
    latencies = Latencies()
    for each in times:
        latencies.record(each)
    exact = sorted(times)[max(math.ceil(share * len(times)) - 1, 0)]
    assert latencies.percentile(share) == pytest.approx(exact, rel=0.011)


def test_the_memory_of_whoever_listens_is_found(free_port: int) -> None:
    assert listener_memory(free_port) is None
    with socket.create_server(("127.0.0.1", free_port)):
        found = listener_memory(free_port)
    assert found is not None
    assert 5_000_000 < found < os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
