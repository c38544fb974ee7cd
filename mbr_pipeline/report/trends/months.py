"""Which months are published, and running a query over them.

What belongs here: months and their order. What does not: any measure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from mbr_pipeline.periods import Period, month_before

MOST_MONTHS = 12
"""So many published months are looked at, the newest ones."""


@dataclass(frozen=True)
class PublishedMonths:
    """The months of one MSP that can be shown, oldest first.

    Attributes:
        msp_id: The MSP.
        periods: Published months that have the marts of measures, ``YYYY-MM``.
        without: Months among them that an earlier release published without these marts: run them again.
    """

    msp_id: str
    periods: tuple[str, ...]
    without: tuple[str, ...] = ()


def published_months(
    connection: duckdb.DuckDBPyConnection, msp_id: str, until: str, most: int = MOST_MONTHS
) -> PublishedMonths:
    """Return the newest published months up to and with one.

    Args:
        connection: Where the published tables have their names.
        msp_id: The MSP.
        until: The newest month asked for, ``YYYY-MM``.
        most: At most so many months.
    """
    # every published month has client invoices, and with them rows in both tables
    all_periods = _periods(connection, "fct_client_gate", msp_id, until)[-most:]
    measured = set(_periods(connection, "fct_close_metrics", msp_id, until))
    return PublishedMonths(
        msp_id,
        tuple(period for period in all_periods if period in measured),
        tuple(period for period in all_periods if period not in measured),
    )


def query(
    connection: duckdb.DuckDBPyConnection, sql: str, months: PublishedMonths, periods: Sequence[str] = ()
) -> list[dict[str, Any]]:
    """Run a query with two parameters, ``$msp_id`` and ``$periods``; no rows where there is no month.

    Args:
        connection: Where the published tables have their names.
        sql: A select whose order is total.
        months: The months.
        periods: Some of them; none for all.
    """
    wanted = list(periods or months.periods)
    if not months.periods:
        return []
    cursor = connection.execute(sql, {"msp_id": months.msp_id, "periods": wanted})
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def before(period: str) -> str:
    """Return the calendar month before a month."""
    return month_before(Period(period).start).text


def _periods(connection: duckdb.DuckDBPyConnection, table: str, msp_id: str, until: str) -> list[str]:
    there = connection.execute(
        "select 1 from information_schema.tables where table_name = ?", [table]
    ).fetchone()
    if there is None:
        return []
    found = connection.execute(
        f"select distinct period from {table} where msp_id = ? and period <= ? order by period",
        [msp_id, until],
    ).fetchall()
    return [period for (period,) in found]
