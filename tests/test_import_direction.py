"""The arrow bridge → publishers → schemas, and the modules that decide but do no I/O."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
BRIDGE = ROOT / "bridge" / "jetbridge"
MAY_IMPORT = {
    "schemas/jetbridge_schemas": {"jetbridge_schemas"},
    "publishers/jetbridge_publishers": {"jetbridge_publishers", "jetbridge_schemas"},
    "bridge/jetbridge": {"jetbridge", "jetbridge_publishers", "jetbridge_schemas"},
}
OURS = set[str]().union(*MAY_IMPORT.values())
PURE = [
    "backlog",
    "bounds",
    "connect_rate",
    "cursor_keys",
    "cursor_registry",
    "cursor_rules",
    "durable_cursor",
    "event",
    "filters",
    "frames",
    "gaps",
    "groups",
    "join",
    "pace",
    "peers",
    "piece",
    "positions",
    "resume",
    "ring",
    "router",
    "statistics",
    "subscriber",
    "views",
]
"""Modules of the bridge that decide: no asyncio, the clock passed in."""

WAITING = {
    "asyncio",
    "anyio",
    "nats",
    "uvicorn",
    "starlette",
    "sse_starlette",
    "socket",
    "threading",
}


def imported_packages(path: Path) -> Iterator[tuple[str, int]]:
    """Top-level names of everything that the module at `path` imports, with line numbers."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.Import(names=names):
                yield from ((name.name.partition(".")[0], node.lineno) for name in names)
            case ast.ImportFrom(module=str(module), level=0):
                yield module.partition(".")[0], node.lineno
            case _:
                pass


def reached_from(path: Path) -> set[Path]:
    """The module at `path` and every module of the bridge that it rests on."""
    reached: set[Path] = set()
    waiting = [path]
    while waiting:
        module = waiting.pop()
        if module not in reached:
            reached.add(module)
            waiting.extend(imported_from_bridge(module))
    return reached


def imported_from_bridge(path: Path) -> list[Path]:
    nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    names = [node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module]
    ours = [name.removeprefix("jetbridge.") for name in names if name.startswith("jetbridge.")]
    return [BRIDGE / f"{name.replace('.', '/')}.py" for name in ours]


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_imports_point_from_bridge_to_publishers_to_schemas(room: str) -> None:
    forbidden = OURS - MAY_IMPORT[room]
    offences = [
        f"{path.relative_to(ROOT)}:{line} imports {package}"
        for path in sorted((ROOT / room).rglob("*.py"))
        for package, line in imported_packages(path)
        if package in forbidden
    ]
    assert offences == []


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_no_room_is_empty(room: str) -> None:
    assert any((ROOT / room).rglob("*.py"))


@pytest.mark.parametrize("module", PURE)
def test_modules_that_decide_do_no_waiting_nor_rest_on_one_that_does(module: str) -> None:
    offences = [
        f"{path.name} imports {package}"
        for path in reached_from(BRIDGE / f"{module}.py")
        for package, _ in imported_packages(path)
        if package in WAITING
    ]
    assert offences == []


def test_the_schemas_need_nothing_but_msgspec() -> None:
    third_party = {"nats", "starlette", "uvicorn", "cyclopts", "structlog", "httpx2"}
    offences = [
        f"{path.relative_to(ROOT)}:{line} imports {package}"
        for path in sorted((ROOT / "schemas").rglob("*.py"))
        for package, line in imported_packages(path)
        if package in third_party
    ]
    assert offences == []
