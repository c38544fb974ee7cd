"""Lines of Microsoft's bill as vendor charges: the same whatever spelling they come in, and seats that are
never counted double.

Belongs here: the mapping, on records written by hand from the vendor's documents. Does not: fetching them.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.connectors.sources.microsoft.books import ALDER, line_id
from tests.connectors.sources.microsoft.lines import HEADINGS, LINE, Read, as_csv, one


def as_json(path: Path, rows: list[dict[str, Any]], **settings: str) -> Read:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return Read(path, settings)


def iso(text: str) -> str:
    month, day, year = text.split("/")
    return f"{year}-{month}-{day}T00:00:00Z"


def as_partner_center(row: dict[str, str]) -> dict[str, Any]:
    """The same line as Partner Center's JSON spells it."""
    camel = {
        name[0].lower() + name[1:]: iso(value) if name.endswith("Date") else value
        for name, value in row.items()
    }
    numbers = {
        name: float(row[name[0].upper() + name[1:]])
        for name in ("subtotal", "taxTotal", "effectiveUnitPrice", "billableQuantity")
    }
    total = {
        "totalForCustomer": float(camel.pop("total")),
        "pcToBCExchangeRate": float(camel.pop("pCToBCExchangeRate")),
    }
    return {
        **camel,
        **numbers,
        **total,
        "customerId": f"org:{ALDER.upper()}",
        "subscriptionId": row["SubscriptionId"].upper(),
        "chargeType": row["ChargeType"].upper(),
        "resellerMpnId": 0,
        "attributes.objectType": "OneTimeInvoiceLineItem",
    }


# one bill, whatever it is written in


def test_the_portal_s_file_an_export_and_partner_center_give_equal_charges(tmp_path: Path) -> None:
    lines = [
        LINE,
        {
            **LINE,
            "Subtotal": "-37.4",
            "Total": "-40.77",
            "TaxTotal": "-3.37",
            "BillableQuantity": "2",
            "ChargeType": "cancel",
        },
    ]
    portal = as_csv(tmp_path / "vendor_charges.portal.csv.gz", lines, HEADINGS)
    export = as_json(tmp_path / "vendor_charges.export.jsonl", lines)
    rest = as_json(tmp_path / "vendor_charges.rest.jsonl", [as_partner_center(line) for line in lines])
    assert len(HEADINGS) == 46
    assert portal.rows == export.rows == rest.rows
    assert [row["amount"] for row in portal.rows] == ["187", "-37.4", "-3.37"]
    assert (
        portal.faults
        == export.faults
        == rest.faults
        == portal.warnings
        == export.warnings
        == rest.warnings
        == []
    )


def test_a_line_s_values_by_hand(tmp_path: Path) -> None:
    expected = {
        "invoice_id": "G016907411",
        "vendor_customer_id": ALDER,
        "vendor_customer_name": "Alder & Sons",
        "sku_id": "CFQ7TTC0LCHC:0002",
        "sku_name": "Microsoft 365 Business Premium",
        "subscription_id": "43d26afe-cb98-48b9-acc4-ae3ef2ac6c51",
        "charge_category": "recurring",
        "charge_type": "cycleCharge",
        "term": "One-Year commitment for monthly billing",
        "quantity": "10",
        "unit_cost": "18.7",
        "amount": "187",
        "currency": "USD",
        "charge_period_start": "2026-10-01",
        "charge_period_end": "2026-11-01",
        "detail": None,
    }
    assert one(tmp_path) == {**expected, "detail": None, "line_id": line_id(expected, "6dc5c039750a")}
