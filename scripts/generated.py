"""Write the generated files, or check that they are up to date.

Usage: python scripts/generated.py write|check
"""

from __future__ import annotations

import sys
from pathlib import Path

import lockfile
from jetbridge.settings_docs import render
from jetbridge_schemas import export

ROOT = Path(__file__).resolve().parent.parent
SCHEMAS = ROOT / "schemas" / "generated"
CONFIGURATION = ROOT / "docs" / "configuration.md"


def write() -> list[str]:
    """Write every generated file; return what could not be written."""
    export.write(SCHEMAS)
    CONFIGURATION.write_text(render(), encoding="utf-8")
    return lockfile.write(ROOT)


def check() -> list[str]:
    """What is out of date."""
    return [
        *(f"schemas/generated: {problem}" for problem in export.drift(SCHEMAS)),
        *_configuration_drift(),
        *lockfile.drift(ROOT),
    ]


def _configuration_drift() -> list[str]:
    if CONFIGURATION.exists() and CONFIGURATION.read_text(encoding="utf-8") == render():
        return []
    return ["docs/configuration.md differs from bridge/jetbridge/settings.py"]


def main(command: str) -> int:
    problems = {"write": write, "check": check}[command]()
    for problem in problems:
        print(problem, file=sys.stderr)
    if problems and command == "check":
        print("run `make generate` and commit the result", file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
