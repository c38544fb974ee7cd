"""What the published tables and their columns mean, in words: the descriptions of dbt's marts.

What belongs here: reading them from dbt's YAML, their one home. What does not: where they are shown
(``mbr_pipeline.publish.catalogue``).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import yaml

from mbr_pipeline.transform.project_folder import PROJECT


@dataclass(frozen=True)
class TableDescription:
    """A table's meaning in one line, and that of each of its columns by name."""

    text: str
    columns: dict[str, str]


@cache
def table_descriptions() -> dict[str, TableDescription]:
    """Return the description of every published table, by its name."""
    found = {}
    for file in sorted((PROJECT / "models" / "marts").rglob("*__models.yml")):
        content = yaml.load(file.read_bytes(), Loader=_LOADER)  # noqa: S506 - both loaders are safe
        for model in content["models"]:
            columns = {column["name"]: _one_line(column["description"]) for column in model["columns"]}
            found[model["name"]] = TableDescription(_one_line(model["description"]), columns)
    return found


_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the first is ten times as fast, where it was built


def _one_line(text: str) -> str:
    return " ".join(text.split())
