from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from jetbridge.cli import main
from jetbridge.embedded import NatsServer
from tests.cli.streams import make_streams, stored


@pytest.fixture
def server(nats_server: NatsServer) -> NatsServer:
    make_streams(nats_server)
    return nats_server


@pytest.fixture
def standard_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[io.BufferedWriter]:
    """A pipe that the command reads as its standard input; close it to end the input."""
    read, write = os.pipe()
    with os.fdopen(read) as reader, os.fdopen(write, "wb") as writer:
        monkeypatch.setattr(sys, "stdin", reader)
        yield writer


def line(number: int) -> bytes:
    return json.dumps({"agent": "a", "type": "note", "data": {"n": number}}).encode() + b"\n"


def test_one_event_is_stored_and_its_sequence_printed(
    server: NatsServer, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--nats", server.url, "--agent", "agent:001", "--job", "j1"]
    assert main(["publish", *arguments, "note", '{"text":"hello"}']) == 0
    assert stored(server) == [("evt.default.agent:001.j1.note", b'{"text":"hello"}')]
    assert int(capsys.readouterr().out) > 10**15


def test_the_same_id_is_stored_once(server: NatsServer) -> None:
    for _ in range(2):
        arguments = ["--nats", server.url, "--agent", "a", "--id", "once"]
        assert main(["publish", *arguments, "note", "{}"]) == 0
    assert len(stored(server)) == 1


def test_json_lines_are_published_in_order(
    server: NatsServer, standard_input: io.BufferedWriter, capsys: pytest.CaptureFixture[str]
) -> None:
    standard_input.write(b"".join(line(n) for n in range(500)) + b"\n" + line(500).rstrip())
    standard_input.close()
    assert main(["publish", "--nats", server.url]) == 0
    assert [json.loads(data)["n"] for _, data in stored(server)] == list(range(501))
    assert capsys.readouterr().err == "published 501 events\n"


def test_bad_lines_are_told_by_number_and_the_good_ones_sent(
    server: NatsServer, standard_input: io.BufferedWriter, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = (
        b"not json\n"
        b'{"type":"note","data":{}}\n'
        b'{"agent":"a","type":"note","data":[]}\n'
        b'{"agent":"a","type":"note","data":{},"jobb":"j"}\n'
        b'{"agent":"a","type":"agent.status","data":{"agent_id":"a","status":"ASLEEP"}}\n'
        b'{"agent":"","type":"note","data":{}}\n'
        b'{"agent":"a","type":"heartbeat","data":{}}\n'
        b"\xff\n"
    )
    standard_input.write(line(1) + bad + line(2))
    standard_input.close()
    assert main(["publish", "--nats", server.url]) == 1
    assert [json.loads(data)["n"] for _, data in stored(server)] == [1, 2]
    told = capsys.readouterr().err
    assert [f"line {number}:" in told for number in range(1, 11)] == [False, *[True] * 8, False]
    assert told.endswith("published 2 events, 8 lines refused\n")


def test_lines_from_a_file_are_published(
    server: NatsServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "lines"
    path.write_bytes(line(1))
    with path.open() as file:
        monkeypatch.setattr(sys, "stdin", file)
        assert main(["publish", "--nats", server.url]) == 0
    assert len(stored(server)) == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ["note", "{}"],
        ["--agent", "a", "note"],
        ["--agent", "a", "note", "[]"],
        ["--agent", "a", "note", "{"],
        ["--agent", "a"],
        ["--agent", "a", "note", "{}", "more"],
    ],
)
def test_senseless_requests_are_usage_errors_with_an_example(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["publish", *arguments]) == 2
    message, hint = capsys.readouterr().err.splitlines()
    assert message.startswith("jetbridge: ")
    assert "jetbridge publish" in hint


def test_an_event_that_does_not_fit_its_schema_is_refused(
    server: NatsServer, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--nats", server.url, "--agent", "a", "agent.status", '{"agent_id":"a"}']
    assert main(["publish", *arguments]) == 1
    assert "status" in capsys.readouterr().err
    assert stored(server) == []


def test_nats_away_is_one_line_and_a_hint(
    free_port: int, capsys: pytest.CaptureFixture[str]
) -> None:
    nats = f"nats://127.0.0.1:{free_port}"
    assert main(["publish", "--nats", nats, "--agent", "a", "note", "{}"]) == 1
    message, hint = capsys.readouterr().err.splitlines()
    assert message.startswith(f"jetbridge: cannot reach NATS at {nats}")
    assert hint.startswith("  hint: ")


def test_a_wrong_setting_is_a_usage_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("JETBRIDGE_NATZ", "nats://x")
    assert main(["publish", "--agent", "a", "note", "{}"]) == 2
    assert "JETBRIDGE_NATZ" in capsys.readouterr().err
