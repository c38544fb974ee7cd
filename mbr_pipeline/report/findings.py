"""The report's figures about exceptions: money by direction, by code, by client, and the list itself.

Belongs here: what ``fct_exceptions`` says, per currency and never across currencies. Who is held belongs in
``holding``, the variance bridge in ``bridge``.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

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
from mbr_pipeline.report.marts import ROWS, Marts, currencies, group_sums, largest, ordered, where, with_gross
from mbr_pipeline.report.text import exact_sum
from mbr_pipeline.report.vocabulary import COMPARED, DIRECTIONS, IMPACTS, SEVERITIES, UNMAPPED_CODES

MAX_ROWS = 200
"""Rows any one table of the page shows."""
TOP_CLIENTS = 10

_PRICED = (*IMPACTS, "priced_at_cost")
_SHOWN = (
    "exception_id", "exception_code", "severity", "blocking", "status", "client_id", "product_code", "source",
    "vendor_customer_id", "sku_id", "line_id", "currency", *_PRICED, "explanation",
)  # fmt: skip


def client_names(marts: Marts, ids: set[str]) -> dict[str, str]:
    """Look up the names of the clients that are shown.

    Args:
        marts: The tables.
        ids: Client ids.

    Returns:
        Name by id, without the ids that ``dim_client`` does not know.
    """
    known = where(marts.read("dim_client", ("client_id", "client_name")), "client_id", sorted(ids))
    rows = ordered(known, [("client_id", "ascending"), ("client_name", "descending")]).to_pylist()
    return {row["client_id"]: row["client_name"] for row in rows if row["client_name"]}


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
    exceptions = marts.read("fct_exceptions", ("currency", "status", *IMPACTS))
    sums = group_sums(exceptions, ("currency", "status"), IMPACTS).to_pylist()
    looked_at = _looked_at(marts)
    found = {row["currency"] for row in sums if any(row[i] for i in IMPACTS)}
    everywhere = found | {currency for seen in looked_at.values() for currency in seen if currency}
    return tuple(_currency_money(currency, sums, looked_at) for currency in _alphabetical(everywhere))


def by_code(marts: Marts) -> tuple[CodeRow, ...] | None:
    """Count the exceptions and add up their money per code.

    Args:
        marts: The tables.

    Returns:
        Errors first, then warnings, then information, each in the contract's order; None if not evaluated.
    """
    if not marts.evaluated("fct_exceptions"):
        return None
    table = marts.read(
        "fct_exceptions", ("exception_code", "severity", "currency", "status", "blocking", *_PRICED)
    )
    keys = ("exception_code", "severity", "currency", "status", "blocking")
    groups: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in group_sums(table, keys, _PRICED).to_pylist():
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
            None if
        not evaluated.
    """
    if not marts.evaluated("fct_exceptions"):
        return None
    table = marts.read("fct_exceptions", ("currency", "client_id", "blocking", *IMPACTS))
    table = table.append_column("blocked", table.column("blocking").cast(pa.int64()))
    groups = with_gross(group_sums(table, ("currency", "client_id"), (*IMPACTS, "blocked")))
    order = [
        ("gross", "descending"),
        ("blocked", "descending"),
        (ROWS, "descending"),
        ("client_id", "ascending"),
    ]
    parts = [(c, where(groups, "currency", [c])) for c in currencies(groups)]
    tops = [(c, ordered(part, order, MAX_ROWS).to_pylist(), part.num_rows) for c, part in parts]
    names = client_names(
        marts, {row["client_id"] for _, rows, _ in tops for row in rows if row["client_id"] is not None}
    )
    return tuple(
        ClientSection(c, tuple(_client_row(row, names) for row in rows), total) for c, rows, total in tops
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
    table = marts.read("fct_exceptions", _SHOWN)
    ranks = _ranks(table)
    has_money = pc.greater(ranks.column("largest"), pa.scalar(Decimal(0), ranks.schema.field("largest").type))
    moneyed, bare = ranks.filter(has_money), ranks.filter(pc.invert(has_money))
    by_money = [("largest", "descending"), ("exception_code", "ascending"), ("exception_id", "ascending")]
    parts = [(c, True, where(moneyed, "currency", [c]), by_money) for c in currencies(moneyed)]
    if bare.num_rows:
        parts.append((None, False, bare, _BARE_ORDER))
    picked = [
        (c, money, table.take(ordered(p, by, MAX_ROWS).column("at")), p.num_rows) for c, money, p, by in parts
    ]
    names = client_names(
        marts, {i for *_, rows, _ in picked for i in rows.column("client_id").to_pylist() if i is not None}
    )
    return tuple(
        FindingSection(c, money, tuple(_finding(row, names) for row in rows.to_pylist()), total)
        for c, money, rows, total in picked
    )


_BARE_ORDER = [
    ("unmapped", "descending"),
    ("blocking", "descending"),
    ("severity_rank", "ascending"),
    ("currency", "ascending"),
    ("priced_at_cost", "descending"),
    ("exception_code", "ascending"),
    ("exception_id", "ascending"),
]


def _looked_at(marts: Marts) -> dict[str, set[str | None]]:
    """Tell for each side in which currencies something was compared."""
    keys = marts.read("fct_reconciliation", ("currency", "verdict", "entitled_quantity"))
    compared = where(keys, "verdict", COMPARED)
    counted = keys.filter(pc.is_valid(keys.column("entitled_quantity")))
    bill = where(marts.read("fct_line_dispositions", ("currency", "leg")), "leg", ["vendor"])
    return {
        "client": set(currencies(compared)),
        "vendor": set(currencies(bill)),
        "count": set(currencies(counted)),
    }


def _currency_money(
    currency: str | None, sums: list[dict[str, Any]], looked_at: dict[str, set[str | None]]
) -> CurrencyMoney:
    own = [row for row in sums if row["currency"] == currency]
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
        count=sum(row[ROWS] for row in rows),
        open=sum(row[ROWS] for row in rows if row["status"] == "open"),
        blocking=sum(row[ROWS] for row in rows if row["blocking"]),
        money=_all_money(rows),
        at_cost=_all_money(rows, ("priced_at_cost",)),
    )


def _code_order(key: tuple[str, str]) -> tuple[int, int, str]:
    code, severity = key
    rank = SEVERITIES.index(severity) if severity in SEVERITIES else len(SEVERITIES)
    return rank, place_of(code), code


def _client_row(row: dict[str, Any], names: dict[str, str]) -> ClientRow:
    amounts = tuple(row[impact] for impact in IMPACTS)
    return ClientRow(row["client_id"], names.get(row["client_id"]), row[ROWS], row["blocked"], amounts)


def _finding(row: dict[str, Any], names: dict[str, str]) -> Finding:
    return Finding(row, names.get(row["client_id"]), _all_money([row]))


def _ranks(table: pa.Table) -> pa.Table:
    """Narrow the exceptions to what orders them, so that sorting a million rows moves no explanations."""
    narrow = table.select(["exception_id", "exception_code", "currency", "blocking", "priced_at_cost"])
    severity = pc.index_in(table.column("severity"), value_set=pa.array(SEVERITIES))
    unmapped = pc.is_in(table.column("exception_code"), value_set=pa.array(UNMAPPED_CODES))
    for name, column in (
        ("largest", largest(table)),
        ("severity_rank", severity),
        ("unmapped", unmapped.cast(pa.int8())),
        ("at", pa.arange(0, table.num_rows)),
    ):
        narrow = narrow.append_column(name, column)
    blocking = narrow.column("blocking").cast(pa.int8())
    return narrow.set_column(narrow.column_names.index("blocking"), "blocking", blocking)


def _alphabetical(found: set[str | None]) -> list[str | None]:
    return sorted(found, key=lambda currency: (currency is None, currency or ""))
