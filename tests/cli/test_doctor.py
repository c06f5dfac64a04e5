from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from jetbridge.cli import main
from jetbridge.embedded import NatsServer
from tests.cli.streams import add_events_stream, make_streams, stored, with_jetstream
from tests.support.scripted_http import Answer, scripted

MAY_NOTHING = """
    accounts {
      A { jetstream: enabled, users: [
        {user: owner, password: o},
        {user: stranger, password: s, permissions: {
          publish: ["$JS.API.STREAM.INFO.EVT", "$JS.API.STREAM.INFO.DLQ"], subscribe: ["_INBOX.>"]}}
      ]}
    }
"""


@pytest.fixture
def bridge() -> Iterator[str]:
    with scripted([Answer('{"ready":true}', headers={})]) as script:
        yield script.url


def report(capsys: pytest.CaptureFixture[str]) -> dict[str, list[str]]:
    """The verdicts, each with its lines."""
    verdicts: dict[str, list[str]] = {"ok": [], "note": [], "FAIL": [], "": []}
    for line in capsys.readouterr().out.splitlines():
        verdicts[line[:6].strip()].append(line[6:])
    return verdicts


def test_all_is_well_with_a_server_streams_and_a_bridge(
    nats_server: NatsServer, bridge: str, capsys: pytest.CaptureFixture[str]
) -> None:
    make_streams(nats_server)
    assert main(["doctor", "--nats", nats_server.url, "--url", bridge]) == 0
    lines = report(capsys)
    assert lines["FAIL"] == []
    assert len(lines["ok"]) == 9


def test_the_doctor_changes_nothing(nats_server: NatsServer, bridge: str) -> None:
    make_streams(nats_server)
    assert main(["doctor", "--nats", nats_server.url, "--url", bridge]) == 0
    assert stored(nats_server) == []
    assert stored(nats_server, "DLQ") == []
    consumers = with_jetstream(nats_server, lambda js: js.consumers_info("EVT"))
    assert consumers == []


def test_missing_streams_are_told_with_the_command_that_makes_them(
    nats_server: NatsServer, bridge: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["doctor", "--nats", nats_server.url, "--url", bridge]) == 1
    lines = report(capsys)
    assert {"there is no stream EVT", "there is no stream DLQ"} <= set(lines["FAIL"])
    assert any(hint.startswith("nats stream add EVT") for hint in lines[""])
    assert any(hint.startswith("nats stream add DLQ") for hint in lines[""])


def test_a_wrong_stream_is_told_with_what_is_wrong(
    nats_server: NatsServer, bridge: str, capsys: pytest.CaptureFixture[str]
) -> None:
    add_events_stream(nats_server, max_consumers=150)
    assert main(["doctor", "--nats", nats_server.url, "--url", bridge]) == 1
    lines = report(capsys)
    assert any("allows only 150 consumers" in line for line in lines["FAIL"])
    assert any("EVT has 0 of at most 150 consumers" in line for line in lines["ok"])


def test_a_consumer_cap_that_is_nearly_reached_is_told(
    nats_server: NatsServer, bridge: str, capsys: pytest.CaptureFixture[str]
) -> None:
    add_events_stream(nats_server, max_consumers=50)
    assert main(["doctor", "--nats", nats_server.url, "--url", bridge]) == 1
    assert any("0 of at most 50 consumers" in line for line in report(capsys)["FAIL"])


def test_a_missing_permission_is_named(
    tmp_path: Path, bridge: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("nats_session", "checks"):
        monkeypatch.setattr(f"jetbridge.cli.{module}.ANSWER_SECONDS", 0.3)
    config = tmp_path / "nats.conf"
    config.write_text(MAY_NOTHING)
    with NatsServer(tmp_path / "nats", config=config) as server:
        address = f"127.0.0.1:{server.port}"
        make_streams(server, url=f"nats://owner:o@{address}")
        stranger = f"nats://stranger:s@{address}"
        assert main(["doctor", "--nats", stranger, "--url", bridge]) == 1
    failures = "\n".join(report(capsys)["FAIL"])
    assert "$js.api.consumer.create.evt" in failures.lower()
    assert "dlq.default.bad_json" in failures


def test_jetstream_switched_off_is_told(
    tmp_path: Path, bridge: str, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "nats.conf"
    config.write_text("accounts { A { users: [{user: a, password: a}] } }\n")
    with NatsServer(tmp_path / "nats", config=config) as server:
        url = f"nats://a:a@127.0.0.1:{server.port}"
        assert main(["doctor", "--nats", url, "--url", bridge]) == 1
    lines = report(capsys)
    assert any("JetStream" in line for line in lines["FAIL"])
    assert any("-js" in hint for hint in lines[""])


def test_secrets_in_urls_are_not_shown(
    nats_server: NatsServer, bridge: str, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["doctor", "--nats", f"nats://me:hunter2@127.0.0.1:{nats_server.port}", "--url", bridge])
    assert "hunter2" not in capsys.readouterr().out


def test_nothing_there_is_told_for_nats_and_for_the_bridge(
    free_port: int, capsys: pytest.CaptureFixture[str]
) -> None:
    nats, url = f"nats://127.0.0.1:{free_port}", f"http://127.0.0.1:{free_port}"
    assert main(["doctor", "--nats", nats, "--url", url]) == 1
    failures = report(capsys)["FAIL"]
    assert [line.split(" at ")[0] for line in failures] == [
        "cannot reach NATS",
        "no bridge answers",
    ]


def test_a_bridge_that_is_not_ready_is_told_with_its_answer(
    free_port: int, capsys: pytest.CaptureFixture[str]
) -> None:
    with scripted([Answer('{"detail":"NATS is away"}', status=503, headers={})]) as script:
        main(["doctor", "--nats", f"nats://127.0.0.1:{free_port}", "--url", script.url])
    assert any("503" in line and "NATS is away" in line for line in report(capsys)["FAIL"])
