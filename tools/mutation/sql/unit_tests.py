"""dbt's unit tests, with a mutant in the model's place.

What belongs here: asking the one statement that dbt sends for each unit test (inputs, model, expected rows)
again about a mutant. Catching those statements is ``ask_dbt``. The inputs and the expected rows are dbt's,
word by word; only the model's query is another.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import duckdb

from tools.mutation.paths import ROOT
from tools.mutation.sql.models import Project, sql_of
from tools.mutation.sql.mutants import Mutant

MODEL = "/* the model */"
_FILE = "unit_tests.json"


@dataclass(frozen=True)
class UnitTest:
    """One unit test: its model, the statement with a place for the model's query, the names of its inputs."""

    name: str
    model: str
    statement: str
    inputs: dict[str, str]

    def fails(self, connection: duckdb.DuckDBPyConnection, query: str) -> bool:
        """Whether the rows are not the expected ones, or cannot be computed."""
        for relation, called in self.inputs.items():
            query = query.replace(relation, called)
        try:
            rows = connection.execute(
                self.statement.replace(MODEL, f"select * from ({query}\n) as model")
            ).fetchall()
        except duckdb.Error:
            return True
        sides = {
            side: Counter(repr(row[:-1]) for row in rows if row[-1] == side)
            for side in ("actual", "expected")
        }
        return sides["actual"] != sides["expected"]


class UnitTests:
    """The unit tests of the models that are mutated; those of staging read sources and are not asked."""

    def __init__(self, project: Project, folder: Path) -> None:
        """Read what :meth:`ask_dbt` left in ``folder``."""
        self._connection = duckdb.connect(
            ":memory:", config={"threads": 1, "autoload_known_extensions": "false"}
        )
        self._connection.execute("set TimeZone = 'UTC'")
        self.tests: dict[str, list[UnitTest]] = {}
        mutated = {model.name for model in project.mutated}
        for found in json.loads((folder / _FILE).read_text(encoding="utf-8")):
            if found["model"] not in mutated:
                continue
            inputs = {project.relation(name): called for name, called in found.pop("inputs").items()}
            self.tests.setdefault(found["model"], []).append(UnitTest(**found, inputs=inputs))

    @classmethod
    def ask_dbt(cls, project: Project, folder: Path) -> UnitTests:
        """Let dbt run them once in ``folder`` and listen."""
        command = [sys.executable, "-m", "tools.mutation.sql.ask_dbt", str(folder / _FILE)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"dbt's unit tests do not pass:\n{done.stdout[-4000:]}{done.stderr[-4000:]}")
        return cls(project, folder)

    def expect_pass_without_mutation(self, project: Project) -> None:
        """Fail unless every test passes on the unbroken model written back."""
        for model in project.mutated:
            query = sql_of(project.tree(model))
            failing = [
                test.name for test in self.tests.get(model.name, ()) if test.fails(self._connection, query)
            ]
            if failing:
                raise RuntimeError(f"{model.name}: {', '.join(failing)} does not pass on the model itself")

    def failing(self, mutant: Mutant) -> str | None:
        """The first unit test of the model that fails on the mutant."""
        return next(
            (
                test.name
                for test in self.tests.get(mutant.model, ())
                if test.fails(self._connection, mutant.sql)
            ),
            None,
        )
