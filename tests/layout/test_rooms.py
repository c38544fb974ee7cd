"""The rooms of the house and their sizes (docs/development/architecture.md): which may know which, and none
too large.

Belongs here: the order of rooms, modules in a folder, lines in a module. Does not: which libraries a room may
import (``test_import_direction``).
"""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

ROOMS = (
    "errors", "periods", "values", "safe_text",
    "storage", "workspace", "mirror", "recompute",
    "ingest", "transform", "exception_codes", "audit", "decide", "publish", "release", "alerts",
    "upkeep", "report", "explain", "mapping_help", "profiling", "scaffold", "setup",
    "monthly_close", "early_look", "step_failures", "defs", "definitions", "serve", "cli",
)  # fmt: skip
"""Rooms of ``mbr_pipeline``: ground, what the user owns, the steps of a month in their order, what stands
on them.
"""

MOST_MODULES = 15
MOST_LINES = 300


def _room(module: str) -> str:
    return module.split(".")[1] if "." in module else module


def _imports() -> set[tuple[str, str]]:
    """Return (room, room it imports) for every import in ``mbr_pipeline``, wherever in a module it stands."""
    found = set()
    for path in (ROOT / "mbr_pipeline").rglob("*.py"):
        room = _room(path.relative_to(ROOT).as_posix().removesuffix(".py").replace("/", "."))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module:
                names = (
                    [f"{node.module}.{a.name}" for a in node.names]
                    if node.module == "mbr_pipeline"
                    else [node.module]
                )
            elif isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            else:
                continue
            found |= {(room, _room(name)) for name in names if name.startswith("mbr_pipeline.")}
    return {(room, other) for room, other in found if room != other and room != "__init__"}


def test_every_room_is_in_the_order() -> None:
    assert {room for pair in _imports() for room in pair} <= set(ROOMS)


def test_no_room_imports_a_later_one() -> None:
    wrong = {(room, other) for room, other in _imports() if ROOMS.index(other) > ROOMS.index(room)}
    assert wrong == set()


def _modules() -> list[Path]:
    folders = ("bench", "connectors", "expectations", "mbr_pipeline", "tests", "tools")
    return [path for folder in folders for path in (ROOT / folder).rglob("*.py")]


def test_no_folder_has_more_modules_than_a_person_looks_through() -> None:
    modules = _modules()
    assert len(modules) > 200
    counts = {
        folder: sum(path.parent == folder for path in modules) for folder in {path.parent for path in modules}
    }
    assert {str(folder.relative_to(ROOT)): n for folder, n in counts.items() if n > MOST_MODULES} == {}


def test_no_module_is_longer_than_a_person_holds_in_mind() -> None:
    lines = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in _modules()}
    assert {str(path.relative_to(ROOT)): n for path, n in lines.items() if n > MOST_LINES} == {}
