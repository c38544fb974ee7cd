"""dbt's unit tests, with a mutant in the model's place: ``python -m tests.mutation.sql_unit_tests FILE`` writes down what dbt asks.

Belongs here: catching the one statement that dbt sends for each unit test (inputs, model, expected rows), and asking it again about a
mutant. dbt is started once for all of them, in a process of its own: a mutant then costs milliseconds instead of seconds. The inputs and
the expected rows are dbt's, word by word; only the model's query is another.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from mbr_pipeline.dbt_process import PROJECT

from .sql_models import Project, sql_of
from .sql_operators import Mutant

_MODEL = "/* the model */"
_FILE = "unit_tests.json"


@dataclass(frozen=True)
class UnitTest:
    """One unit test: its model, the statement with a place for the model's query, and what its inputs are called."""

    name: str
    model: str
    statement: str
    inputs: dict[str, str]

    def fails(self, connection: duckdb.DuckDBPyConnection, query: str) -> bool:
        """Whether the rows are not the expected ones, or cannot be computed."""
        for relation, called in self.inputs.items():
            query = query.replace(relation, called)
        try:
            rows = connection.execute(self.statement.replace(_MODEL, f"select * from ({query}\n) as model")).fetchall()
        except duckdb.Error:
            return True
        sides = {side: Counter(repr(row[:-1]) for row in rows if row[-1] == side) for side in ("actual", "expected")}
        return sides["actual"] != sides["expected"]


class UnitTests:
    """The unit tests of all models."""

    def __init__(self, project: Project, folder: Path) -> None:
        """Read what :meth:`ask_dbt` left in ``folder``."""
        self._connection = duckdb.connect(":memory:", config={"threads": 1, "autoload_known_extensions": "false"})
        self._connection.execute("set TimeZone = 'UTC'")
        self.tests: dict[str, list[UnitTest]] = {}
        for found in json.loads((folder / _FILE).read_text(encoding="utf-8")):
            inputs = {project.relation(name): called for name, called in found.pop("inputs").items()}
            self.tests.setdefault(found["model"], []).append(UnitTest(**found, inputs=inputs))

    @classmethod
    def ask_dbt(cls, project: Project, folder: Path) -> UnitTests:
        """Let dbt run them once in ``folder`` and listen."""
        command = [sys.executable, "-m", "tests.mutation.sql_unit_tests", str(folder / _FILE)]
        done = subprocess.run(command, cwd=PROJECT.parent, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"dbt's unit tests do not pass:\n{done.stdout[-4000:]}{done.stderr[-4000:]}")
        return cls(project, folder)

    def expect_pass_without_mutation(self, project: Project) -> None:
        """Fail unless every test passes on the unbroken model written back."""
        for model in project.mutated:
            query = sql_of(project.tree(model))
            failing = [test.name for test in self.tests.get(model.name, ()) if test.fails(self._connection, query)]
            if failing:
                raise RuntimeError(f"{model.name}: {', '.join(failing)} does not pass on the model itself")

    def failing(self, mutant: Mutant) -> str | None:
        """The first unit test of the model that fails on the mutant."""
        return next((test.name for test in self.tests.get(mutant.model, ()) if test.fails(self._connection, mutant.sql)), None)


def write_statements(file: Path) -> None:
    """Build the models on an empty month, run every unit test, and write down the statement that dbt sends for each."""
    from dbt.cli.main import dbtRunner

    from tests.dbt.test_unit_tests import empty_month

    folder = file.parent / "unit_tests"
    warehouse = folder / "month.duckdb"
    warehouse.unlink(missing_ok=True)
    folder.mkdir(parents=True, exist_ok=True)
    empty_month(warehouse, folder)
    os.environ |= {"MBR_WAREHOUSE_FILE": str(warehouse), "MBR_TEMP_DIRECTORY": str(folder / "temp")}
    common = [
        "--quiet", "--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT), "--target-path", str(folder / "target"),
        "--no-use-colors", "--log-level-file", "none", "--no-send-anonymous-usage-stats", "--no-version-check",
    ]  # fmt: skip
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
    file.write_text(json.dumps([_described(one.node, sent[one.node.unique_id]) for one in result.result]), encoding="utf-8")


def _described(node: Any, sent: list[str]) -> dict[str, Any]:
    [statement] = [sql for sql in sent if "dbt_internal_unit_test_actual" in sql]
    assert statement.count(node.compiled_code) == 1, node.unique_id
    inputs = {cte.id.rpartition(".")[2]: f"__dbt__cte__{cte.id.rpartition('.')[2]}" for cte in node.extra_ctes}
    fixtures = ", ".join(cte.sql for cte in node.extra_ctes)
    query = f"with {fixtures} {_MODEL}" if fixtures else _MODEL
    model = node.unique_id.split(".")[2]
    return {"name": node.name, "model": model, "statement": statement.replace(node.compiled_code, query), "inputs": inputs}


if __name__ == "__main__":
    write_statements(Path(sys.argv[1]).resolve())
