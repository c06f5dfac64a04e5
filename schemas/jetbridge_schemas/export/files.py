"""The generated files: written to a folder, and compared with what is there."""

from __future__ import annotations

from pathlib import Path

import msgspec

from jetbridge_schemas.control import CONTROL_EVENTS
from jetbridge_schemas.dead_letters import DeadLetter
from jetbridge_schemas.export.asyncapi import asyncapi_document
from jetbridge_schemas.export.components import Schema
from jetbridge_schemas.export.json_schema import bundle, event_schema
from jetbridge_schemas.export.typescript import typescript_module
from jetbridge_schemas.registry import EVENT_TYPES


def generated_files() -> dict[str, str]:
    """Return every generated file, relative path → text; the same text on every machine."""
    schemas = {
        **{f"events/{name}": event_schema(name, struct) for name, struct in EVENT_TYPES.items()},
        **{f"control/{name}": event_schema(name, s) for name, s in CONTROL_EVENTS.items()},
        "dead-letter": event_schema("dead-letter", DeadLetter),
        "bundle": bundle(),
    }
    return {
        **{f"json-schema/{name}.json": _text(schema) for name, schema in schemas.items()},
        "asyncapi.json": _text(asyncapi_document()),
        "events.ts": typescript_module(),
    }


def write(directory: Path) -> list[Path]:
    """Write every generated file under `directory`, made if missing; return their paths.

    Raises OSError when the folder cannot be written. Nothing is ever deleted.
    """
    return [_write(directory / name, text) for name, text in generated_files().items()]


def drift(directory: Path) -> list[str]:
    """Return one line for each file under `directory` that is not as `write` would leave it.

    Files that no struct accounts for are named too. An empty list means up to date.
    """
    expected = generated_files()
    found = {
        path.relative_to(directory).as_posix() for path in directory.rglob("*") if path.is_file()
    }
    return [
        *(f"{name} is missing" for name in expected if name not in found),
        *(
            f"{name} is out of date"
            for name, text in expected.items()
            if name in found and (directory / name).read_bytes() != text.encode()
        ),
        *(f"{name} is no longer generated: delete it" for name in sorted(found - set(expected))),
    ]


def _write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())
    return path


def _text(schema: Schema) -> str:
    return msgspec.json.format(msgspec.json.encode(schema), indent=2).decode() + "\n"
