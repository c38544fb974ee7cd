"""The month's own tables as files: ready lines as CSV and XLSX, and the changes that the PSA needs.

What belongs here: columns. What does not: invoice import files (``invoices``), the vendor's side
(``claims``, ``focus``).
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from mbr_pipeline.release.exports.cells import Cell, money, plain
from mbr_pipeline.release.exports.content import Content, Row
from mbr_pipeline.release.exports.files import File

READY_COLUMNS = (
    "msp_id", "period", "client_id", "client_name", "product_code", "product_name", "invoice_id",
    "invoice_line_id", "quantity", "unit_price", "amount", "currency", "service_period_start",
    "service_period_end", "change", "description", "decision", "decided_by", "decision_reason",
    "decision_ids", "exception_ids",
)  # fmt: skip

PSA_COLUMNS = (
    "msp_id", "period", "client_id", "client_name", "product_code", "product_name", "agreement_line_id",
    "current_quantity", "new_quantity", "effective_date", "reason", "decision",
)  # fmt: skip

_BETWEEN = "; "


def ready_lines(content: Content, suffix: str) -> File:
    """Return all ready lines of passing clients, removed ones too, with what was decided about each."""
    decisions = {row["decision_id"]: row for row in content.read("fct_decisions")}
    rows = [_ready(content, row, decisions) for row in content.ready]
    return File(
        f"invoice_lines.{suffix}",
        READY_COLUMNS,
        rows,
        lambda row: (row["currency"], Decimal(row["amount"])),
    )


def _ready(content: Content, row: Row, decisions: dict[str, Row]) -> tuple[Cell, ...]:
    made = [decisions[each] for each in row["decision_ids"] or () if each in decisions]
    cells: dict[str, Cell] = {
        **{name: row[name] for name in READY_COLUMNS if name in row},
        "client_name": content.client_names.get(row["client_id"]),
        "product_name": content.product_names.get(row["product_code"]),
        "quantity": plain(row["quantity"]),
        "unit_price": money(row["unit_price"], row["currency"]),
        "amount": money(row["amount"], row["currency"]),
        "decision": _joined(each["action"] for each in made),
        "decided_by": _joined(each["actor"] for each in made),
        "decision_reason": _joined(each["reason"] or "" for each in made),
        "decision_ids": _joined(row["decision_ids"] or ()),
        "exception_ids": _joined(row["exception_ids"] or ()),
    }
    return tuple(cells[name] for name in READY_COLUMNS)


def _joined(texts: Iterable[str]) -> str:
    return _BETWEEN.join(dict.fromkeys(texts))


def psa_changes(content: Content, is_all: bool) -> File:
    """Return the agreement lines to change: what was approved and what needs no decision, or all of them."""
    rows = []
    for row in content.read("fct_psa_changes"):
        if row["client_id"] in content.passing and (is_all or row["decision"] in (None, "approved")):
            cells: dict[str, Cell] = {
                **{name: row[name] for name in PSA_COLUMNS if name in row},
                "client_name": content.client_names.get(row["client_id"]),
                "product_name": content.product_names.get(row["product_code"]),
                "current_quantity": plain(row["current_quantity"]),
                "new_quantity": plain(row["proposed_quantity"]),
            }
            rows.append(tuple(cells[name] for name in PSA_COLUMNS))
    return File("psa_changes.csv", PSA_COLUMNS, rows)
