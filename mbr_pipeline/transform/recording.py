"""Has dbt build the project once, on a month without files, and keeps every statement that it ran: months are
built from these (``mbr_pipeline.transform.recorded_build``).

What belongs here: running dbt, and what is kept of it. What does not: when the project is recorded again
(``mbr_pipeline.transform.compiled_project``). A month's file always has the same name and its raw tables the
same types, and MSP, period and policies are rows: so dbt would run these same statements for every month.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import yaml

from connectors.datasets import DATASETS
from mbr_pipeline.ingest.load import load_dataset, start_month
from mbr_pipeline.ingest.load_controls import load_controls
from mbr_pipeline.periods import Period
from mbr_pipeline.storage.atomic_files import write_json, write_text
from mbr_pipeline.storage.warehouse import connected, remove
from mbr_pipeline.transform.project_folder import PROJECT
from mbr_pipeline.workspace.rules import load_rules
from mbr_pipeline.workspace.settings import MspSettings, Policies

_NEVER_BUILT = ("--exclude-resource-type", "unit_test", "--exclude", "tag:gated")
"""Unit tests are for developers; what is tagged `gated` is the gate's to judge."""


def record(folder: Path) -> None:
    """Compile the project into ``folder`` and write ``statements.json`` there: per node of a build its
    statement, what has to be done before it, and the settings of dbt's profile that a build runs with.

    Raises:
        RuntimeError: dbt refuses the project; what it says is on standard output.
    """
    warehouse = folder / "month.duckdb"
    remove(warehouse)
    _empty_month(warehouse, folder)
    _dbt("compile", folder, warehouse)
    compiled = (folder / "manifest.json").read_text(encoding="utf-8")
    results = _dbt("build", folder, warehouse, *_NEVER_BUILT)
    # dbt wrote it again, without the statements of what was not built
    write_text(folder / "manifest.json", compiled)
    manifest = json.loads(compiled)
    profile = yaml.safe_load((PROJECT / "profiles.yml").read_text(encoding="utf-8"))
    nodes = [_node(folder, manifest["nodes"][each.node.unique_id]) for each in results]
    before = _before(folder)
    for node in nodes:
        node["after"] = sorted(before[node["unique_id"]] & {each["unique_id"] for each in nodes})
    content = {
        "threads": profile["mbr"]["outputs"]["month"]["threads"],
        "schemas": sorted({each.node.schema for each in results if each.node.resource_type != "test"}),
        "nodes": nodes,
    }
    write_json(folder / "statements.json", content)
    remove(warehouse)


def _empty_month(warehouse: Path, folder: Path) -> None:
    source = {"datasets": list(DATASETS)}
    msp = MspSettings.model_validate({"name": "Nobody", "sources": {"nothing": source}})
    period = Period("2000-01")
    with connected(warehouse, folder / "temp") as connection:
        start_month(connection, "nobody", msp, Policies(), period, load_rules(folder, "nobody"))
        for name in DATASETS:
            load_dataset(connection, name, [], period)
        load_controls(connection, msp, [])


def _dbt(command: str, folder: Path, warehouse: Path, *more: str) -> Any:
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager  # noqa: PLC0415
    from dbt.cli.main import dbtRunner  # noqa: PLC0415 - takes seconds

    os.environ |= {"MBR_WAREHOUSE_FILE": str(warehouse), "MBR_TEMP_DIRECTORY": str(folder / "temp")}
    arguments = [command, "--quiet", "--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)]
    # by default dbt writes into the project, which may be read-only
    arguments += ["--target-path", str(folder), "--log-path", str(folder), "--log-level-file", "none"]
    arguments += ["--no-use-colors", "--no-send-anonymous-usage-stats", "--no-version-check", *more]
    try:
        result = dbtRunner().invoke(arguments)
    finally:
        DuckDBConnectionManager.close_all_connections()
    if not result.success:
        raise RuntimeError(f"the dbt project does not {command}: {result.exception or 'see the log above'}")
    return result.result


def _node(folder: Path, node: dict[str, Any]) -> dict[str, Any]:
    """Return what a build needs of a node. dbt keeps the statement it ran under ``run/``, by the node's
    file.
    """
    file = Path(node["original_file_path"])
    if file.suffix == ".yml":  # a generic test: many to a file
        file /= Path(node["path"]).name
    return {
        "unique_id": node["unique_id"],
        "name": node["name"],
        "kind": node["config"]["materialized"],
        "relation": node["relation_name"],
        "file": node["original_file_path"],
        "statement": (folder / "run" / node["package_name"] / file).read_text(encoding="utf-8"),
    }


def _before(folder: Path) -> dict[str, set[str]]:
    """Return per node what dbt builds before it: what it reads, and the tests of that."""
    graph = json.loads((folder / "graph_summary.json").read_text(encoding="utf-8"))["with_test_edges"]
    before: dict[str, set[str]] = {node["name"]: set() for node in graph.values()}
    for node in graph.values():
        for number in node.get("succ", ()):
            before[graph[str(number)]["name"]].add(node["name"])
    return before


if __name__ == "__main__":
    record(Path(sys.argv[1]))
