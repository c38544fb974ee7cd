"""What Dagster shows of a month's tables: columns in order, rows of tables, exact money by currency.

Belongs here: ``mbr_pipeline.transform.table_stats`` on a warehouse written by hand. Does not: turning it into
metadata.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from mbr_pipeline.periods import Period
from mbr_pipeline.transform.table_stats import TableStats, table_stats
from mbr_pipeline.workspace.paths import WorkspacePaths

TABLES = """
    create schema raw; create schema staging; create schema intermediate; create schema marts;
    create table raw.elsewhere (currency varchar, amount decimal(28, 4));
    create view staging.seen as select 1 as b, 'x' as a;
    create table staging.stood (z varchar, a integer);
    create table intermediate.costs (
        currency varchar, ratio decimal(18, 4), cost decimal(28, 12), amount decimal(28, 4)
    );
    create table marts.bridge (amount decimal(28, 4), currency varchar, other decimal(28, 4));
    create table marts.empty (currency varchar, amount decimal(28, 4));
    create table marts.no_currency (amount decimal(28, 4));
    create table marts.no_money (currency varchar, quantity decimal(18, 6));
    insert into intermediate.costs values
        ('USD', 5, 0.1, 7), ('USD', 5, 0.2, 7), ('EUR', 5, 0.000000000001, 7), (null, 5, 9, 7);
    insert into marts.bridge values (1, 'USD', 5), (7, 'EUR', 5), (-2.5, 'USD', 5);
    insert into marts.no_currency values (1), (2);
    insert into marts.no_money values ('USD', 1);
    insert into raw.elsewhere values ('USD', 1);
"""


def test_tables_and_views_show_their_columns_and_tables_their_rows_and_money(tmp_path: Path) -> None:
    month = WorkspacePaths(tmp_path).month("acme", Period("2026-10"))
    month.folder.mkdir(parents=True)
    with duckdb.connect(str(month.warehouse_file)) as connection:
        connection.execute(TABLES)
    facts = table_stats(month)
    assert facts == {
        # a view's rows are not counted: that would compute it
        "seen": TableStats([("b", "INTEGER"), ("a", "VARCHAR")], None, {}),
        "stood": TableStats([("z", "VARCHAR"), ("a", "INTEGER")], 0, {}),
        # the first column of a money type, and no quantity; what has no currency is in no sum
        "costs": TableStats(
            [
                ("currency", "VARCHAR"),
                ("ratio", "DECIMAL(18,4)"),
                ("cost", "DECIMAL(28,12)"),
                ("amount", "DECIMAL(28,4)"),
            ],
            4,
            {"EUR": "0.000000000001", "USD": "0.300000000000"},
        ),
        "bridge": TableStats(
            [("amount", "DECIMAL(28,4)"), ("currency", "VARCHAR"), ("other", "DECIMAL(28,4)")],
            3,
            {"EUR": "7.0000", "USD": "-1.5000"},
        ),
        "empty": TableStats([("currency", "VARCHAR"), ("amount", "DECIMAL(28,4)")], 0, {}),
        "no_currency": TableStats([("amount", "DECIMAL(28,4)")], 2, {}),
        "no_money": TableStats([("currency", "VARCHAR"), ("quantity", "DECIMAL(18,6)")], 1, {}),
    }
    assert list(facts["bridge"].totals) == ["EUR", "USD"]
