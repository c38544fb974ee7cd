"""The close pack: one page on a month for whoever signs it, from the marts of the close report.

What belongs here: choosing what fits on one page, and saying what was left out. What does not: the figures
themselves (``page_data``) and how the page looks (``mbr_pipeline.serve``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import duckdb

from mbr_pipeline.report.holding import Amount
from mbr_pipeline.report.marts import Marts
from mbr_pipeline.report.page_data import PageData, page_data

CURRENCIES = 3
HELD = 5
CODES = 7
DECIDERS = 5
REASONS = 2
"""Rows of each table of the page: with them it is one page of A4, whatever the month."""


@dataclass(frozen=True)
class Decided:
    """What one person decided in one way: how often, over how much money by currency, and who confirmed it.

    ``money`` is the sum of the impacts that were seen when it was decided.
    """

    actor: str
    action: str
    count: int
    money: Sequence[Amount]
    confirmed_by: Sequence[str]


@dataclass(frozen=True)
class ClosePack:
    """The page: the close report's figures, and what was decided by whom; None where that was not kept."""

    page: PageData
    decided: Sequence[Decided] | None


def close_pack(gate: Mapping[str, Any], connection: duckdb.DuckDBPyConnection) -> ClosePack:
    """Work out what the close pack says.

    Args:
        gate: The content of gate.json.
        connection: Where schema ``main`` has the tables, as for the close report.
    """
    page = page_data(gate, connection)
    return ClosePack(page, _decided(Marts(connection, passed=gate["gate"] == "passed")))


def _decided(marts: Marts) -> tuple[Decided, ...] | None:
    if not marts.present("fct_decisions"):
        return None
    groups: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for row in marts.rows(
        # a waiver has a row for every finding that it meets, each with what it was decided on; what policies
        # approved in a month that is blocked has no id, and one finding each
        "with decided as (select distinct coalesce(decision_id, exception_id) as decision, actor, action,"
        " currency, confirmed_by, impact_seen from report.fct_decisions where state = 'in_force')"
        " select actor, action, currency, confirmed_by, count(*) as rows, sum(impact_seen) as amount"
        " from decided group by all order by all"
    ):
        groups[row["actor"], row["action"]].append(row)
    found = [
        Decided(
            actor,
            action,
            sum(row["rows"] for row in rows),
            _by_currency(rows),
            sorted({row["confirmed_by"] for row in rows if row["confirmed_by"]}),
        )
        for (actor, action), rows in groups.items()
    ]
    return tuple(sorted(found, key=lambda each: (-each.count, each.actor, each.action)))


def _by_currency(rows: Sequence[Mapping[str, Any]]) -> tuple[Amount, ...]:
    money: dict[str | None, Decimal] = defaultdict(Decimal)
    for row in rows:
        money[row["currency"]] += row["amount"] or 0
    return tuple(
        Amount(currency, amount)
        for currency, amount in sorted(money.items(), key=lambda each: (each[0] is None, each[0] or ""))
        if amount
    )
