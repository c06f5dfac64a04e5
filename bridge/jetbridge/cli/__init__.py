"""The command `jetbridge`: one module for each of its commands."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.util import find_spec

NEEDED = ("cyclopts", "httpx2", "nats", "structlog")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return 0 (done), 1 (it failed) or 2 (it was asked wrongly)."""
    missing = [package for package in NEEDED if find_spec(package) is None]
    if missing:
        print(f"jetbridge: the command line needs {', '.join(missing)}", file=sys.stderr)
        print("  hint: pip install 'jetbridge[bridge]'", file=sys.stderr)
        return 1

    from jetbridge.cli.application import run  # noqa: PLC0415 - needs what was just looked for

    return run(sys.argv[1:] if arguments is None else arguments)
