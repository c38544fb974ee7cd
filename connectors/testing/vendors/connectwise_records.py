"""ConnectWise's records as its fake sends them, and its conditions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from connectors.testing.vendor import json_number

Record = dict[str, Any]


def addition(row: Mapping[str, str]) -> Record:
    """Return an agreement line as an addition of its agreement."""
    addition = {
        "id": int(row["agreement_line_id"]),
        "product": {"id": 3, "identifier": row["product_code"]},
        "billCustomer": "Billable",
        "quantity": json_number(row["quantity"]) + 2,
        "lessIncluded": 2,
        "billedQuantity": json_number(row["quantity"]),
        "unitCost": 1,
        "unitPrice": json_number(row["unit_price"]),
        "effectiveDate": f"{row['effective_start']}T00:00:00Z",
        "uom": "Each",
        "agreementId": int(row["agreement_id"]),
        "agreementStatus": "Active",
    }
    if row.get("effective_end"):
        last = date.fromisoformat(row["effective_end"]) - timedelta(days=1)
        addition["cancelledDate"] = f"{last}T00:00:00Z"
    return addition


def holds(conditions: str, record: Record) -> bool:
    """Whether a record meets conditions: the two kinds this vendor understands."""
    if not conditions:
        return True
    if found := re.fullmatch(r"invoice/id=([0-9]+)", conditions):
        return bool(record["invoice"]["id"] == int(found[1]))
    moment = r"\[([0-9-]+T[0-9:]+Z)\]"
    dates = re.fullmatch(rf"date >= {moment} and date < {moment}", conditions)
    assert dates, f"conditions that this vendor does not understand: {conditions}"
    return dates[1] <= str(record["date"]) < dates[2]


def quoted(text: str) -> str:
    """Return a text of a condition without its quotes."""
    return "".join(letter if letter.isalnum() else f"%{ord(letter):02X}" for letter in text)
