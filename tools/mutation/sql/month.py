"""One month, and whether a broken model would show in it.

Belongs here: running a broken model on a month and comparing what the world tests compare. How a model is
broken is ``mutants``; which months there are is ``months``.

The world tests assert that the unbroken models agree with the second engine on these months. So where a
broken model changes what they compare, they fail: that is a killed mutant. Only tables that really change are
computed further; the month's file is opened read-only.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from threading import Timer

import duckdb

from expectations.marts import FACTS
from mbr_pipeline.recompute.verify import TABLES
from tools.mutation.sql.models import Model, Project, sql_of
from tools.mutation.sql.mutants import Mutant

SECONDS = 5
"""What a query of a mutant may take; months take milliseconds, so what takes longer has lost a join."""


class Killed(Exception):
    """A check failed on the mutant; says which."""


class Invalid(Exception):
    """The mutant is no query that DuckDB can run at all, so nothing was tested."""


class Month:
    """One month: the tables of the unbroken models, and how they are looked at."""

    def __init__(self, project: Project, file: Path) -> None:
        """Open the month's file beside an empty database in memory, which takes what mutants change."""
        self.project = project
        self.name = f"{file.parents[3].name} {file.parents[1].name} {file.parent.name}"
        self.kills = 0
        self.seconds = 0.0
        self._connection = duckdb.connect(
            ":memory:", config={"threads": 1, "autoload_known_extensions": "false"}
        )
        self._connection.execute(
            f"set TimeZone = 'UTC'; attach '{file}' as month (read_only); create schema mutant"
        )
        self._digests: dict[str, tuple[object, ...]] = {}

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    @cached_property
    def looks(self) -> list[tuple[str, str]]:
        """What the tests compare, model and query; those that most mutants change come first."""
        looks = []
        for name in (*_FIRST, *(name for name in TABLES if name not in _FIRST)):
            columns = ", ".join((*TABLES[name].key, *TABLES[name].values))
            looks.append((name, f"select {columns} from {self.project.by_name[name].relation}"))
        controls = self.project.by_name["fct_control_totals"].relation
        looks.append(("fct_control_totals", f"select distinct control from {controls} where not passed"))
        coverage = self.project.by_name["int_coverage"].relation
        looks.append(
            (
                "int_coverage",
                "select currency, mapped_amount::decimal(38, 12), total_amount::decimal(38, 12)"
                f" from {coverage}",
            )
        )
        if self._value(f"select count(*) from {controls} where not passed") == 0:
            # with a failed control the month is blocked whatever the suites say
            facts = self.project.by_name["int_audit_facts"].relation
            names = ", ".join(f"'{fact}'" for fact in FACTS)
            looks.append(
                (
                    "int_audit_facts",
                    f"select count(*) = {len(FACTS) + 1}, count(distinct fact) = {len(FACTS)},"
                    f" bool_and(fact in ({names})), bool_and(coalesce(violations = 0, false)) from {facts}",
                )
            )
        return looks

    def expect_same_without_mutation(self) -> None:
        """Fail unless every model, written back unbroken, gives exactly the table that dbt built."""
        for model in self.project.mutated:
            if self._digest(sql_of(self.project.tree(model))) != self._base(model):
                raise RuntimeError(
                    f"{self.name}: {model.name} does not give the table that dbt built: did it change?"
                )

    def expect_valid(self, mutant: Mutant) -> None:
        """Raise :class:`Invalid` if DuckDB cannot even plan the query."""
        try:
            self._run(f"explain {mutant.sql}")
        except (duckdb.BinderException, duckdb.ParserException, duckdb.CatalogException) as error:
            raise Invalid(str(error).splitlines()[0]) from None
        except duckdb.Error:
            return  # a value that cannot be computed: the month will show it

    def examine(self, mutant: Mutant) -> str | None:
        """Raise :class:`Killed` if what the tests compare changes or cannot be computed; else name a data
        test that fails, if any.
        """
        run = _Run(self, mutant)
        began = time.process_time()
        try:
            if not run.changes(self.project.by_name[mutant.model]):
                return None
            for name, query in self.looks:
                changes = run.reaches(name) and run.changes(self.project.by_name[name])
                if changes and self._digest(run.rewritten(query)) != self._look(name, query):
                    self.kills += 1
                    raise Killed(f"{self.name}: {name}")
            return run.failed_data_test()
        except duckdb.Error as error:
            self.kills += 1
            raise Killed(f"{self.name}: {str(error).splitlines()[0]}") from None
        finally:
            run.forget()
            self.seconds += time.process_time() - began

    def _look(self, name: str, query: str) -> tuple[object, ...]:
        key = f"look {name} {query}"
        if key not in self._digests:
            self._digests[key] = self._digest(query)
        return self._digests[key]

    def _base(self, model: Model) -> tuple[object, ...]:
        if model.name not in self._digests:
            self._digests[model.name] = self._digest(f"select * from {model.relation}")
        return self._digests[model.name]

    def _digest(self, query: str) -> tuple[object, ...]:
        """Two queries with the same rows, in whatever order, have the same digest."""
        found = self._run(
            f"select count(*), sum(hash(rows)), bit_xor(hash(rows)) from ({query}\n) as rows"
        ).fetchone()
        assert found
        return tuple(found)

    def _value(self, query: str) -> object:
        found = self._run(query).fetchone()
        return found[0] if found else None

    def _run(self, query: str) -> duckdb.DuckDBPyConnection:
        with _interrupted_after(self._connection, SECONDS):
            return self._connection.execute(query)


_FIRST = ("fct_reconciliation", "fct_line_dispositions", "fct_exceptions")


@contextmanager
def _interrupted_after(connection: duckdb.DuckDBPyConnection, seconds: float) -> Iterator[None]:
    timer = Timer(seconds, connection.interrupt)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


class _Run:
    """One mutant on one month: which tables it changes, computed when asked for."""

    def __init__(self, month: Month, mutant: Mutant) -> None:
        self.month = month
        self.mutant = mutant
        self.mutated = month.project.by_name[mutant.model]
        self._changed: dict[str, bool] = {}

    def reaches(self, name: str) -> bool:
        """Whether a table depends on the mutated model at all."""
        return self.mutated.unique_id in (
            *self.month.project.above(name),
            self.month.project.by_name[name].unique_id,
        )

    def changes(self, model: Model) -> bool:
        """Whether a table differs from the unbroken one; if so, it stands in schema mutant afterwards."""
        if model.unique_id not in self._changed:
            self._changed[model.unique_id] = self._compute(model)
        return self._changed[model.unique_id]

    def rewritten(self, query: str) -> str:
        """The query on changed tables where there are any."""
        for unique_id, changed in self._changed.items():
            if changed:
                model = self.month.project.models[unique_id]
                query = query.replace(model.relation, f"mutant.{model.name}")
        return query

    def failed_data_test(self) -> str | None:
        """The first data test or not-null column of a changed table that does not hold."""
        project = self.month.project
        for name, (query, tested) in project.data_tests.items():
            for uid in tested:
                if uid in project.models and self.reaches(project.models[uid].name):
                    self.changes(project.models[uid])
            if any(self._changed.get(uid) for uid in tested) and self.month._value(
                f"select count(*) from ({self.rewritten(query)}\n)"
            ):
                return str(name)
        for unique_id in [uid for uid, changed in self._changed.items() if changed]:
            model = project.models[unique_id]
            for column in model.not_null:
                if self.month._value(f"select count(*) from mutant.{model.name} where {column} is null"):
                    return f"{model.name}.{column} is not null"
        return None

    def forget(self) -> None:
        """Drop what was computed."""
        for unique_id, changed in self._changed.items():
            if changed:
                self.month._run(f"drop table if exists mutant.{self.month.project.models[unique_id].name}")

    def _compute(self, model: Model) -> bool:
        project = self.month.project
        if model is self.mutated:
            query = self.mutant.sql
        else:
            parents = [project.models[uid] for uid in model.parents if uid in project.models]
            changed = [parent for parent in parents if self.reaches(parent.name) and self.changes(parent)]
            if not changed:
                return False
            query = self.rewritten(model.compiled_code)
        table = f"mutant.{model.name}"
        if model.name.startswith(("fct_", "dim_")):
            # marts have a contract: dbt inserts into a table of the declared types
            self.month._run(f"create or replace table {table} as from {model.relation} limit 0")
            self.month._run(f"insert into {table} by name select * from ({query}\n)")
        else:
            if self.month._digest(query) == self.month._base(model):
                return False
            self.month._run(f"create or replace table {table} as {query}")
        return self.month._digest(f"select * from {table}") != self.month._base(model)
