"""Every operator of the mutation campaign on SQL breaks what it says, on statements small enough to read.

Belongs here: what a mutant is. Whether anybody notices one is ``test_sql_campaign``.
"""

from __future__ import annotations

import pytest

from tools.mutation.sql.models import parse, sql_of
from tools.mutation.sql.mutants import mutants_of
from tools.mutation.sql.operators import OPERATORS


def broken(operator: str, sql: str) -> set[str]:
    return {mutant.sql for mutant in mutants_of(parse(sql), "tiny") if mutant.operator == operator}


def written(*queries: str) -> set[str]:
    return {sql_of(parse(query)) for query in queries}


@pytest.mark.parametrize(
    ("operator", "sql", "expected"),
    [
        (
            "condition",
            "select a from t where a and (b or c)",
            ["where (b or c)", "where a", "where a and (c)", "where a and (b)"],
        ),
        ("clause", "select a from t where a and b", [""]),
        ("clause", "select a from t group by a having a > 2", ["group by a"]),
        ("clause", "select sum(a) filter (where b) from t", ["select sum(a) from t"]),
        ("clause", "select a from t left join u on t.a = u.a", ["left join u on true"]),
        ("logic", "select a from t where a and b", ["where (a or b)"]),
        ("compare", "select a from t where a < 1", ["where a <= 1"]),
        (
            "compare",
            "select a from t where a is not distinct from b",
            ["where a is distinct from b", "where a = b"],
        ),
        (
            "compare",
            "select a from t where a in (1, 2)",
            ["where a not in (1, 2)", "where a in (2)", "where a in (1)"],
        ),
        ("not", "select a from t where not a", ["where a"]),
        ("null", "select a from t where a is null", ["where a is not null"]),
        (
            "arithmetic",
            "select a + b * -c from t",
            ["select a - b * -c from t", "select a + b / -c from t", "select a + b * c from t"],
        ),
        (
            "constant",
            "select 0, 7, true from t",
            ["select 1, 7, true from t", "select 0, 8, true from t", "select 0, 7, false from t"],
        ),
        ("coalesce", "select coalesce(a, 0) from t", ["select 0 from t", "select a from t"]),
        (
            "case",
            "select case when a then 1 when b then 2 else 3 end from t",
            [
                "select case when b then 2 else 3 end from t",
                "select case when a then 1 else 3 end from t",
                "select case when b then 2 when a then 1 else 3 end from t",
                "select case when a then 1 when b then 2 end from t",
            ],
        ),
        ("aggregate", "select min(a) from t", ["select max(a) from t"]),
        ("aggregate", "select arg_max(a, b) from t", ["select arg_min(a, b) from t"]),
        (
            "aggregate",
            "select sum(a), count(a) from t",
            ["select max(a), count(a) from t", "select sum(a), count(*) from t"],
        ),
        ("aggregate", "select count(distinct a) from t", ["select count(a) from t"]),
        ("distinct", "select distinct a from t", ["select a from t"]),
        (
            "union",
            "select a, 1 as b from t union all select c, d from u",
            [
                "select a, 1 as b from t union select c, d from u",
                "select a, 1 as b from t",
                "select c as a, d as b from u",
            ],
        ),
        ("join", "select a from t left join u on t.a = u.a", ["inner join u on t.a = u.a"]),
        (
            "join",
            "select a from t full join u on t.a = u.a",
            ["left join u on t.a = u.a", "right join u on t.a = u.a"],
        ),
        ("join", "select a from t anti join u on t.a = u.a", ["semi join u on t.a = u.a", ""]),
        (
            "group",
            "select a, b, max(a) from t group by a, b",
            [
                "select any_value(a) as a, b, max(a) from t group by b",
                "select a, any_value(b) as b, max(a) from t group by a",
            ],
        ),
        (
            "group",
            "select a, max(b) from t group by all",
            ["select any_value(a) as a, max(b) from t group by all"],
        ),
        (
            "window",
            "select lag(a) over (partition by b order by c, d) from t",
            [
                "select lag(a) over (order by c, d) from t",
                "select lag(a) over (partition by b order by d) from t",
                "select lag(a) over (partition by b order by c) from t",
                "select lag(a) over (partition by b) from t",
                "select lag(a) over (partition by b order by c desc, d) from t",
                "select lag(a) over (partition by b order by c, d desc) from t",
            ],
        ),
        (
            "window",
            "select arg_max(a, (b, c)) from t",
            ["select arg_max(a, (c,)) from t", "select arg_max(a, (b,)) from t"],
        ),
        (
            "values",
            "select a from (values (1), (2)) as t (a)",
            ["select a from (values (2)) as t (a)", "select a from (values (1)) as t (a)"],
        ),
    ],
)
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
