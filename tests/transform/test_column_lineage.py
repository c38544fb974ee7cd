"""Column lineage of dbt models, against answers worked by hand.

Belongs here: a project of three small models whose lineage can be read off, and what is refused. Does not:
the real project (``test_project_lineage``), how Dagster shows lineage.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest

from connectors.datasets import DATASETS
from mbr_pipeline.ingest.load import load_dataset, start_month
from mbr_pipeline.ingest.load_controls import load_controls
from mbr_pipeline.ingest.raw_tables import raw_columns
from mbr_pipeline.periods import Period
from mbr_pipeline.transform.column_lineage import Lineage, column_lineage
from mbr_pipeline.workspace.rules import load_rules
from mbr_pipeline.workspace.settings import MspSettings, Policies, SourceSettings
from tests.transform.lineage import model

LINES, RUN = "source.p.raw.lines", "source.p.raw.run"


STAGED, DATED, TOTALS = "model.p.staged", "model.p.dated", "model.p.totals"


SOURCES = {"lines": ["line_id", "client", "amount", "due"], "run": ["period", "period_end"]}


STAGED_SQL = """
with source as (select * from "w"."raw"."lines"),
renamed as (select line_id as id, client, amount, due from source)
select * from renamed
"""


DATED_SQL = """
with dated as (
    select lines.*, run.period, lines.due < run.period_end as is_due
    from "w"."main"."staged" as lines cross join "w"."raw"."run" as run
)
select
    id,
    client as payer,
    case when is_due then amount else 0 end as amount,
    row_number() over (partition by client order by due) as place,
    place > 1 as is_later,
    sum(amount) filter (where is_due) over () as total_due,
    'x' as constant,
    count(*) over () as line_count
from dated
where period is not null
"""


TOTALS_SQL = """
with due as (select payer, amount, is_later from "w"."main"."dated"),
raw_lines as (select client, 0, false, null from "w"."main"."staged"),
both_kinds as (select *, 'due' as kind from due union all select * from raw_lines)
select * from both_kinds
"""


def lineage_of(*models: dict[str, Any]) -> Lineage:
    names = [*SOURCES, "untold"]
    sources = {
        f"source.p.raw.{name}": {"name": name, "relation_name": f'"w"."raw"."{name}"'} for name in names
    }
    return column_lineage({"nodes": {m["unique_id"]: m for m in models}, "sources": sources}, SOURCES)


def query_over_lines(sql: str) -> dict[str, list[tuple[str, str]]]:
    """Return the lineage of one model that reads raw.lines alone."""
    return lineage_of(model("one", sql, LINES)).columns["model.p.one"]


@pytest.fixture(scope="module")
def small() -> Lineage:
    # children first: the order of the manifest is not the order of dependency
    return lineage_of(
        model("totals", TOTALS_SQL, DATED, STAGED),
        model("dated", DATED_SQL, STAGED, RUN),
        model("staged", STAGED_SQL, LINES),
    )


def test_a_star_through_ctes_expands_to_the_sources_columns_in_order_with_new_names(small: Lineage) -> None:
    assert list(small.columns[STAGED].items()) == [
        ("id", [(LINES, "line_id")]),
        ("client", [(LINES, "client")]),
        ("amount", [(LINES, "amount")]),
        ("due", [(LINES, "due")]),
    ]


def test_a_case_a_window_and_a_filter_derive_from_every_column_their_value_depends_on(small: Lineage) -> None:
    assert list(small.columns[DATED].items()) == [
        ("id", [(STAGED, "id")]),
        ("payer", [(STAGED, "client")]),
        ("amount", [(STAGED, "amount"), (STAGED, "due"), (RUN, "period_end")]),
        ("place", [(STAGED, "client"), (STAGED, "due")]),
        ("is_later", [(STAGED, "client"), (STAGED, "due")]),
        ("total_due", [(STAGED, "amount"), (STAGED, "due"), (RUN, "period_end")]),
        ("constant", []),
        ("line_count", []),
    ]


def test_a_union_derives_from_both_branches_by_position_and_from_direct_parents_only(small: Lineage) -> None:
    assert list(small.columns[TOTALS].items()) == [
        ("payer", [(DATED, "payer"), (STAGED, "client")]),
        ("amount", [(DATED, "amount")]),
        ("is_later", [(DATED, "is_later")]),
        ("kind", []),
    ]


def test_every_model_of_the_small_project_is_resolved_and_listed_in_the_manifests_order(
    small: Lineage,
) -> None:
    assert small.unresolved == []
    assert list(small.columns) == [TOTALS, DATED, STAGED]


def test_a_named_window_counts_like_the_same_window_written_out() -> None:
    found = query_over_lines(
        'select lag(amount) over w as previous from "w"."raw"."lines" window w as (partition by client order'
        " by due)"
    )
    assert found == {"previous": [(LINES, "amount"), (LINES, "client"), (LINES, "due")]}


def test_equal_constants_of_a_union_branch_keep_their_positions() -> None:
    found = query_over_lines("""
        with a as (select client, amount, due from "w"."raw"."lines"),
        b as (select 0, 0, upper(line_id) from "w"."raw"."lines"),
        c as (select * from a union all select * from b)
        select * from c
    """)
    assert found == {
        "client": [(LINES, "client")],
        "amount": [(LINES, "amount")],
        "due": [(LINES, "due"), (LINES, "line_id")],
    }


def test_a_table_alias_named_map_is_an_alias_and_a_map_is_a_map() -> None:
    found = query_over_lines("""
        select
            max(map.amount) filter (where map.due is null) as most,
            map {'k': any_value(map.client)} as clients
        from "w"."raw"."lines" as map
    """)
    assert found == {"most": [(LINES, "amount"), (LINES, "due")], "clients": [(LINES, "client")]}


def test_a_joined_row_filter_is_no_part_of_a_columns_value() -> None:
    found = query_over_lines("""
        select lines.line_id from "w"."raw"."lines" as lines
        semi join (select client from "w"."raw"."lines" where amount > 0) as payers
            on lines.client = payers.client
        where due is not null
    """)
    assert found == {"line_id": [(LINES, "line_id")]}


@pytest.mark.parametrize(
    "sql",
    [
        "this is no query",
        "create table t as select 1 as a",
        'select nothing_like_it from "w"."raw"."lines"',
        'select amount from "w"."raw"."not_in_dbt"',
        'select * from "w"."raw"."untold"',
        'select (select max(o.due) + l.due from "w"."raw"."lines" as o) as due from "w"."raw"."lines" as l',
        None,
    ],
    ids=[
        "no SQL",
        "no query",
        "unknown column",
        "unknown relation",
        "star over unknown columns",
        "correlated column",
        "not compiled",
    ],
)
def test_a_model_that_cannot_be_read_is_named_and_fails_nothing_else(sql: str | None) -> None:
    broken = model("broken", sql, LINES)  # type: ignore[arg-type]
    found = lineage_of(broken, model("staged", STAGED_SQL, LINES))
    assert found.unresolved == ["broken"]
    assert found.columns["model.p.broken"] == {}
    assert found.columns[STAGED]["id"] == [(LINES, "line_id")]


def test_children_of_an_unread_model_are_read_where_its_columns_are_declared() -> None:
    sql = 'select b.*, r.period from "w"."main"."broken" as b cross join "w"."raw"."run" as r'
    child = model("child", sql, "model.p.broken", RUN)
    declared = lineage_of(model("broken", "this is no query", columns=("a", "b")), child)
    assert declared.unresolved == ["broken"]
    assert declared.columns["model.p.child"] == {
        "a": [("model.p.broken", "a")],
        "b": [("model.p.broken", "b")],
        "period": [(RUN, "period")],
    }
    assert lineage_of(model("broken", "this is no query"), child).unresolved == ["broken", "child"]


def test_a_child_of_an_ephemeral_model_derives_from_what_dbt_wrote_into_it() -> None:
    ephemeral = model("between", STAGED_SQL, LINES) | {"relation_name": None}
    sql = f"with __dbt__cte__between as ({STAGED_SQL}) select id from __dbt__cte__between"
    found = lineage_of(ephemeral, model("child", sql, "model.p.between"))
    assert found.columns["model.p.child"] == {"id": [(LINES, "line_id")]}


def test_raw_columns_are_those_of_the_tables_that_loading_creates(tmp_path: Path) -> None:
    msp = MspSettings(name="Acme", sources={"psa": SourceSettings(datasets=list(DATASETS))})
    period = Period("2026-10")
    with duckdb.connect() as connection:
        start_month(connection, "acme", msp, Policies(), period, load_rules(tmp_path, "acme"))
        for dataset in DATASETS:
            load_dataset(connection, dataset, [], period)
        load_controls(connection, msp, [])
        loaded: dict[str, list[str]] = {}
        for table, column in connection.execute(
            "select table_name, column_name from duckdb_columns() where schema_name = 'raw'"
            " order by table_name, column_index"
        ).fetchall():
            loaded.setdefault(table, []).append(column)
    del loaded["rejects"]  # for the report; no dbt source
    assert raw_columns() == loaded
