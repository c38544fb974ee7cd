"""Microsoft's bill for the tests of its three sources: books, and the identifier of a line worked out apart
from the mapping.

Belongs here: what several test modules need. Does not: expectations.
"""

from __future__ import annotations

import hashlib

ALDER, BRIGHT = "9060d13d-c5ed-482e-b059-a15a38cbb28e", "65726577-c208-40fd-9735-8c85ac9cac68"
BASIC, PREMIUM, DISK = "CFQ7TTC0LH18:0001", "CFQ7TTC0LCHC:0002", "DZH318Z0BP04:0034"
INVOICE, SECOND = "G016907411", "G016907412"

_IN_IDENTITY = (
    "invoice_id",
    "vendor_customer_id",
    "sku_id",
    "subscription_id",
    "charge_type",
    "term",
    "quantity",
    "unit_cost",
    "amount",
    "currency",
    "charge_period_start",
    "charge_period_end",
)


def line_id(row: dict[str, str], order: str | None, ordinal: int = 0) -> str:
    """The rule in words: each value as its length, a colon and itself (``-`` for none), the order last;
    SHA-256, 32 digits; the ordinal.
    """
    values = [*(row.get(name) for name in _IN_IDENTITY), order]
    content = "".join("-" if value is None else f"{len(value)}:{value}" for value in values)
    return f"{hashlib.sha256(content.encode()).hexdigest()[:32]}-{ordinal}"


def charge(
    number: int,
    customer: str,
    sku: str,
    kind: str,
    quantity: str,
    cost: str,
    amount: str,
    start: str = "2026-10-01",
    end: str = "2026-11-01",
    invoice: str = INVOICE,
    category: str = "recurring",
    term: str = "One-Month commitment for monthly billing",
) -> dict[str, str]:
    row = {
        "invoice_id": invoice,
        "vendor_customer_id": customer,
        "sku_id": sku,
        "vendor_customer_name": "Alder & Sons" if customer == ALDER else "Bright Ltd",
        "sku_name": {BASIC: "Business Basic", PREMIUM: "Business Premium", DISK: "Disks"}[sku],
        "subscription_id": f"bbbbbbbb-0000-4000-8000-{number:012d}",
        "charge_category": category,
        "charge_type": kind,
        "term": term,
        "quantity": quantity,
        "unit_cost": cost,
        "amount": amount,
        "currency": "USD",
        "charge_period_start": start,
        "charge_period_end": end,
    }
    return {**row, "line_id": line_id(row, f"order of {row['subscription_id']}")}


def tax(line: dict[str, str], amount: str) -> dict[str, str]:
    return {
        **line,
        "line_id": f"{line['line_id']}-tax",
        "charge_category": "tax",
        "quantity": "1",
        "unit_cost": amount,
        "amount": amount,
    }


_SEATS = charge(1, ALDER, PREMIUM, "cycleCharge", "10", "18.7", "187")
BOOKS = {
    "vendor_invoices": [
        {"invoice_id": INVOICE, "invoice_date": "2026-11-08", "currency": "USD", "invoice_total": "230.85"},
        {"invoice_id": SECOND, "invoice_date": "2026-11-30", "currency": "USD", "invoice_total": "7.25"},
    ],
    "vendor_charges": [
        _SEATS,
        tax(_SEATS, "16.83"),
        charge(1, ALDER, PREMIUM, "addQuantity", "-10", "9.35", "-93.5", start="2026-10-16"),
        charge(1, ALDER, PREMIUM, "addQuantity", "12", "9.35", "112.2", start="2026-10-16"),
        charge(2, BRIGHT, BASIC, "new", "4", "5", "20"),
        charge(3, BRIGHT, BASIC, "cancel", "-1", "2.5", "-2.5", start="2026-10-17"),
        charge(4, BRIGHT, DISK, "new: P10 Disks - LRS", "1", "7.65", "7.65", category="usage", term=""),
        charge(
            5,
            ALDER,
            PREMIUM,
            "new",
            "2",
            "3.62",
            "7.24",
            invoice=SECOND,
            category="one_time",
            term="One-Time",
        ),
    ],
}
BESIDE = {
    "vendor_invoices": [
        {"invoice_id": number, "invoice_date": day, "currency": "USD", "invoice_total": "5"}
        for number, day in (("G016907410", "2026-10-31"), ("G016907413", "2026-12-01"))
    ],
    "vendor_charges": [
        charge(number, BRIGHT, BASIC, "new", "1", "5", "5", invoice=invoice)
        for number, invoice in ((6, "G016907410"), (7, "G016907413"))
    ],
}
for row in BOOKS["vendor_charges"]:
    if not row["term"]:
        row["line_id"] = line_id({**row, "term": None}, f"order of {row['subscription_id']}")  # type: ignore[dict-item]
