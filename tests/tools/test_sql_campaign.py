"""The machinery of the mutation campaign on SQL: does it see what is broken?

Belongs here: a mutant that must be noticed beside one that nobody can notice. The campaign itself
(``tools.mutation.sql``) takes an hour and is not part of a test run.
"""

from __future__ import annotations

from copy import copy
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import duckdb
import pytest

from mbr_pipeline.monthly_close import MonthlyClose
from mbr_pipeline.storage.warehouse import connected
from mbr_pipeline.workspace.paths import WorkspacePaths
from tests.support import small
from tests.worlds.compiled import seed_statement
from tools.mutation.sql.equivalents import EQUIVALENTS, entries, equivalents
from tools.mutation.sql.kept import KeptVerdicts
from tools.mutation.sql.models import Project, exp, parse, sql_of
from tools.mutation.sql.month import Invalid, Killed, Month
from tools.mutation.sql.months import open_months
from tools.mutation.sql.mutants import Mutant, mutants
from tools.mutation.sql.operators import OPERATORS
from tools.mutation.sql.page import PAGE, explanations
from tools.mutation.sql.unit_tests import MODEL, UnitTest
from tools.mutation.sql.verdicts import Verdict, explained, killed, misfits, table


@pytest.fixture(scope="module")
def project() -> Project:
    return Project()


def test_every_model_written_back_is_what_dbt_compiles(project: Project) -> None:
    def bare(node: exp.Expression) -> exp.Expression:
        # sqlglot writes bool_or(x) with x cast to what it is
        if isinstance(node, exp.LogicalOr) and isinstance(node.this, exp.Cast):
            return exp.LogicalOr(this=node.this.this)
        return node.unnest() if isinstance(node, exp.Paren) else node

    def plain(query: exp.Query) -> exp.Expression:
        return query.transform(bare)

    assert len(project.mutated) > 40
    for model in project.mutated:
        assert plain(parse(sql_of(project.tree(model)))) == plain(parse(model.compiled_code)), model.name


def test_a_seed_is_read_where_a_model_refers_to_it(project: Project) -> None:
    seeded = copy(project)
    seeded.seeds = {"codes": {"name": "codes", "relation_name": '"month"."seeds"."codes"'}}
    model = replace(project.by_name["int_keys"], raw_code="select code from {{ ref('codes') }}")
    assert sql_of(seeded.tree(model)) == 'SELECT code FROM "month"."seeds"."codes"'


@pytest.fixture(scope="module")
def sound_month(project: Project, tmp_path_factory: pytest.TempPathFactory) -> Month:
    """The month of ``small``, in which everything is right; the models run one by one without dbt."""
    root = tmp_path_factory.mktemp("sound") / "root" / "workspace"
    small.write(root / "mbr.yml", small.settings(["msp"]))
    small.write_msp(root, "msp")
    month = MonthlyClose.of(WorkspacePaths(root), "msp", small.PERIOD)
    month.load()
    with connected(month.paths.warehouse_file, root / "temp") as connection:
        for seed in project.seeds.values():
            connection.execute(f"create schema if not exists {seed['schema']}")
            connection.execute(seed_statement(seed))
        for model in project.models.values():
            schema = model.relation.replace('"', "").split(".")[1]
            connection.execute(f"create schema if not exists {schema}")
            connection.execute(f"create table {model.relation} as {model.compiled_code}")
    return Month(project, month.paths.warehouse_file)


def the(project: Project, model: str, operator: str, change: str) -> Mutant:
    [mutant] = [
        m for m in mutants(project, project.by_name[model]) if m.operator == operator and m.change == change
    ]
    return mutant


def test_the_unbroken_models_give_the_tables_of_the_month(sound_month: Month) -> None:
    sound_month.expect_same_without_mutation()


def test_invoice_lines_that_are_not_reconciled_any_more_are_noticed(
    project: Project, sound_month: Month
) -> None:
    mutant = the(
        project, "int_invoice_lines", "compare", "result: lines.overlap_days > 0 → lines.overlap_days >= 0"
    )
    assert sound_month.examine(mutant) is None  # no line of this month lies outside it
    mutant = the(project, "int_invoice_lines", "constant", "result: 0 → 1 in lines.overlap_days > 0")
    assert sound_month.examine(mutant) is None  # 31 days are more than 1
    mutant = the(
        project,
        "int_invoice_lines",
        "compare",
        "result: lines.charge_category = 'recurring' → lines.charge_category <> 'recurring'",
    )
    with pytest.raises(Killed, match="fct_reconciliation"):
        sound_month.examine(mutant)


def test_a_default_that_is_never_needed_is_not_noticed(project: Project, sound_month: Month) -> None:
    # least() of DuckDB passes over nulls, so the end of the period is found without coalesce as well
    change = "result: drop run.period_end from COALESCE(agreements.effective_end, run.period_end)"
    assert sound_month.examine(the(project, "int_agreement_lines", "coalesce", change)) is None


def test_a_data_test_notices_what_no_compared_table_shows(project: Project, sound_month: Month) -> None:
    rows = "select source, dataset from month.staging.stg_declared_datasets"
    dimension = project.by_name["dim_source"]
    doubled = Mutant(
        dimension.name,
        "by hand",
        "",
        f"select * from ({dimension.compiled_code}\n) union all from {dimension.relation}",
    )
    assert rows and sound_month.examine(doubled) == "unique_key_dim_source_source__dataset"


def test_a_query_that_cannot_be_planned_is_no_mutant_and_one_that_fails_on_a_row_is_killed(
    sound_month: Month,
) -> None:
    with pytest.raises(Invalid):
        sound_month.expect_valid(Mutant("int_keys", "by hand", "", "select nothing from nowhere"))
    failing = Mutant("int_keys", "by hand", "", "select error('no') as client_id from month.staging.stg_run")
    sound_month.expect_valid(failing)
    with pytest.raises(Killed):
        sound_month.examine(failing)


def test_a_unit_test_fails_on_other_rows_and_on_errors_only() -> None:
    statement = (
        f"with rows as (with lines as (select 1 as a union all select 2) {MODEL})"
        " select a, 'actual' from rows union all select a, 'expected' from (values (3), (2)) as expected (a)"
    )
    unit_test = UnitTest("two_rows", "tiny", statement, {'"month"."tiny"."lines"': "lines"})
    with duckdb.connect() as connection:
        assert not unit_test.fails(connection, 'select a + 1 as a from "month"."tiny"."lines"')
        assert unit_test.fails(connection, 'select a + 2 as a from "month"."tiny"."lines"')
        assert unit_test.fails(connection, 'select a + 1 as a from "month"."tiny"."lines" limit 1')
        assert unit_test.fails(connection, 'select error(a::varchar) as a from "month"."tiny"."lines"')


def test_a_campaign_without_months_is_none(project: Project, tmp_path: Path) -> None:
    (tmp_path / "months").mkdir()
    with pytest.raises(RuntimeError, match="left no month"):
        open_months(project, tmp_path / "months")


def test_verdicts_are_kept_until_something_changes_that_they_follow_from(
    project: Project, tmp_path: Path
) -> None:
    month = tmp_path / "month.duckdb"
    month.touch()
    found = [Mutant("int_keys", "by hand", change, f"select {change}") for change in ("1", "2")]
    verdicts = [Verdict(found[0], "worlds", "a month"), Verdict(found[1], "survived", "")]
    unit_test = UnitTest("two_rows", "int_keys", MODEL, {})
    kept = KeptVerdicts(tmp_path / "verdicts", project, [month])
    fingerprint = kept.fingerprint(found, [unit_test])
    assert kept.read("int_keys", fingerprint, found) is None
    kept.write("int_keys", fingerprint, verdicts)
    assert kept.read("int_keys", fingerprint, found) == verdicts
    rewritten = copy(project)
    rewritten.models = {"a": replace(project.by_name["int_keys"], compiled_code="select 1")}
    others = [
        kept.fingerprint([found[0], replace(found[1], sql="select 3")], [unit_test]),
        kept.fingerprint(found, [replace(unit_test, statement="select 1")]),
        KeptVerdicts(tmp_path / "verdicts", rewritten, [month]).fingerprint(found, [unit_test]),
    ]
    month.write_text("another")
    others.append(KeptVerdicts(tmp_path / "verdicts", project, [month]).fingerprint(found, [unit_test]))
    assert len({fingerprint, *others}) == 5
    assert [kept.read("int_keys", other, found) for other in others] == [None] * 4


def test_an_explanation_counts_for_a_survivor_only_and_one_that_fits_nothing_is_told() -> None:
    fates = {"one": "worlds", "two": "survived", "three": "survived", "four": "invalid", "five": "unit tests"}
    verdicts = [Verdict(Mutant("model", "operator", change, ""), fate, "") for change, fate in fates.items()]
    reasons = {("model", "operator", change): "no row can show it" for change in ("one", "two", "gone")}
    found = explained(verdicts, reasons)
    assert [verdict.fate for verdict in found] == [
        "worlds",
        "equivalent",
        "survived",
        "invalid",
        "unit tests",
    ]
    assert killed(found) == Fraction(2, 3)
    assert [text.split(" is ")[0] for text in misfits(found, reasons, ["model"])] == [
        "model | operator | one",
        "model | operator | gone",
    ]
    assert misfits(found, reasons, ["another"]) == []
    assert [line.split() for line in table(found)][-1] == ["all", "4", "1", "1", "0", "1", "1"]


def test_every_explanation_is_about_a_model_and_an_operator_and_stands_on_the_page(project: Project) -> None:
    assert equivalents(), f"{EQUIVALENTS.name} explains nothing"
    for (model, operator, _), reason in equivalents().items():
        assert project.by_name[model].is_mutated and operator in OPERATORS
        assert len(reason.split()) > 3
    assert explanations(entries()) in PAGE.read_text(encoding="utf-8"), (
        "write the page anew: python -m tools.mutation.sql --page"
    )
