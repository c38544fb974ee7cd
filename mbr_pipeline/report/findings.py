"""The report's figures about exceptions: money by direction, by code, by client, and the list itself.

Belongs here: what ``fct_exceptions`` says, per currency and never across currencies. Who is held belongs in
``holding``, the variance bridge in ``bridge``.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from mbr_pipeline.exception_codes import meaning_of, place_of
from mbr_pipeline.report.finding_rows import (
    ClientRow,
    ClientSection,
    CodeRow,
    CurrencyMoney,
    Finding,
    FindingSection,
    Money,
)
from mbr_pipeline.report.marts import Marts, sums
from mbr_pipeline.report.text import exact_sum
from mbr_pipeline.report.vocabulary import COMPARED, DIRECTIONS, IMPACTS, SEVERITIES, UNMAPPED_CODES
from mbr_pipeline.storage.warehouse import quoted

MAX_ROWS = 200
"""Rows any one table of the page shows."""
TOP_CLIENTS = 10

_PRICED = (*IMPACTS, "priced_at_cost")
_SHOWN = (
    "exception_id", "exception_code", "severity", "blocking", "status", "client_id", "product_code", "source",
    "vendor_customer_id", "sku_id", "line_id", "currency", *_PRICED, "explanation",
)  # fmt: skip
_LARGEST = f"greatest({', '.join(IMPACTS)})"
"""The largest of a row's five impacts, of which one at most differs from zero (contract §5)."""
_BY_MONEY = f"""
    select {", ".join(_SHOWN)} from report.fct_exceptions
    where {_LARGEST} > 0 and currency is not distinct from ?
    order by {_LARGEST} desc, exception_code, exception_id
    limit {MAX_ROWS}
"""
_WITHOUT_MONEY = f"""
    select {", ".join(_SHOWN)} from report.fct_exceptions
    where {_LARGEST} <= 0
    order by
        exception_code in ({", ".join(map(quoted, UNMAPPED_CODES))}) desc,
        blocking desc,
        list_position([{", ".join(map(quoted, SEVERITIES))}], severity) nulls last,
        currency nulls last,
        priced_at_cost desc,
        exception_code,
        exception_id
    limit {MAX_ROWS}
"""


def client_names(marts: Marts, ids: set[str]) -> dict[str, str]:
    """Look up the names of the clients that are shown.

    Args:
        marts: The tables.
        ids: Client ids.

    Returns:
        Name by id, without the ids that ``dim_client`` does not know.
    """
    rows = marts.rows(
        "select client_id, min(client_name) as name from report.dim_client"
        " where client_id in (select unnest(?)) and client_name <> '' group by client_id order by client_id",
        sorted(ids),
    )
    return {row["client_id"]: row["name"] for row in rows}


def money_at_stake(marts: Marts) -> tuple[CurrencyMoney, ...] | None:
    """Add up the five directions per currency.

    A direction of a currency without any finding is a zero only if something was compared in that currency: a
    key for the client directions, a vendor line for the vendor directions, a seat count for stranded.
    Otherwise it is None.

    Args:
        marts: The tables.

    Returns:
        One entry per currency of the exceptions or of the compared books; None if exceptions were not
            evaluated.
    """
    if not marts.evaluated("fct_exceptions"):
        return None
    rows = marts.rows(
        f"select currency, status, {sums(IMPACTS)} from report.fct_exceptions group by all order by all"
    )
    looked_at = _looked_at(marts)
    found = {row["currency"] for row in rows if any(row[i] for i in IMPACTS)}
    everywhere = found | {currency for seen in looked_at.values() for currency in seen if currency}
    return tuple(_currency_money(currency, rows, looked_at) for currency in _alphabetical(everywhere))


def by_code(marts: Marts) -> tuple[CodeRow, ...] | None:
    """Count the exceptions and add up their money per code.

    Args:
        marts: The tables.

    Returns:
        Errors first, then warnings, then information, each in the contract's order; None if not evaluated.
    """
    if not marts.evaluated("fct_exceptions"):
        return None
    groups: dict[tuple[str, str], list[dict[str, Any]]] = {}
    keys = "exception_code, severity, currency, status, blocking"
    for row in marts.rows(
        f"select {keys}, count(*) as rows, {sums(_PRICED)} from report.fct_exceptions"
        f" group by {keys} order by {keys}"
    ):
        groups.setdefault((row["exception_code"], row["severity"]), []).append(row)
    return tuple(
        _code_row(code, severity, groups[code, severity])
        for code, severity in sorted(groups, key=_code_order)
    )


def by_client(marts: Marts) -> tuple[ClientSection, ...] | None:
    """Rank the clients of each currency by the money their exceptions move.

    Args:
        marts: The tables.

    Returns:
        Per currency at most ``MAX_ROWS`` clients, by the sum of all five directions (a rank, not an amount);
            None if not evaluated.
    """
    if not marts.evaluated("fct_exceptions"):
        return None
    # gross is a size to rank rows of one currency by, never shown as an amount
    rows = marts.rows(
        f"with clients as (select currency, client_id, count(*) as rows, {sums(IMPACTS)},"
        f" count(*) filter (blocking) as blocked, sum({' + '.join(IMPACTS)}) as gross"
        " from report.fct_exceptions group by currency, client_id),"
        " ranked as (select *, count(*) over (partition by currency) as total, row_number() over ("
        "partition by currency order by gross desc, blocked desc, rows desc, client_id nulls last) as place"
        f" from clients) select * from ranked where place <= {MAX_ROWS} order by currency nulls last, place"
    )
    names = client_names(marts, {row["client_id"] for row in rows if row["client_id"] is not None})
    sections = ((c, list(own)) for c, own in groupby(rows, key=lambda row: row["currency"]))
    return tuple(
        ClientSection(c, tuple(_client_row(row, names) for row in own), own[0]["total"])
        for c, own in sections
    )


def listed(marts: Marts) -> tuple[FindingSection, ...] | None:
    """Pick the exceptions to list: per currency the largest amounts, then those without money, unmapped ones
    first.

    Args:
        marts: The tables.

    Returns:
        One section per currency with money and one without, each of at most ``MAX_ROWS``; None if not
            evaluated.
    """
    if not marts.evaluated("fct_exceptions"):
        return None
    # per section one query with a limit: it holds that many rows, not all, and their explanations are long
    found = marts.rows(
        f"select {_LARGEST} > 0 as with_money, if(with_money, currency, null) as currency, count(*) as total"
        " from report.fct_exceptions group by all order by with_money desc, 2 nulls last"
    )
    picked = [
        (part, marts.rows(_BY_MONEY, part["currency"]) if part["with_money"] else marts.rows(_WITHOUT_MONEY))
        for part in found
    ]
    names = client_names(
        marts, {row["client_id"] for _, rows in picked for row in rows if row["client_id"] is not None}
    )
    return tuple(
        FindingSection(**part, rows=tuple(_finding(row, names) for row in rows)) for part, rows in picked
    )


def _looked_at(marts: Marts) -> dict[str, set[str | None]]:
    """Tell for each side in which currencies something was compared."""
    keys, lines = "report.fct_reconciliation", "report.fct_line_dispositions"
    compared = ", ".join(map(quoted, COMPARED))
    sides = {
        "client": f"{keys} where verdict in ({compared})",
        "vendor": f"{lines} where leg = 'vendor'",
        "count": f"{keys} where entitled_quantity is not null",
    }
    return {
        side: {row["currency"] for row in marts.rows(f"select distinct currency from {rows}")}
        for side, rows in sides.items()
    }


def _currency_money(
    currency: str | None, rows: list[dict[str, Any]], looked_at: dict[str, set[str | None]]
) -> CurrencyMoney:
    own = [row for row in rows if row["currency"] == currency]
    amounts: list[Money | None] = []
    for direction in DIRECTIONS:
        money = _money(direction.column, currency, own)
        amounts.append(money if money.amount or currency in looked_at[direction.side] else None)
    return CurrencyMoney(currency, tuple(amounts))


def _money(direction: str, currency: str | None, rows: list[dict[str, Any]]) -> Money:
    return Money(
        direction,
        currency,
        exact_sum(row[direction] for row in rows),
        exact_sum(row[direction] for row in rows if row["status"] == "open"),
    )


def _all_money(rows: list[dict[str, Any]], columns: Sequence[str] = IMPACTS) -> tuple[Money, ...]:
    found = []
    for currency in _alphabetical({row["currency"] for row in rows}):
        own = [row for row in rows if row["currency"] == currency]
        found += [_money(direction, currency, own) for direction in columns]
    return tuple(money for money in found if money.amount)


def _code_row(code: str, severity: str, rows: list[dict[str, Any]]) -> CodeRow:
    return CodeRow(
        code=code,
        meaning=meaning_of(code),
        severity=severity,
        count=sum(row["rows"] for row in rows),
        open=sum(row["rows"] for row in rows if row["status"] == "open"),
        blocking=sum(row["rows"] for row in rows if row["blocking"]),
        money=_all_money(rows),
        at_cost=_all_money(rows, ("priced_at_cost",)),
    )


def _code_order(key: tuple[str, str]) -> tuple[int, int, str]:
    code, severity = key
    rank = SEVERITIES.index(severity) if severity in SEVERITIES else len(SEVERITIES)
    return rank, place_of(code), code


def _client_row(row: dict[str, Any], names: dict[str, str]) -> ClientRow:
    amounts = tuple(row[impact] for impact in IMPACTS)
    return ClientRow(row["client_id"], names.get(row["client_id"]), row["rows"], row["blocked"], amounts)


def _finding(row: dict[str, Any], names: dict[str, str]) -> Finding:
    return Finding(row, names.get(row["client_id"]), _all_money([row]))


def _alphabetical(found: set[str | None]) -> list[str | None]:
    return sorted(found, key=lambda currency: (currency is None, currency or ""))
