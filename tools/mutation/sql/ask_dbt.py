"""Writes down the statement that dbt sends for each unit test: ``python -m tools.mutation.sql.ask_dbt
FILE``.

Belongs here: running dbt once, in a process of its own, and listening. A mutant then costs milliseconds
instead of seconds. Asking the statements again is ``unit_tests``.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from mbr_pipeline.transform.project_folder import PROJECT
from tools.mutation.sql.unit_tests import MODEL


def write_statements(file: Path) -> None:
    """Run every unit test on an empty month, and write down the statement that dbt sends for each."""
    from dbt.cli.main import dbtRunner

    from tests.dbt.test_unit_tests import empty_month

    folder = file.parent / "unit_tests"
    warehouse = folder / "month.duckdb"
    warehouse.unlink(missing_ok=True)
    folder.mkdir(parents=True, exist_ok=True)
    empty_month(warehouse, folder)
    os.environ |= {"MBR_WAREHOUSE_FILE": str(warehouse), "MBR_TEMP_DIRECTORY": str(folder / "temp")}
    where = ["--project-dir", PROJECT, "--profiles-dir", PROJECT, "--target-path", folder / "target"]
    quiet = ["--quiet", "--no-use-colors", "--log-level-file", "none"]
    common = [*map(str, where), *quiet, "--no-send-anonymous-usage-stats", "--no-version-check"]
    sent: dict[str, list[str]] = {}

    def listen(event: Any) -> None:
        if event.info.name == "SQLQuery":
            sent.setdefault(event.data.node_info.unique_id, []).append(event.data.sql)

    manifest = dbtRunner().invoke(["parse", *common]).result
    runner = dbtRunner(manifest=manifest, callbacks=[listen])
    for command in (["seed"], ["run"], ["test", "--select", "test_type:unit"]):
        result = runner.invoke([*command, *common])
        if not result.success:
            raise SystemExit(f"dbt {command[0]} does not succeed: {result.exception or 'see above'}")
    file.write_text(
        json.dumps([_described(one.node, sent[one.node.unique_id]) for one in result.result]),
        encoding="utf-8",
    )


def _described(node: Any, sent: list[str]) -> dict[str, Any]:
    [statement] = [sql for sql in sent if "dbt_internal_unit_test_actual" in sql]
    assert statement.count(node.compiled_code) == 1, node.unique_id
    inputs = {
        cte.id.rpartition(".")[2]: f"__dbt__cte__{cte.id.rpartition('.')[2]}" for cte in node.extra_ctes
    }
    fixtures = ", ".join(cte.sql for cte in node.extra_ctes)
    query = f"with {fixtures} {MODEL}" if fixtures else MODEL
    model = node.unique_id.split(".")[2]
    return {
        "name": node.name,
        "model": model,
        "statement": statement.replace(node.compiled_code, query),
        "inputs": inputs,
    }


if __name__ == "__main__":
    write_statements(Path(sys.argv[1]).resolve())
