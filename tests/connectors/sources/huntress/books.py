"""Books of a Huntress account as the tests change them, and what comes out of them.

Belongs here: records and fetches that several test files share. Does not: expectations.
"""

from __future__ import annotations

PLAN = "Huntress Partner 100 Agents"


def counts(customer: str, **of: str) -> list[dict[str, str]]:
    return [
        {
            "vendor_customer_id": customer,
            "sku_id": sku,
            "as_of_date": "2026-10-14",
            "entitled_quantity": quantity,
        }
        for sku, quantity in of.items()
    ]


def invoice(number: str, day: str, currency: str, total: str) -> dict[str, str]:
    return {"invoice_id": number, "invoice_date": day, "currency": currency, "invoice_total": total}


def charge(number: str, day: str, currency: str, total: str, category: str = "recurring") -> dict[str, str]:
    return {
        "line_id": number,
        "invoice_id": number,
        "vendor_customer_id": "account",
        "sku_id": PLAN,
        "sku_name": PLAN,
        "charge_category": category,
        "charge_type": "invoice",
        "quantity": "1",
        "unit_cost": total,
        "amount": total,
        "currency": currency,
        "charge_period_start": day,
        "charge_period_end": day,
    }


BOOKS = {
    "license_counts": [
        *counts("11", edr="42", itdr="30", sat="25", siem="3"),
        *counts("12", edr="7"),
        *counts("13", edr="0", itdr="0"),
        *counts("14", edr="1200", siem="0"),
        *counts("15", edr="5", sat="5", ispm="100"),
    ],
    "vendor_invoices": [
        invoice("1", "2026-10-01", "USD", "3.03"),
        invoice("2", "2026-10-10", "USD", "125000"),
        invoice("3", "2026-10-12", "JPY", "48000"),
        invoice("4", "2026-10-31", "KWD", "92.125"),
    ],
    "vendor_charges": [
        charge("1", "2026-10-01", "USD", "3.03"),
        charge("2", "2026-10-10", "USD", "125000"),
        charge("3", "2026-10-12", "JPY", "48000", "one_time"),
        charge("4", "2026-10-31", "KWD", "92.125"),
    ],
}

BESIDE = {
    "vendor_invoices": [invoice("5", "2026-09-30", "USD", "1"), invoice("6", "2026-11-01", "USD", "2")],
    "vendor_charges": [charge("5", "2026-09-30", "USD", "1"), charge("6", "2026-11-01", "USD", "2")],
}

RESELLER_BOOKS = {
    **BOOKS,
    "vendor_charges": [{**row, "vendor_customer_id": "reseller"} for row in BOOKS["vendor_charges"]],
}
