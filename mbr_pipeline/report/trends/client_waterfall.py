"""Per client, from what is expected to what is invoiced, cause by cause.

What belongs here: the amounts of one month and whether they add up. What does not: the same for all clients
together, the other way round (``mbr_pipeline.report.bridge``).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

import duckdb

from mbr_pipeline.exception_codes import codes_of, place_of
from mbr_pipeline.report.text import exact_sum
from mbr_pipeline.report.trends.months import PublishedMonths, query


@dataclass(frozen=True)
class Cause:
    """What one code takes away from the invoice (below zero) or puts on it (above)."""

    code: str
    amount: Decimal


@dataclass(frozen=True)
class ClientWaterfall:
    """One client's month in one currency: ``expected`` plus all causes is ``invoiced``, exactly.

    Recoverable money is missing on the invoice, so its cause is below zero; a refund is above. One code may
    have both. ``unexplained`` is what no finding explains: 0 in every published month.
    """

    client_id: str
    currency: str | None
    expected: Decimal
    causes: tuple[Cause, ...]
    invoiced: Decimal

    @property
    def unexplained(self) -> Decimal:
        """Invoiced less expected less all causes."""
        return exact_sum((self.invoiced, -self.expected, *(-cause.amount for cause in self.causes)))


def client_waterfalls(
    connection: duckdb.DuckDBPyConnection, months: PublishedMonths, period: str
) -> list[ClientWaterfall]:
    """Return every client's way from expected to invoiced in one published month, by client and currency."""
    causes: dict[tuple[str, str | None], list[Cause]] = defaultdict(list)
    is_client_side = ", ".join(f"'{code}'" for code in codes_of("client"))
    for row in query(
        connection,
        "select client_id, currency, exception_code, sum(client_recoverable) as missing,"
        " sum(client_refund) as too_much from fct_exceptions"
        " where msp_id = $msp_id and list_contains($periods, period)"
        f" and exception_code in ({is_client_side}) group by all order by all",
        months,
        [period],
    ):
        for amount in (-row["missing"], row["too_much"]):
            if amount:
                causes[row["client_id"], row["currency"]].append(Cause(row["exception_code"], amount))
    bridges = query(
        connection,
        "select client_id, currency, expected_amount, invoiced_amount from fct_variance_bridge"
        " where msp_id = $msp_id and list_contains($periods, period) order by client_id, currency",
        months,
        [period],
    )
    return [
        ClientWaterfall(
            row["client_id"],
            row["currency"],
            row["expected_amount"],
            tuple(sorted(causes[row["client_id"], row["currency"]], key=_reading_order)),
            row["invoiced_amount"],
        )
        for row in bridges
    ]


def _reading_order(cause: Cause) -> tuple[bool, int]:
    return cause.amount > 0, place_of(cause.code)
