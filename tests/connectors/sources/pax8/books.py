"""Books of a Pax8 partner as the tests change them, and what comes out of them.

Belongs here: records and fetches that several test files share. Does not: expectations.
"""

from __future__ import annotations

from typing import Any

from connectors.mapping import Native
from connectors.sources.pax8 import PAX8

ALDER, BRIGHT = "cc0ac255-7c0b-4123-ac8d-a6c280b85eae", "19e83ea9-41a1-43fc-91a1-6fee03337d91"


E3, DEFENDER = "de4ff8a5-e836-4412-89e7-03236c0641c4", "1810aea9-0c95-421d-a77a-7ebccdfa2f6c"


ENDED = "7597a0fd-f0ec-4547-8a20-fd2d3f311a5c"


INVOICE, SECOND = "17029935-36b0-4f0f-9d5e-c8af04f7b57a", "57328a3c-6e95-493c-ad2f-e33b896378c7"


def charge(
    number: int,
    invoice: str,
    customer: str,
    sku: str,
    quantity: str,
    cost: str,
    amount: str,
    kind: str = "subscription",
) -> dict[str, str]:
    return {
        "line_id": f"aaaaaaaa-0000-4000-8000-{number:012d}",
        "invoice_id": invoice,
        "vendor_customer_id": customer,
        "vendor_customer_name": "Alder & Sons" if customer == ALDER else "Bright Ltd",
        "sku_id": sku,
        "sku_name": "Office E3" if sku == E3 else "Defender",
        "subscription_id": f"bbbbbbbb-0000-4000-8000-{number:012d}",
        "charge_category": "one_time" if kind == "one-time" else "recurring",
        "charge_type": kind,
        "term": "Monthly",
        "quantity": quantity,
        "unit_cost": cost,
        "amount": amount,
        "currency": "USD",
        "charge_period_start": "2026-10-01",
        "charge_period_end": "2026-11-01",
    }


BOOKS = {
    "vendor_invoices": [
        {"invoice_id": INVOICE, "invoice_date": "2026-10-05", "currency": "USD", "invoice_total": "354.5"},
        {"invoice_id": SECOND, "invoice_date": "2026-10-31", "currency": "USD", "invoice_total": "7.25"},
    ],
    "vendor_charges": [
        charge(1, INVOICE, ALDER, E3, "11", "22.5", "247.5"),
        charge(2, INVOICE, BRIGHT, E3, "4", "22.5", "90"),
        charge(3, INVOICE, BRIGHT, DEFENDER, "4", "3", "12"),
        charge(4, INVOICE, ALDER, DEFENDER, "1", "5", "5", "one-time"),
        charge(5, SECOND, ALDER, DEFENDER, "2", "3.625", "7.25"),
    ],
    "license_counts": [
        {
            "vendor_customer_id": customer,
            "sku_id": sku,
            "as_of_date": "2026-10-14",
            "entitled_quantity": quantity,
        }
        for customer, sku, quantity in (
            (ALDER, E3, "11"),
            (BRIGHT, E3, "4"),
            (BRIGHT, DEFENDER, "4"),
            (ALDER, DEFENDER, "2.5"),
            (ALDER, ENDED, "0"),
        )
    ],
}

_BEFORE, _AFTER = "3ed4bb10-3b8e-4a4d-9f9e-8a2c8a6a2d11", "81fdde49-d1f3-4a49-a7a5-3a9b2fd0cb02"
BESIDE = {
    "vendor_invoices": [
        {"invoice_id": number, "invoice_date": day, "currency": "USD", "invoice_total": "22.5"}
        for number, day in ((_BEFORE, "2026-09-30"), (_AFTER, "2026-11-01"))
    ],
    "vendor_charges": [
        charge(line, invoice, ALDER, E3, "1", "22.5", "22.5") for line, invoice in ((8, _BEFORE), (9, _AFTER))
    ],
}


def mapped(dataset: str, record: dict[str, Any], **settings: str) -> list[dict[str, str | None]]:
    native = Native(
        {name: value for name, value in record.items() if value is not None}, PAX8.complete(settings)
    )
    return [dict(row) for row in PAX8.feed(dataset).mapper(native)]


ITEM = {
    "id": "aaaaaaaa-0000-4000-8000-000000000001",
    "type": "subscription",
    "invoice.id": INVOICE,
    "companyId": ALDER,
    "productId": E3,
    "quantity": "3",
    "cost": "2",
    "costTotal": "6",
    "currencyCode": "USD",
    "startPeriod": "2026-10-01",
    "endPeriod": "2026-10-31",
}
