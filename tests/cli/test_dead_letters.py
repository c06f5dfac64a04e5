from __future__ import annotations

import json

import pytest

from jetbridge.cli import main
from jetbridge.embedded import NatsServer
from tests.cli.streams import make_streams, store


def announce(server: NatsServer, number: int, reason: str = "bad_json") -> None:
    letter = {
        "sequence": number,
        "subject": "evt.default.a.-.note",
        "reason": reason,
        "message": "not one JSON object",
        "timestamp": "2026-01-01T00:00:00Z",
    }
    store(server, f"dlq.default.{reason}", json.dumps(letter).encode())


@pytest.fixture
def server(nats_server: NatsServer) -> NatsServer:
    make_streams(nats_server)
    return nats_server


def listed(server: NatsServer, capsys: pytest.CaptureFixture[str], *arguments: str) -> list[int]:
    assert main(["dead-letters", "--nats", server.url, "--json", *arguments]) == 0
    return [json.loads(line)["sequence"] for line in capsys.readouterr().out.splitlines()]


def test_dead_letters_are_listed_newest_last(
    server: NatsServer, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in (1, 2, 3):
        announce(server, number)
    assert listed(server, capsys) == [1, 2, 3]


def test_only_the_newest_are_listed_when_there_is_a_limit(
    server: NatsServer, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in (1, 2, 3):
        announce(server, number)
    assert listed(server, capsys, "--limit", "2") == [2, 3]


def test_a_rare_reason_is_found_behind_many_others(
    server: NatsServer, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jetbridge.cli.dead_letters.FIRST_WINDOW", 1)
    announce(server, 1, "schema")
    for number in (2, 3, 4, 5):
        announce(server, number)
    assert listed(server, capsys, "--reason", "schema", "--limit", "1") == [1]


@pytest.mark.parametrize("spelling", ["too_large", "too-large"])
def test_a_reason_can_be_spelled_as_on_the_wire_or_as_a_flag(
    server: NatsServer, capsys: pytest.CaptureFixture[str], spelling: str
) -> None:
    announce(server, 1, "too_large")
    announce(server, 2, "schema")
    assert listed(server, capsys, "--reason", spelling) == [1]


def test_people_see_sequence_reason_subject_and_what_is_wrong(
    server: NatsServer, capsys: pytest.CaptureFixture[str]
) -> None:
    announce(server, 7)
    assert main(["dead-letters", "--nats", server.url]) == 0
    line = capsys.readouterr().out
    for part in ("7", "bad_json", "evt.default.a.-.note", "not one JSON object"):
        assert part in line


def test_none_are_told_as_none(server: NatsServer, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["dead-letters", "--nats", server.url]) == 0
    assert capsys.readouterr().err == "no dead letters\n"


def test_without_the_stream_the_doctor_is_named(
    nats_server: NatsServer, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["dead-letters", "--nats", nats_server.url]) == 1
    assert "jetbridge doctor" in capsys.readouterr().err
