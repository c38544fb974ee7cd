"""The machinery of the mutation campaign on SQL: does it break what it says, and does it see what is broken?

Belongs here: every operator on a statement small enough to read, and a mutant that must be noticed beside one that nobody can notice. The
campaign itself (``tests.mutation.sql``) takes half an hour and is not part of a test run.
"""

from __future__ import annotations

from fractions import Fraction

import duckdb
import pytest

from mbr_pipeline.month import Month as PipelineMonth
from mbr_pipeline.warehouse import connected
from mbr_pipeline.workspace_paths import WorkspacePaths
from tests import small
from tests.worlds.compiled import seed_statement

from .sql import EQUIVALENTS, Verdict, entries, equivalents, explained, killed, misfits, table
from .sql_models import Project, exp, parse, sql_of
from .sql_months import Invalid, Killed, Month
from .sql_operators import OPERATORS, Mutant, mutants, mutants_of
from .sql_page import PAGE, explanations
from .sql_unit_tests import _MODEL, UnitTest


def broken(operator: str, sql: str) -> set[str]:
    return {mutant.sql for mutant in mutants_of(parse(sql), "tiny") if mutant.operator == operator}


def written(*queries: str) -> set[str]:
    return {sql_of(parse(query)) for query in queries}


@pytest.mark.parametrize(
    ("operator", "sql", "expected"),
    [
        ("condition", "select a from t where a and (b or c)", ["where (b or c)", "where a", "where a and (c)", "where a and (b)"]),
        ("clause", "select a from t where a and b", [""]),
        ("clause", "select a from t group by a having a > 2", ["group by a"]),
        ("clause", "select sum(a) filter (where b) from t", ["select sum(a) from t"]),
        ("clause", "select a from t left join u on t.a = u.a", ["left join u on true"]),
        ("logic", "select a from t where a and b", ["where (a or b)"]),
        ("compare", "select a from t where a < 1", ["where a <= 1"]),
        ("compare", "select a from t where a is not distinct from b", ["where a is distinct from b", "where a = b"]),
        ("compare", "select a from t where a in (1, 2)", ["where a not in (1, 2)", "where a in (2)", "where a in (1)"]),
        ("not", "select a from t where not a", ["where a"]),
        ("null", "select a from t where a is null", ["where a is not null"]),
        ("arithmetic", "select a + b * -c from t", ["select a - b * -c from t", "select a + b / -c from t", "select a + b * c from t"]),
        ("constant", "select 0, 7, true from t", ["select 1, 7, true from t", "select 0, 8, true from t", "select 0, 7, false from t"]),
        ("coalesce", "select coalesce(a, 0) from t", ["select 0 from t", "select a from t"]),
        (
            "case",
            "select case when a then 1 when b then 2 else 3 end from t",
            [
                "select case when b then 2 else 3 end from t", "select case when a then 1 else 3 end from t",
                "select case when b then 2 when a then 1 else 3 end from t", "select case when a then 1 when b then 2 end from t",
            ],
        ),
        ("aggregate", "select min(a) from t", ["select max(a) from t"]),
        ("aggregate", "select arg_max(a, b) from t", ["select arg_min(a, b) from t"]),
        ("aggregate", "select sum(a), count(a) from t", ["select max(a), count(a) from t", "select sum(a), count(*) from t"]),
        ("aggregate", "select count(distinct a) from t", ["select count(a) from t"]),
        ("distinct", "select distinct a from t", ["select a from t"]),
        (
            "union",
            "select a, 1 as b from t union all select c, d from u",
            ["select a, 1 as b from t union select c, d from u", "select a, 1 as b from t", "select c as a, d as b from u"],
        ),
        ("join", "select a from t left join u on t.a = u.a", ["inner join u on t.a = u.a"]),
        ("join", "select a from t full join u on t.a = u.a", ["left join u on t.a = u.a", "right join u on t.a = u.a"]),
        ("join", "select a from t anti join u on t.a = u.a", ["semi join u on t.a = u.a", ""]),
        (
            "group",
            "select a, b, max(a) from t group by a, b",
            ["select any_value(a) as a, b, max(a) from t group by b", "select a, any_value(b) as b, max(a) from t group by a"],
        ),
        ("group", "select a, max(b) from t group by all", ["select any_value(a) as a, max(b) from t group by all"]),
        (
            "window",
            "select lag(a) over (partition by b order by c, d) from t",
            [
                "select lag(a) over (order by c, d) from t", "select lag(a) over (partition by b order by d) from t",
                "select lag(a) over (partition by b order by c) from t", "select lag(a) over (partition by b) from t",
                "select lag(a) over (partition by b order by c desc, d) from t",
                "select lag(a) over (partition by b order by c, d desc) from t",
            ],
        ),
        ("window", "select arg_max(a, (b, c)) from t", ["select arg_max(a, (c,)) from t", "select arg_max(a, (b,)) from t"]),
        (
            "values",
            "select a from (values (1), (2)) as t (a)",
            ["select a from (values (2)) as t (a)", "select a from (values (1)) as t (a)"],
        ),
    ],
)  # fmt: skip
def test_an_operator_breaks_what_it_says(operator: str, sql: str, expected: list[str]) -> None:
    whole = [query if query.startswith("select") else f"select a from t {query}" for query in expected]
    assert broken(operator, sql) == written(*whole)


def test_every_operator_is_tried_above() -> None:
    [mark] = test_an_operator_breaks_what_it_says.pytestmark  # type: ignore[attr-defined]
    assert {case[0] for case in mark.args[1]} == set(OPERATORS)


def test_sentences_are_left_alone_also_in_later_branches_of_a_union() -> None:
    sql = """
        select a, case when b then 'x' end as explanation from t
        union all
        select c || case when d then 'y' end, coalesce(e, 'z') from u
    """
    assert {mutant.operator for mutant in mutants_of(parse(sql), "tiny")} == {"union"}


def test_a_broken_query_inside_a_macro_call_is_expanded_by_the_macro() -> None:
    tree = parse("select power_of_ten(2) * a from t")
    assert sql_of(tree) == "SELECT 100::hugeint * a FROM t"


@pytest.fixture(scope="module")
def project() -> Project:
    return Project()


def test_every_model_written_back_is_what_dbt_compiles(project: Project) -> None:
    def plain(query: exp.Query) -> exp.Expression:
        return query.transform(lambda node: node.unnest() if isinstance(node, exp.Paren) else node)

    assert len(project.mutated) > 40
    for model in project.mutated:
        assert plain(parse(sql_of(project.tree(model)))) == plain(parse(model.compiled_code)), model.name


@pytest.fixture(scope="module")
def sound_month(project: Project, tmp_path_factory: pytest.TempPathFactory) -> Month:
    """The month of ``small``, in which everything is right: loaded by the pipeline, the models run one by one without dbt."""
    root = tmp_path_factory.mktemp("sound") / "root" / "workspace"
    small.write(root / "mbr.yml", small.settings(["msp"]))
    small.write_msp(root, "msp")
    month = PipelineMonth.of(WorkspacePaths(root), "msp", small.PERIOD)
    month.load()
    with connected(month.paths.warehouse_file, root / "temp") as connection:
        connection.execute("create schema seeds")
        for seed in project.seeds.values():
            connection.execute(seed_statement(seed))
        for model in project.models.values():
            schema = model.relation.replace('"', "").split(".")[1]
            connection.execute(f"create schema if not exists {schema}")
            connection.execute(f"create table {model.relation} as {model.compiled_code}")
    return Month(project, month.paths.warehouse_file)


def the(project: Project, model: str, operator: str, change: str) -> Mutant:
    [mutant] = [m for m in mutants(project, project.by_name[model]) if m.operator == operator and m.change == change]
    return mutant


def test_the_unbroken_models_give_the_tables_of_the_month(sound_month: Month) -> None:
    sound_month.expect_same_without_mutation()


def test_invoice_lines_that_are_not_reconciled_any_more_are_noticed(project: Project, sound_month: Month) -> None:
    mutant = the(project, "int_invoice_lines", "compare", "result: lines.overlap_days > 0 → lines.overlap_days >= 0")
    assert sound_month.examine(mutant) is None  # no line of this month lies outside it
    mutant = the(project, "int_invoice_lines", "constant", "result: 0 → 1 in lines.overlap_days > 0")
    assert sound_month.examine(mutant) is None  # 31 days are more than 1
    mutant = the(
        project, "int_invoice_lines", "compare", "result: lines.charge_category = 'recurring' → lines.charge_category <> 'recurring'"
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
    doubled = Mutant(dimension.name, "by hand", "", f"select * from ({dimension.compiled_code}\n) union all from {dimension.relation}")
    assert rows and sound_month.examine(doubled) == "unique_key_dim_source_source__dataset"


def test_a_query_that_cannot_be_planned_is_no_mutant_and_one_that_fails_on_a_row_is_killed(sound_month: Month) -> None:
    with pytest.raises(Invalid):
        sound_month.expect_valid(Mutant("int_keys", "by hand", "", "select nothing from nowhere"))
    failing = Mutant("int_keys", "by hand", "", "select error('no') as client_id from month.staging.stg_run")
    sound_month.expect_valid(failing)
    with pytest.raises(Killed):
        sound_month.examine(failing)


def test_a_unit_test_fails_on_other_rows_and_on_errors_only() -> None:
    statement = (
        f"with rows as (with lines as (select 1 as a union all select 2) {_MODEL}) select a, 'actual' from rows"
        " union all select a, 'expected' from (values (3), (2)) as expected (a)"
    )
    unit_test = UnitTest("two_rows", "tiny", statement, {'"month"."tiny"."lines"': "lines"})
    with duckdb.connect() as connection:
        assert not unit_test.fails(connection, 'select a + 1 as a from "month"."tiny"."lines"')
        assert unit_test.fails(connection, 'select a + 2 as a from "month"."tiny"."lines"')
        assert unit_test.fails(connection, 'select a + 1 as a from "month"."tiny"."lines" limit 1')
        assert unit_test.fails(connection, 'select error(a::varchar) as a from "month"."tiny"."lines"')


def test_an_explanation_counts_for_a_survivor_only_and_one_that_fits_nothing_is_told() -> None:
    fates = {"one": "worlds", "two": "survived", "three": "survived", "four": "invalid", "five": "unit tests"}
    verdicts = [Verdict(Mutant("model", "operator", change, ""), fate, "") for change, fate in fates.items()]
    reasons = {("model", "operator", change): "no row can show it" for change in ("one", "two", "gone")}
    found = explained(verdicts, reasons)
    assert [verdict.fate for verdict in found] == ["worlds", "equivalent", "survived", "invalid", "unit tests"]
    assert killed(found) == Fraction(2, 3)
    assert [text.split(" is ")[0] for text in misfits(found, reasons, ["model"])] == ["model | operator | one", "model | operator | gone"]
    assert misfits(found, reasons, ["another"]) == []
    assert [line.split() for line in table(found)][-1] == ["all", "4", "1", "0", "1", "1", "1"]


def test_every_explanation_is_about_a_model_and_an_operator_and_stands_on_the_page(project: Project) -> None:
    assert equivalents(), f"{EQUIVALENTS.name} explains nothing"
    for (model, operator, _), reason in equivalents().items():
        assert project.by_name[model].is_mutated and operator in OPERATORS
        assert len(reason.split()) > 3
    assert explanations(entries()) in PAGE.read_text(encoding="utf-8"), "write the page anew: python -m tests.mutation.sql --page"
