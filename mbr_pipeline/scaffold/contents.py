"""The files that a new workspace begins with, as bytes by path: the empty, commented one and the demo.

What belongs here: reading the package's own files in ``demo/files``, ``empty`` and ``guides``, and
the column lists that follow the declared datasets and rule files. What does not: writing (``create``)
and generated worlds (``world``).
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib.resources import files
from importlib.resources.abc import Traversable

from connectors.datasets import DATASETS, Column
from mbr_pipeline.workspace.rules import RULE_FILES, WORD_FILES

EXAMPLE_MSP = "my_msp"
"""The provider in the empty workspace's settings and rule files, to be renamed by the user."""


def empty_workspace() -> dict[str, bytes]:
    """Return the settings with every option explained, rule files of a header row only, and the guides."""
    rules = {
        f"rules/{EXAMPLE_MSP}/{name}.csv": _header(column.name for column in rule.columns)
        for name, rule in (RULE_FILES | WORD_FILES).items()
    }
    return _packaged("empty") | _guides() | rules


def demo_workspace() -> dict[str, bytes]:
    """Return the demo, two providers with three months of data, and the guides."""
    return _packaged("demo/files") | _guides()


def _guides() -> dict[str, bytes]:
    guides = _packaged("guides")
    columns = "".join(
        "\n".join([f"\n## {dataset.name}", *map(_described, dataset.columns)]) + "\n"
        for dataset in DATASETS.values()
    )
    guides["landing/README.md"] += columns.encode()
    return guides


def _header(columns: Iterable[str]) -> bytes:
    return f"{','.join(columns)}\n".encode()


def _described(column: Column) -> str:
    choices = f" ({', '.join(column.choices)})" if column.choices else ""
    return f"- {column.name}{'*' if column.required else ''}{choices}"


def _packaged(folder: str) -> dict[str, bytes]:
    return _below(files("mbr_pipeline.scaffold") / folder)


def _below(folder: Traversable, prefix: str = "") -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for entry in folder.iterdir():
        path = prefix + entry.name
        found |= _below(entry, f"{path}/") if entry.is_dir() else {path: entry.read_bytes()}
    return found
