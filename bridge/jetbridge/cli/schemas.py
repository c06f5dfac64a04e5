"""`jetbridge schemas export`: the event schemas for other languages and tools."""

from __future__ import annotations

from pathlib import Path

from cyclopts import App

from jetbridge_schemas import export as exporter
from jetbridge_schemas.errors import JetbridgeError

schemas = App(help="The event schemas, for other languages and tools.")


@schemas.command
def export(directory: Path, /) -> int:
    """Write JSON Schema, AsyncAPI and TypeScript types into a directory.

    Parameters
    ----------
    directory
        Where to write; it is made if it is missing.
    """
    try:
        written = exporter.write(directory)
    except OSError as error:
        raise JetbridgeError(f"cannot write to {directory}: {error.strerror}") from error
    print(f"wrote {len(written)} files into {directory}")
    return 0
