from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from jetbridge import cli
from jetbridge.cli import main
from jetbridge_schemas import export
from jetbridge_schemas.version import __version__
from tests.cli.processes import command
from tests.support.scripted_http import Answer, scripted


def test_version_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"jetbridge {__version__}\n"


@pytest.mark.parametrize("arguments", [[], ["--help"]])
def test_help_names_every_command_with_what_it_does(
    arguments: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("jetbridge_publishers.plant")
    monkeypatch.setenv("COLUMNS", "200")
    assert main(arguments) == 0
    text = capsys.readouterr().out
    for name in ("dev", "serve", "publish", "tail", "dead-letters", "doctor", "schemas"):
        (line,) = [line for line in text.splitlines() if line.startswith(f"│ {name} ")]
        assert line.strip("│ ").removeprefix(name).strip()


def test_an_unknown_command_is_a_usage_error_with_a_hint(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["tial"]) == 2
    message, hint = capsys.readouterr().err.splitlines()
    assert "tial" in message
    assert "tail" in message
    assert hint == "  hint: see jetbridge --help"


def test_a_mistake_of_ours_is_one_line_and_not_a_traceback(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("of ours")

    monkeypatch.setattr("jetbridge.cli.tail.stream_url", broken)
    assert main(["tail"]) == 1
    message, hint = capsys.readouterr().err.splitlines()
    assert message == "jetbridge: unexpected ZeroDivisionError: of ours"
    assert "this is a bug" in hint


def test_a_missing_extra_is_named(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cli, "NEEDED", ("cyclopts", "no_such_package"))
    assert main(["--version"]) == 1
    assert "pip install 'jetbridge[bridge]'" in capsys.readouterr().err


def test_a_reader_that_has_enough_is_no_error() -> None:
    frames = "".join(f"id: {n}\nevent: note\ndata: {{}}\n\n" for n in range(100_000))
    with scripted([Answer(frames)]) as script:
        tail = subprocess.Popen(
            command("tail", "--json", "--url", script.url),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        with tail:
            assert tail.stdout is not None
            assert tail.stderr is not None
            assert tail.stdout.readline() == '{"id":0,"type":"note","data":{}}\n'
            tail.stdout.close()
            assert tail.stderr.read() == ""
        assert tail.returncode == 0


def test_schemas_are_exported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schemas", "export", str(tmp_path / "out")]) == 0
    assert export.drift(tmp_path / "out") == []
    assert capsys.readouterr().out.startswith("wrote ")


def test_a_directory_that_cannot_be_written_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    assert main(["schemas", "export", str(tmp_path / "file")]) == 1
    assert capsys.readouterr().err.startswith(f"jetbridge: cannot write to {tmp_path / 'file'}")
