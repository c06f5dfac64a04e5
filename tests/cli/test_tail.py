from __future__ import annotations

import json

import httpx2
import pytest

from jetbridge.cli import main
from jetbridge.cli.follow import FollowError, follow
from jetbridge.cli.stream_url import stream_url
from tests.support.scripted_http import Answer, scripted

CONNECTED = 'retry: 0\nid: 5\nevent: connected\ndata: {"status":"connected"}\n\n'


def event(number: int, data: str = '{"n":1}', name: str = "note") -> str:
    return f"id: {number}\nevent: {name}\ndata: {data}\n\n"


def lines_of(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return capsys.readouterr().out.splitlines()


def test_events_are_printed_one_a_line_and_control_events_are_not(
    capsys: pytest.CaptureFixture[str],
) -> None:
    beat = 'id: 9\nevent: heartbeat\ndata: {"timestamp":"x"}\n\n'
    with scripted([Answer(CONNECTED + event(6) + beat + event(10))]) as script:
        assert main(["tail", "--url", script.url]) == 0
    assert [line.split()[0] for line in lines_of(capsys)] == ["6", "10"]


def test_a_lost_connection_resumes_after_the_last_event(
    capsys: pytest.CaptureFixture[str],
) -> None:
    answers = [Answer(CONNECTED + event(6) + event(7)), Answer(CONNECTED + event(8))]
    with scripted(answers) as script:
        assert main(["tail", "--json", "--url", script.url]) == 0
    # The second answer's `connected` says 5, so the third request resumes after 8.
    assert script.last_event_ids() == [None, "7", "8"]
    assert [json.loads(line)["id"] for line in lines_of(capsys)] == [6, 7, 8]


def test_a_connection_cut_before_its_first_event_resumes_from_the_opening_cursor() -> None:
    with scripted([Answer(CONNECTED)]) as script:
        assert main(["tail", "--url", script.url]) == 0
    assert script.last_event_ids() == [None, "5"]


def test_an_event_cut_in_the_middle_is_neither_printed_nor_counted_as_seen(
    capsys: pytest.CaptureFixture[str],
) -> None:
    cut = event(7).removesuffix("\n\n")
    with scripted([Answer(CONNECTED + event(6) + cut), Answer(CONNECTED + event(7))]) as script:
        assert main(["tail", "--json", "--url", script.url]) == 0
    assert script.last_event_ids() == [None, "6", "7"]
    assert [json.loads(line)["id"] for line in lines_of(capsys)] == [6, 7]


def test_heartbeats_move_the_position_of_a_quiet_stream() -> None:
    beat = 'id: 99\nevent: heartbeat\ndata: {"timestamp":"x"}\n\n'
    with scripted([Answer(CONNECTED + beat)]) as script:
        assert main(["tail", "--url", script.url]) == 0
    assert script.last_event_ids() == [None, "99"]


def test_limit_stops_after_so_many_events(capsys: pytest.CaptureFixture[str]) -> None:
    with scripted([Answer(CONNECTED + event(6) + event(7) + event(8))]) as script:
        assert main(["tail", "--limit", "2", "--url", script.url]) == 0
    assert len(lines_of(capsys)) == 2
    assert len(script.paths) == 1


def test_json_lines_keep_the_publishers_numbers(capsys: pytest.CaptureFixture[str]) -> None:
    with scripted(
        [Answer(CONNECTED + event(6, '{"x":1.10,"big":12345678901234567890}'))]
    ) as script:
        main(["tail", "--json", "--url", script.url])
    assert lines_of(capsys) == [
        '{"id":6,"type":"note","data":{"x":1.10,"big":12345678901234567890}}'
    ]


def test_events_of_a_mebibyte_arrive_whole(capsys: pytest.CaptureFixture[str]) -> None:
    big = json.dumps({"x": "y" * (1024 * 1024 - 8)})
    with scripted([Answer(CONNECTED + event(6, big))]) as script:
        main(["tail", "--json", "--url", script.url])
    assert json.loads(lines_of(capsys)[0])["data"] == json.loads(big)


def test_nothing_that_a_terminal_would_obey_reaches_it(capsys: pytest.CaptureFixture[str]) -> None:
    with scripted([Answer(CONNECTED + event(6, '{"x":"\x9b2J\u202e\x1b[31m"}'))]) as script:
        main(["tail", "--url", script.url])
    (line,) = lines_of(capsys)
    assert line.endswith(r'{"x":"\u009b2J\u202e\u001b[31m"}')


def test_gaps_are_told_on_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    gap = 'id: 9\nevent: gap\ndata: {"requested":3,"first_available":9,"reason":"expired"}\n\n'
    with scripted([Answer(CONNECTED + gap)]) as script:
        main(["tail", "--url", script.url])
    printed = capsys.readouterr()
    assert printed.out == ""
    assert '"reason":"expired"' in printed.err


def test_a_stream_that_is_over_ends_the_command() -> None:
    with scripted([]) as script:
        assert main(["tail", "--url", script.url]) == 0
    assert len(script.paths) == 1


def test_a_refusal_is_one_line_with_the_reason(capsys: pytest.CaptureFixture[str]) -> None:
    problem = Answer(
        '{"title":"Bad Request","detail":"since=\'x\' is not a time"}',
        status=400,
        headers={"Content-Type": "application/problem+json"},
    )
    with scripted([problem]) as script:
        assert main(["tail", "--since", "x", "--url", script.url]) == 1
    assert capsys.readouterr().err == (
        "jetbridge: the bridge refused: 400 Bad Request: since='x' is not a time\n"
    )


def test_a_page_that_is_no_stream_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with scripted([Answer("<html>", headers={"Content-Type": "text/html"})]) as script:
        assert main(["tail", "--url", script.url]) == 1
    assert "does not serve events" in capsys.readouterr().err


def test_a_bridge_that_is_not_there_is_one_line_and_a_hint(
    capsys: pytest.CaptureFixture[str], free_port: int
) -> None:
    assert main(["tail", "--url", f"http://127.0.0.1:{free_port}"]) == 1
    error = capsys.readouterr().err.splitlines()
    assert error[0].startswith(f"jetbridge: cannot reach a bridge at http://127.0.0.1:{free_port}")
    assert "jetbridge dev" in error[1]


def waits_of(answers: list[Answer]) -> list[float]:
    """The pauses, in seconds, that a follower makes between the given answers."""
    waits: list[float] = []
    with scripted(answers) as script:
        for _ in follow(script.url, tell=lambda _: None, sleep=waits.append):
            pass
    return waits


def test_the_servers_retry_is_honoured() -> None:
    assert waits_of([Answer("retry: 1234\n" + event(1))]) == [1.234]


def test_draining_and_unavailable_say_when_to_come_back() -> None:
    draining = 'id: 5\nevent: draining\ndata: {"retry_ms":700}\n\n'
    unavailable = 'retry: 800\nevent: unavailable\ndata: {"reason":"capacity","retry_ms":800}\n\n'
    assert waits_of([Answer(event(5) + draining), Answer(unavailable)]) == [0.7, 0.8]


def test_retry_after_of_a_proxy_is_honoured() -> None:
    busy = Answer(status=503, headers={"Retry-After": "2"})
    assert waits_of([busy]) == [2.0]


def test_failures_in_a_row_are_further_and_further_apart() -> None:
    busy = Answer(status=502, headers={})
    first, *others = waits_of([busy] * 12)
    assert first == 3.0
    assert 3.0 <= others[0] <= 6.0
    assert all(15.0 <= wait <= 30.0 for wait in others[4:])


def test_a_server_gone_for_good_is_asked_for_ever() -> None:
    with scripted([Answer(event(1))]) as script:
        waits: list[float] = []

        def sleep(seconds: float) -> None:
            waits.append(seconds)
            if len(waits) == 4:
                raise KeyboardInterrupt

        script.answers = [Answer(event(1)), *[Answer(status=500, headers={})] * 3]
        with pytest.raises(KeyboardInterrupt):
            list(follow(script.url, tell=lambda _: None, sleep=sleep))
    assert len(waits) == 4


def test_only_the_first_failure_of_an_outage_is_told() -> None:
    told: list[str] = []
    busy = Answer(status=503, headers={})
    with scripted([Answer(event(1)), busy, busy, Answer(event(2))]) as script:
        list(follow(script.url, tell=told.append, sleep=lambda _: None))
    assert [line.split(";")[0] for line in told] == [
        "the bridge ended the connection",
        "connected again",
        "the bridge ended the connection",
    ]


def test_a_first_connection_that_fails_is_not_tried_again(free_port: int) -> None:
    with pytest.raises(FollowError):
        list(follow(f"http://127.0.0.1:{free_port}", tell=print, sleep=lambda _: None))


@pytest.mark.parametrize(
    ("wish", "path"),
    [
        ({}, "/api/v1/stream/events"),
        ({"agent": "agent:001"}, "/api/v1/stream/agents/agent%3A001"),
        ({"job": "a/b c"}, "/api/v1/stream/jobs/a%2Fb%20c"),
        ({"agent": ".."}, "/api/v1/stream/agents/%2E%2E"),
        ({"types": "a.b,W*"}, "/api/v1/stream/events?event_types=a.b%2CW%2A"),
        ({"since": "10m"}, "/api/v1/stream/events?since=10m"),
        ({"since": "2026-01-01T00:00:00+01:00"}, None),
        ({"api_prefix": "/s"}, "/s/events"),
    ],
)
def test_the_url_says_what_was_asked(wish: dict[str, str], path: str | None) -> None:
    url = stream_url("http://h:1/", **wish)
    if path is not None:
        assert url == f"http://h:1{path}"
    assert dict(httpx2.URL(url).params).get("since") == wish.get("since")


@pytest.mark.parametrize(
    "arguments",
    [["--agent", "a", "--job", "b"], ["--url", "localhost:8000"], ["--limit", "-1"], ["--nope"]],
)
def test_senseless_requests_are_usage_errors(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["tail", *arguments]) == 2
    message, hint = capsys.readouterr().err.splitlines()
    assert message.startswith("jetbridge: ")
    assert hint.startswith("  hint: ")
