"""`requirements.lock`: uv.lock with hashes, for machines that have pip but no uv.

Its first lines carry fingerprints of what it was made from, so that a machine without uv
can still tell whether it is up to date.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any

EXPORT = (
    *("export", "--quiet", "--locked", "--no-header", "--no-annotate"),
    *("--all-extras", "--all-groups", "--no-emit-project", "--format", "requirements-txt"),
)


def write(root: Path) -> list[str]:
    """Lock what pyproject.toml asks for, and export it; return problems.

    Without uv nothing is written, which is a problem only when the lock is out of date.
    """
    uv = shutil.which("uv")
    if uv is None:
        return [f"{problem} (writing it needs uv)" for problem in drift(root)]
    _run(root, uv, "lock", "--quiet")
    (root / "requirements.lock").write_text(_header(root) + _run(root, uv, *EXPORT))
    return []


def drift(root: Path) -> list[str]:
    """What requirements.lock does not agree with."""
    path = root / "requirements.lock"
    text = path.read_text() if path.exists() else ""
    if not text.startswith(_header(root)):
        return ["requirements.lock differs from uv.lock and pyproject.toml"]
    uv = shutil.which("uv")
    if uv is not None and text != _header(root) + _run(root, uv, *EXPORT):
        return ["requirements.lock is not what uv exports"]
    return []


def _header(root: Path) -> str:
    uv_lock = hashlib.sha256((root / "uv.lock").read_bytes()).hexdigest()
    asked = json.dumps(_asked_for(root), sort_keys=True).encode()
    return (
        "# Made by `make generate` from uv.lock and pyproject.toml. Do not edit.\n"
        f"# uv.lock sha256:{uv_lock}\n"
        f"# dependencies in pyproject.toml sha256:{hashlib.sha256(asked).hexdigest()}\n"
    )


def _asked_for(root: Path) -> list[Any]:
    pyproject = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    project = pyproject["project"]
    return [
        project["requires-python"],
        project["dependencies"],
        project["optional-dependencies"],
        pyproject["dependency-groups"],
    ]


def _run(root: Path, *command: str) -> str:
    done = subprocess.run(command, cwd=root, check=True, capture_output=True, text=True)
    return done.stdout
