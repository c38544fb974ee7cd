"""What Dagster shows about the tables that dbt built: columns, rows, money by currency.

What belongs here: one reading of a month's warehouse file after dbt let go of it. Views have columns but no
row count: counting one would compute it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from mbr_pipeline.storage.warehouse import connected
from mbr_pipeline.workspace.paths import MonthPaths

_MONEY_TYPES = ("DECIMAL(28,4)", "DECIMAL(28,12)")


@dataclass
class TableStats:
    """One table or view: its columns in order, its rows (None for a view), sums of its first
    money column by currency.
    """

    columns: list[tuple[str, str]] = field(default_factory=list)
    rows: int | None = None
    totals: dict[str, str] = field(default_factory=dict)


def table_stats(month: MonthPaths) -> dict[str, TableStats]:
    """Return the stats of every table and view that dbt built for the month, by name."""
    stats: dict[str, TableStats] = {}
    file, temporary, size = month.warehouse_file, month.workspace.temporary, month.landed_bytes
    with connected(file, temporary, read_only=True, size=size) as connection:
        columns = connection.execute(
            "select schema_name, table_name, column_name, data_type from duckdb_columns()"
            " where schema_name in ('seeds', 'staging', 'intermediate', 'marts')"
            " order by schema_name, table_name, column_index"
        ).fetchall()
        tables = {name for (name,) in connection.execute("select table_name from duckdb_tables()").fetchall()}
        schemas: dict[str, str] = {}
        for schema, table, column, data_type in columns:
            schemas[table] = schema
            stats.setdefault(table, TableStats()).columns.append((column, data_type))
        for table in sorted(tables & stats.keys()):
            relation = f'"{schemas[table]}"."{table}"'
            row = connection.execute(f"select count(*) from {relation}").fetchone()
            stats[table].rows = row[0] if row else None
            money = _money_column(stats[table])
            if money:
                query = (
                    f'select currency, sum("{money}")::varchar from {relation} where currency is not null'
                    f' group by 1 having sum("{money}") is not null order by 1'
                )
                stats[table].totals = dict(connection.execute(query).fetchall())
    return stats


def _money_column(stats: TableStats) -> str | None:
    names = dict(stats.columns)
    if "currency" not in names:
        return None
    return next((name for name, data_type in stats.columns if data_type in _MONEY_TYPES), None)
