"""Builds a month from the SQL that dbt compiled, without dbt: the same statements in the same order, at a
fraction of its time.

Belongs here: what lets a campaign look at a thousand worlds. What a release relies on are the statements that
dbt recorded (``mbr_pipeline.transform``); ``test_compiled`` holds the two against each other.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from graphlib import TopologicalSorter
from time import monotonic
from typing import Any

from mbr_pipeline.storage.warehouse import connected
from mbr_pipeline.transform.compiled_project import dbt_project
from mbr_pipeline.transform.dbt_client import NodeResult
from mbr_pipeline.transform.project_folder import PROJECT
from mbr_pipeline.workspace.paths import MonthPaths


def seed_statement(node: Mapping[str, Any]) -> str:
    """The statement that makes a seed's table: its file read with the column types that its project file
    declares.
    """
    types = ", ".join(
        f"'{name}': '{data_type}'" for name, data_type in node["config"]["column_types"].items()
    )
    file = PROJECT / node["original_file_path"]
    rows = f"read_csv('{file}', columns = {{{types}}}, header = true)"
    return f"create or replace table {node['relation_name']} as from {rows}"


class CompiledTransformer:
    """Stands where a ``Transformer`` does: models are tables or views of their compiled SQL, seeds are
    read, tests count failing rows.
    """

    def __init__(self) -> None:
        manifest = json.loads(dbt_project().manifest_path.read_text(encoding="utf-8"))
        nodes: dict[str, dict[str, Any]] = manifest["nodes"]
        order = TopologicalSorter(
            {name: node["depends_on"].get("nodes", ()) for name, node in nodes.items()}
        ).static_order()
        self._nodes = [
            (name, nodes[name]) for name in order if name in nodes and "gated" not in nodes[name]["tags"]
        ]

    def build(self, month: MonthPaths, select: Sequence[str] = ()) -> list[NodeResult]:
        """Build everything on the month's warehouse file."""
        assert not select, "a month is built whole here"
        with connected(month.warehouse_file, month.workspace.temporary) as connection:
            for schema in sorted({node["schema"] for _, node in self._nodes}):
                connection.execute(f'create schema if not exists "{schema}"')
            return [self._run(connection, name, node) for name, node in self._nodes]

    def close(self) -> None:
        """Nothing is kept open."""

    def __enter__(self) -> CompiledTransformer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @staticmethod
    def _run(connection: Any, name: str, node: dict[str, Any]) -> NodeResult:
        began = monotonic()
        if node["resource_type"] == "seed":
            connection.execute(seed_statement(node))
            return NodeResult(name, "success", monotonic() - began, None, None)
        if node["resource_type"] == "model":
            kind = node["config"]["materialized"]
            connection.execute(f"create or replace {kind} {node['relation_name']} as {node['compiled_code']}")
            return NodeResult(name, "success", monotonic() - began, None, None)
        (failures,) = connection.execute(f"select count(*) from ({node['compiled_code']})").fetchone()
        return NodeResult(name, "fail" if failures else "pass", monotonic() - began, failures, None)
