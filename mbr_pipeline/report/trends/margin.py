"""Margin by client, product or vendor, month by month.

What belongs here: reading ``fct_margin`` and adding it up. What does not: why it changed
(``margin_bridge``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Literal

import duckdb

from mbr_pipeline.report.text import exact_sum
from mbr_pipeline.report.trends.months import PublishedMonths, query

By = Literal["client", "product", "vendor", "all"]
"""What margins are added up by; ``all`` is the MSP as a whole."""


@dataclass(frozen=True)
class MarginRow:
    """One row of ``fct_margin``: what a client and product earn in a month, in one currency.

    ``is_known`` is false where billing and cost share no currency or nothing was compared: the money then
    stands in ``unmatched_billed`` and ``unmatched_cost`` alone. Money is in major units.
    """

    period: str
    client_id: str
    product_code: str
    source: str | None
    currency: str
    is_known: bool
    unit_days: Decimal
    billed: Decimal
    cost: Decimal
    unmatched_billed: Decimal = Decimal(0)
    unmatched_cost: Decimal = Decimal(0)

    @property
    def margin(self) -> Decimal:
        """Billed less cost."""
        return exact_sum((self.billed, -self.cost))


@dataclass(frozen=True)
class MarginPoint:
    """A group's margin in one month and currency.

    Attributes:
        group: The client, product or vendor. None: the MSP as a whole, or, by vendor, what no one vendor
            supplies (several do, or none).
    """

    period: str
    currency: str
    group: str | None
    billed: Decimal
    cost: Decimal
    unmatched_billed: Decimal
    unmatched_cost: Decimal

    @property
    def margin(self) -> Decimal:
        """Billed less cost, of what has both in one currency."""
        return exact_sum((self.billed, -self.cost))

    @property
    def margin_pct(self) -> Decimal | None:
        """Margin in percent of what is billed, one place, half up; None where nothing is billed."""
        return percent(Fraction(self.margin), Fraction(self.billed))


def margin_rows(connection: duckdb.DuckDBPyConnection, months: PublishedMonths) -> list[MarginRow]:
    """Read the margins of months, by month, client, product and currency."""
    rows = query(
        connection,
        "select period, client_id, product_code, source, currency,"
        " margin_state not in ('other_currency', 'not_compared') as is_known, billed_unit_days as unit_days,"
        " billed_amount as billed, cost_amount as cost, unmatched_billed, unmatched_cost"
        " from fct_margin where msp_id = $msp_id and list_contains($periods, period)"
        " order by period, client_id, product_code, currency",
        months,
    )
    return [MarginRow(**row) for row in rows]


def margin_points(rows: Iterable[MarginRow], by: By) -> list[MarginPoint]:
    """Add margins up, by currency, group and month; currencies are never added to each other."""
    group_of = grouping(by)
    found: dict[tuple[str, str | None, str], list[MarginRow]] = defaultdict(list)
    for row in rows:
        found[row.currency, group_of(row), row.period].append(row)
    return [
        MarginPoint(
            period,
            currency,
            group,
            exact_sum(row.billed for row in some),
            exact_sum(row.cost for row in some),
            exact_sum(row.unmatched_billed for row in some),
            exact_sum(row.unmatched_cost for row in some),
        )
        for (currency, group, period), some in sorted(
            found.items(), key=lambda item: (item[0][0], item[0][1] is None, item[0][1] or "", item[0][2])
        )
    ]


def grouping(by: By) -> Callable[[MarginRow], str | None]:
    """Return what says a row's group."""
    return {
        "client": lambda row: row.client_id,
        "product": lambda row: row.product_code,
        "vendor": lambda row: row.source,
        "all": lambda row: None,
    }[by]


def percent(part: Fraction, whole: Fraction) -> Decimal | None:
    """Return a share in percent with one place, halves away from zero; None of nothing."""
    if not whole:
        return None
    tenths = abs(part / whole) * 1000
    rounded = int(tenths + Fraction(1, 2))
    sign = -1 if part * whole < 0 else 1
    return Decimal(sign * rounded).scaleb(-1)
