"""All commands under one roof, and the one place where errors become words and exit codes."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable, Sequence

from cyclopts import App, CycloptsError, Parameter

from jetbridge.cli.complaints import UsageError, complain
from jetbridge.settings_loading import SettingsError
from jetbridge_schemas.errors import JetbridgeError
from jetbridge_schemas.version import __version__

COMMANDS = {
    "dev": "jetbridge.cli.dev:dev",
    "serve": "jetbridge.cli.serve:serve",
    "publish": "jetbridge.cli.publish:publish",
    "tail": "jetbridge.cli.tail:tail",
    "dead-letters": "jetbridge.cli.dead_letters:dead_letters",
    "doctor": "jetbridge.cli.doctor:doctor",
    "bench": "jetbridge.cli.bench:bench",
    "schemas": "jetbridge.cli.schemas:schemas",
}
DONE, FAILED, ASKED_WRONGLY = 0, 1, 2


def build(wanted: str = "") -> App:
    """The application: all commands, or only the one that is `wanted`, which starts faster."""
    app = App(
        name="jetbridge",
        help="A bridge from NATS JetStream to browsers: "
        "Server-Sent Events that never lose their place.",
        version=f"jetbridge {__version__}",
        version_flags=["--version"],
        help_flags=["--help", "-h"],
        default_parameter=Parameter(show_default=_worth_showing),
        result_action="return_value",
    )
    for name in [wanted] if wanted in COMMANDS else COMMANDS:
        app.command(_imported(COMMANDS[name]), name=name)
    return app


def _imported(place: str) -> Callable[..., object]:
    module, _, name = place.partition(":")
    return getattr(importlib.import_module(module), name)


def _worth_showing(default: object) -> str | None:
    return str(default) if default and not isinstance(default, bool) else None


def run(arguments: Sequence[str]) -> int:
    """Run one command line; every error is a line and a hint on standard error."""
    app = build(arguments[0] if arguments else "")
    try:
        return _in_words(lambda: app(arguments, exit_on_error=False, print_error=False))
    except CycloptsError as error:
        complain(" ".join(str(error).split()), hint=f"see {_help_command(error)}")
        return ASKED_WRONGLY


def _in_words(command: Callable[[], object]) -> int:
    try:
        result = command()
        sys.stdout.flush()
    except (SettingsError, UsageError) as error:
        complain(str(error), hint=error.hint)
        return ASKED_WRONGLY
    except JetbridgeError as error:
        complain(str(error), hint=error.hint)
        return FAILED
    except BrokenPipeError:
        return _reader_left()
    except KeyboardInterrupt:
        return FAILED
    except CycloptsError:
        raise
    except Exception as error:
        return _unexpected(error)
    return result if isinstance(result, int) else DONE


def _reader_left() -> int:
    # Whoever read our output (`| head`) has enough; Python would complain at exit.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return DONE


def _unexpected(error: Exception) -> int:
    if sys.flags.dev_mode:
        raise error
    complain(
        f"unexpected {type(error).__name__}: {error}",
        hint="this is a bug; `python -X dev -m jetbridge.cli …` shows where",
    )
    return FAILED


def _help_command(error: CycloptsError) -> str:
    return " ".join(["jetbridge", *(error.command_chain or ()), "--help"])
