"""Room for connections: each needs an open file, and systems begin with 1,024 of them."""

from __future__ import annotations

import contextlib
import sys


def raise_file_limit() -> None:
    """Allow this process as many open files as the system's hard limit lets it have."""
    if sys.platform == "win32":
        return
    import resource  # noqa: PLC0415 - not there on Windows

    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):  # more than macOS allows, for example
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
