"""Who may be invoiced and who is held, why, and with how much money.

Belongs here: the client gate as the page tells it. The verdicts themselves are the marts' (contract §5, §6).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from mbr_pipeline.exception_codes import place_of
from mbr_pipeline.report.findings import MAX_ROWS, client_names
from mbr_pipeline.report.marts import ROWS, Marts, currencies, group_sums, ordered, where
from mbr_pipeline.report.text import exact_sum
from mbr_pipeline.report.vocabulary import COMPARED, VERDICTS

SHOWN_PRODUCTS = 5


@dataclass(frozen=True)
class ClientCounts:
    """How many clients passed, passed because a difference was waived, or are held."""

    passed: int
    waived: int
    held: int

    @property
    def may_go(self) -> int:
        """Clients whose invoices may go."""
        return self.passed + self.waived


@dataclass(frozen=True)
class Amount:
    """An amount of one currency."""

    currency: str | None
    amount: Decimal


@dataclass(frozen=True)
class Reason:
    """Why a client is held: a blocking code with its money, or (``products``) keys that could not be
    compared.
    """

    code: str
    count: int
    recoverable: tuple[Amount, ...] = ()
    refund: tuple[Amount, ...] = ()
    products: tuple[str, ...] = ()


@dataclass(frozen=True)
class HeldClient:
    """One held client; ``open`` counts its open exceptions."""

    client_id: str
    client_name: str | None
    held: tuple[Amount, ...]
    open: int
    reasons: tuple[Reason, ...]


@dataclass(frozen=True)
class Held:
    """The held clients that are shown, all of them counted, and their invoice lines' sum per currency."""

    rows: tuple[HeldClient, ...]
    total: int
    amounts: tuple[Amount, ...]


@dataclass(frozen=True)
class Ready:
    """The lines that may go, of one currency; removed lines are not counted."""

    currency: str | None
    lines: int
    changed: int
    amount: Decimal


def client_counts(marts: Marts) -> ClientCounts | None:
    """Count the clients by their verdict; None if the client gate was not evaluated."""
    if not marts.evaluated("fct_client_gate"):
        return None
    table = marts.read("fct_client_gate", ("client_id", "verdict"))
    per_client = group_sums(table, ("client_id", "verdict"))
    counts = {row["verdict"]: row[ROWS] for row in group_sums(per_client, ("verdict",)).to_pylist()}
    return ClientCounts(counts.get("PASS", 0), counts.get("PASS_WITH_WAIVER", 0), counts.get("HOLD", 0))


def compared_keys(marts: Marts) -> dict[str, int] | None:
    """Count the keys (client and product) by verdict; None if nothing was reconciled."""
    if not marts.evaluated("fct_reconciliation"):
        return None
    table = marts.read("fct_reconciliation", ("verdict", "client_id", "product_code"))
    per_key = group_sums(table, ("client_id", "product_code", "verdict"))
    counts = {row["verdict"]: row[ROWS] for row in group_sums(per_key, ("verdict",)).to_pylist()}
    return {verdict: counts.get(verdict, 0) for verdict in VERDICTS}


def ready_lines(marts: Marts) -> tuple[Ready, ...] | None:
    """Add up the lines that may go per currency; None if there are none because the run did not get that
    far.
    """
    if not marts.evaluated("fct_invoice_lines_ready"):
        return None
    table = marts.read("fct_invoice_lines_ready", ("currency", "change", "amount"))
    groups = [
        row
        for row in group_sums(table, ("currency", "change"), ("amount",)).to_pylist()
        if row["change"] != "removed"
    ]
    return tuple(
        Ready(
            currency,
            lines=sum(row[ROWS] for row in groups if row["currency"] == currency),
            changed=sum(
                row[ROWS] for row in groups if row["currency"] == currency and row["change"] != "unchanged"
            ),
            amount=exact_sum(row["amount"] for row in groups if row["currency"] == currency),
        )
        for currency in currencies(table)
    )


def held_clients(marts: Marts) -> Held | None:
    """List the held clients, by currency and then largest held sum first, each with its reasons.

    Args:
        marts: The tables.

    Returns:
        At most ``MAX_ROWS`` clients; None if the client gate was not evaluated.
    """
    if not marts.evaluated("fct_client_gate"):
        return None
    columns = ("client_id", "currency", "verdict", "held_amount", "open_exceptions")
    table = where(marts.read("fct_client_gate", columns), "verdict", ["HOLD"])
    order = [("currency", "ascending"), ("held_amount", "descending"), ("client_id", "ascending")]
    everyone = list(dict.fromkeys(ordered(table, order).column("client_id").to_pylist()))
    shown = everyone[:MAX_ROWS]
    own: dict[str, list[dict[str, Any]]] = {client: [] for client in shown}
    for row in ordered(where(table, "client_id", shown), order).to_pylist():
        own[row["client_id"]].append(row)
    names = client_names(marts, set(shown))
    reasons = _reasons(marts, shown)
    rows = tuple(_held_client(client, own[client], names, reasons[client]) for client in shown)
    sums = group_sums(table, ("currency",), ("held_amount",)).to_pylist()
    totals = {row["currency"]: row["held_amount"] for row in sums}
    return Held(rows, len(everyone), tuple(Amount(c, totals[c]) for c in currencies(table)))


def _held_client(
    client: str, rows: list[dict[str, Any]], names: dict[str, str], reasons: list[Reason]
) -> HeldClient:
    held = tuple(Amount(row["currency"], row["held_amount"]) for row in rows)
    return HeldClient(
        client, names.get(client), held, sum(row["open_exceptions"] or 0 for row in rows), tuple(reasons)
    )


def _reasons(marts: Marts, clients: list[str]) -> dict[str, list[Reason]]:
    reasons: dict[str, list[Reason]] = {client: [] for client in clients}
    for client, verdict, products in _not_compared(marts, clients):
        reasons[client].append(Reason(verdict, len(products), products=tuple(products[:SHOWN_PRODUCTS])))
    for (client, code), rows in sorted(_blocking(marts, clients).items(), key=_reason_order):
        rows.sort(key=lambda row: (row["currency"] is None, row["currency"] or ""))
        amounts = {
            i: tuple(Amount(r["currency"], r[i]) for r in rows if r[i])
            for i in ("client_recoverable", "client_refund")
        }
        count = sum(row[ROWS] for row in rows)
        reasons[client].append(Reason(code, count, amounts["client_recoverable"], amounts["client_refund"]))
    # lines of quantity and amount 0 hold as well, and a key does not show that it has some: better named than
    # held without a reason
    silent = [client for client in clients if not reasons[client]]
    for client, verdict, products in _not_compared(marts, silent, with_figures=False):
        reasons[client].append(Reason(verdict, len(products), products=tuple(products[:SHOWN_PRODUCTS])))
    return reasons


def _reason_order(item: tuple[tuple[str, str], Any]) -> tuple[str, int, str]:
    (client, code), _ = item
    return client, place_of(code), code


def _blocking(marts: Marts, clients: list[str]) -> dict[tuple[str, str], list[dict[str, Any]]]:
    impacts = ("client_recoverable", "client_refund")
    table = marts.read("fct_exceptions", ("client_id", "exception_code", "currency", "blocking", *impacts))
    held = where(table.filter(table.column("blocking")), "client_id", clients)
    found: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in group_sums(held, ("client_id", "exception_code", "currency"), impacts).to_pylist():
        found.setdefault((row["client_id"], row["exception_code"]), []).append(row)
    return found


def _not_compared(
    marts: Marts, clients: list[str], with_figures: bool = True
) -> list[tuple[str, str, list[str]]]:
    """Find the keys that hold a client: not compared, with invoice lines in the period (contract §4), told by
    their figures.
    """
    columns = ("client_id", "product_code", "verdict", "invoiced_unit_days", "invoiced_amount")
    keys = where(marts.read("fct_reconciliation", columns), "client_id", clients)
    keys = keys.filter(pc.invert(pc.is_in(keys.column("verdict"), value_set=pa.array(COMPARED))))
    days = pc.fill_null(pc.sign(keys.column("invoiced_unit_days")), 0)
    amount = pc.sign(keys.column("invoiced_amount"))
    if with_figures:
        keys = keys.filter(pc.or_(pc.not_equal(days, 0), pc.not_equal(amount, 0)))
    found: dict[tuple[str, str], list[str]] = {}
    for row in group_sums(keys, ("client_id", "verdict", "product_code")).to_pylist():
        found.setdefault((row["client_id"], row["verdict"]), []).append(row["product_code"] or "")
    return [(client, verdict, sorted(products)) for (client, verdict), products in sorted(found.items())]
