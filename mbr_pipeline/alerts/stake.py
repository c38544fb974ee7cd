"""The money at stake: Σ landed invoice lines of a month per currency (contract §11).

What belongs here: that sum, from a loaded month or, where nothing is loaded, from the files. What does not:
what is done with it. Of the files, a record that stands in two of them is counted twice.
"""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

import duckdb

from mbr_pipeline.ingest.landing import Landing
from mbr_pipeline.ingest.parse import Parser
from mbr_pipeline.values import minor_units
from mbr_pipeline.workspace.paths import WorkspacePaths


def of_month(connection: duckdb.DuckDBPyConnection, period: str) -> dict[str, str]:
    """Return the sums of a loaded month as text with the currency's minor units."""
    rows = connection.execute(
        "select currency, sum(amount) from raw.invoice_lines where landed_period = ? and amount is not null"
        " group by currency order by currency",
        [period],
    ).fetchall()
    return {currency: _plain(currency, amount) for currency, amount in rows}


def of_files(landing: Landing, paths: WorkspacePaths) -> dict[str, str]:
    """Return the sums of a month's landed files, as :func:`of_month` does."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    with Parser(paths.parsed, paths.temporary) as parser:
        for file in landing.current:
            if file.dataset == "invoice_lines":
                for currency, amount in parser.parse(file).totals.items():
                    if currency and amount:
                        sums[currency] += Decimal(amount)
    return {currency: _plain(currency, amount) for currency, amount in sorted(sums.items())}


def _plain(currency: str, amount: Decimal) -> str:
    in_minor_units = round(amount, minor_units().get(currency, 2))
    return f"{in_minor_units if in_minor_units == amount else amount.normalize():f}"
