"""The process that runs dbt: started early, kept running, addressed over pipes.

What belongs here: the loop that takes one request a line and answers with one line. It is a process of its
own because importing and parsing take seconds that can pass while files load, because dbt keeps its DuckDB
connection open until it is told to let go, and because one parsed project serves all MSPs of a run. The
asking side is ``mbr_pipeline.transform``.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mbr_pipeline.transform.project_folder import PROJECT

PLACEHOLDER_FILE = (
    "/nonexistent/month.duckdb"  # parsing does not open it; a constant name keeps the parsed project valid
)


def parse(command: str, target: Path, warehouse_file: str = PLACEHOLDER_FILE) -> Any:
    """Parse (or ``compile``) the project into ``target`` and return dbt's manifest."""
    from dbt.cli.main import dbtRunner  # noqa: PLC0415 - the slow import this process exists for

    os.environ["MBR_WAREHOUSE_FILE"] = warehouse_file
    result = dbtRunner().invoke([command, "--quiet", *_writing_to(target), *_common()])
    if not result.success:
        raise RuntimeError(f"the dbt project does not {command}: {result.exception or 'see the log above'}")
    return result.result if command == "parse" else None


def _writing_to(folder: Path) -> list[str]:
    """Name the folder for everything dbt writes: by default that is the project, which may be read-only."""
    return ["--target-path", str(folder), "--log-path", str(folder)]


def _common() -> list[str]:
    return [
        "--project-dir",
        str(PROJECT),
        "--profiles-dir",
        str(PROJECT),
        "--no-use-colors",
        "--log-level-file",
        "none",
        "--no-send-anonymous-usage-stats",
        "--no-version-check",
    ]


def build(manifest: Any, request: Mapping[str, Any]) -> dict[str, Any]:
    """Run ``dbt build`` of the requested nodes on the requested file; returns the outcome of every node."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager  # noqa: PLC0415
    from dbt.cli.main import dbtRunner  # noqa: PLC0415

    os.environ["MBR_WAREHOUSE_FILE"] = request["warehouse_file"]
    os.environ["MBR_TEMP_DIRECTORY"] = request["temp_directory"]
    excluded = ["--exclude-resource-type", "unit_test", "--exclude", "tag:gated"]
    arguments = ["build", "--quiet", *_writing_to(Path(request["target"])), *excluded, *_common()]
    if request["select"]:
        arguments += ["--select", *request["select"]]
    try:
        result = dbtRunner(manifest=manifest).invoke(arguments)
    finally:
        DuckDBConnectionManager.close_all_connections()
    if result.exception is not None:
        return {"error": str(result.exception), "nodes": []}
    nodes = [
        {
            "unique_id": node.node.unique_id,
            "status": str(node.status),
            "seconds": round(node.execution_time, 3),
            "failures": node.failures,
            "message": node.message if str(node.status) in ("error", "fail") else None,
        }
        for node in result.result
    ]
    return {"error": None, "nodes": nodes}


def main() -> None:
    """Answer requests from standard input until it closes. dbt's own prints go to standard error, answers
    alone to standard output.
    """
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    target = Path(sys.argv[1])
    try:
        manifest = parse("parse", target)
    except Exception as error:  # noqa: BLE001 - reported to the first request
        print(json.dumps({"ready": False, "error": str(error)}), file=answers)
        return
    import dbt.adapters.duckdb.connections  # noqa: F401, PLC0415 - warm

    print(json.dumps({"ready": True}), file=answers)
    for line in sys.stdin:
        try:
            answer = build(manifest, json.loads(line))
        except Exception as error:  # noqa: BLE001 - the loop must outlive one bad month
            answer = {"error": f"{type(error).__name__}: {error}", "nodes": []}
        print(json.dumps(answer), file=answers)


if __name__ == "__main__":
    main()
