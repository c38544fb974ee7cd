"""Claims on vendors: what was disputed, one file per vendor source, with its evidence.

What belongs here: which rows and columns. What does not: what may be disputed (``mbr_pipeline.decide``).
"""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

from mbr_pipeline.release.exports.cells import Cell, money, rounded
from mbr_pipeline.release.exports.content import Content, Row
from mbr_pipeline.release.exports.files import File
from mbr_pipeline.release.exports.landed import landed_lines

CLAIM_COLUMNS = (
    "exception_id", "exception_code", "invoice_id", "line_id", "vendor_customer_id", "sku_id", "billed",
    "right", "claimed", "currency", "reason", "explanation", "evidence",
)  # fmt: skip


def claims(content: Content) -> list[File]:
    """Return a file for each source that something in force is disputed of; what several sources billed
    together is in ``claims.csv``.

    ``billed`` is Σ of the bill's lines that the exception names, rounded, and ``right`` what is left of it
    when the claim is met; both are empty where the exception names no line of the bill.
    """
    disputes = {
        row["exception_id"]: row["reason"]
        for row in content.read("fct_decisions")
        if row["action"] == "dispute" and row["state"] == "in_force" and row["exception_id"]
    }
    exceptions = [row for row in content.read("fct_exceptions") if row["exception_id"] in disputes]
    if not exceptions:
        return []
    bill = _Bill(content)
    by_source: dict[str, list[tuple[Cell, ...]]] = defaultdict(list)
    for row in exceptions:
        currency = row["currency"]
        claimed = money(row["vendor_claim"], currency)
        billed = bill.billed(row)
        cells: dict[str, Cell] = {
            **{name: row[name] for name in CLAIM_COLUMNS if name in row},
            "billed": billed,
            "right": None if billed is None else money(billed - claimed, currency),
            "claimed": claimed,
            "reason": disputes[row["exception_id"]],
            "evidence": "; ".join(row["evidence"] or ()),
        }
        by_source[row["source"] or ""].append(tuple(cells[name] for name in CLAIM_COLUMNS))
    return [
        File(
            f"claims-{source}.csv" if source else "claims.csv",
            CLAIM_COLUMNS,
            rows,
            lambda row: (row["currency"], Decimal(row["claimed"])),
        )
        for source, rows in sorted(by_source.items())
    ]


class _Bill:
    """Amounts of the vendors' lines landed in the month, by id and by where they were landed."""

    def __init__(self, content: Content) -> None:
        lines = landed_lines(content, "vendor_charges", ("amount", "currency"))
        self._by_id = lines
        self._by_record = {row["record_id"]: row for row in lines.values()}

    def billed(self, exception: Row) -> Decimal | None:
        own = self._by_id.get((exception["source"], exception["invoice_id"], exception["line_id"]))
        records = exception["evidence"] or ()
        named = [own] if own else [self._by_record[each] for each in records if each in self._by_record]
        amounts = [row["amount"] for row in named if row["currency"] == exception["currency"]]
        return rounded(sum(amounts, Decimal(0)), exception["currency"]) if amounts else None
