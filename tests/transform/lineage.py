"""Small models and the lineage of their columns.

Belongs here: what the tests of lineage share. Does not: expectations.
"""

from __future__ import annotations

from typing import Any


def model(name: str, sql: str, *parents: str, columns: tuple[str, ...] = ()) -> dict[str, Any]:
    return {
        "resource_type": "model",
        "name": name,
        "unique_id": f"model.p.{name}",
        "relation_name": f'"w"."main"."{name}"',
        "depends_on": {"nodes": list(parents)},
        "compiled_code": sql,
        "columns": {column: {} for column in columns},
    }
