"""The package as a whole."""

from __future__ import annotations

import json
import subprocess
import sys

import jetbridge_schemas

PRINT_FOREIGN_MODULES = """
import json, sys
before = set(sys.modules)
import jetbridge_schemas, jetbridge_schemas.export
new = {name.partition(".")[0] for name in set(sys.modules) - before}
print(json.dumps(sorted(new - set(sys.stdlib_module_names))))
"""


def test_importing_needs_msgspec_and_nothing_else():
    run = subprocess.run(
        [sys.executable, "-c", PRINT_FOREIGN_MODULES], capture_output=True, text=True, check=True
    )
    used_by_msgspec_when_installed = {"typing_extensions"}
    assert set(json.loads(run.stdout)) - used_by_msgspec_when_installed == {
        "jetbridge_schemas",
        "msgspec",
    }


def test_every_public_name_is_there():
    for name in jetbridge_schemas.__all__:
        assert hasattr(jetbridge_schemas, name)
