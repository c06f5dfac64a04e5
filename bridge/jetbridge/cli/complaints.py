"""How the command line says that something is wrong: one line, and a hint."""

from __future__ import annotations

import sys

from jetbridge_schemas.errors import JetbridgeError


class UsageError(JetbridgeError):
    """The command was asked for something that makes no sense: exit code 2."""


def complain(message: str, *, hint: str = "") -> None:
    """Write `message`, and `hint` below it if there is one, to standard error."""
    print(f"jetbridge: {message}", file=sys.stderr)
    if hint:
        print(f"  hint: {hint}", file=sys.stderr)
