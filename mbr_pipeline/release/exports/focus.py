"""The vendors' charges of a month as a FOCUS 1.2 file, each with its client as a tag (FinOps Open Cost and
Usage Specification 1.2).

What belongs here: columns and what fills them. What does not: reading FOCUS (``connectors.focus``).

A vendor's bill has one price: ListCost, ContractedCost and EffectiveCost are the billed cost, as the
specification asks where nothing else is known. Times are midnight UTC: bills count days.
"""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal

from mbr_pipeline.release.exports.cells import Cell, plain
from mbr_pipeline.release.exports.content import Content, Row
from mbr_pipeline.release.exports.files import File
from mbr_pipeline.release.exports.landed import landed_lines

FOCUS_COLUMNS = (
    "BilledCost", "BillingAccountId", "BillingAccountName", "BillingCurrency", "BillingPeriodEnd",
    "BillingPeriodStart", "ChargeCategory", "ChargeClass", "ChargeDescription", "ChargeFrequency",
    "ChargePeriodEnd", "ChargePeriodStart", "ConsumedQuantity", "ConsumedUnit", "ContractedCost",
    "EffectiveCost", "InvoiceId", "InvoiceIssuerName", "ListCost", "PricingQuantity", "PricingUnit",
    "ProviderName", "PublisherName", "ResourceId", "ServiceCategory", "ServiceName", "ServiceSubcategory",
    "SkuId", "SubAccountId", "SubAccountName", "Tags",
)  # fmt: skip

_CATEGORIES = {
    "recurring": ("Purchase", "Recurring"),
    "one_time": ("Purchase", "One-Time"),
    "usage": ("Usage", "Usage-Based"),
    "credit": ("Credit", "One-Time"),
    "adjustment": ("Adjustment", "One-Time"),
    "tax": ("Tax", "One-Time"),
}
_LANDED = (
    "vendor_customer_id", "vendor_customer_name", "sku_id", "sku_name", "subscription_id", "charge_category",
    "charge_type", "quantity", "amount", "currency", "charge_period_start", "charge_period_end", "detail",
)  # fmt: skip
_UNIT = "Units"


def charges(content: Content) -> File:
    """Return all lines of vendor bills landed in the month."""
    landed = landed_lines(content, "vendor_charges", _LANDED)
    rows = []
    for row in content.read("fct_line_dispositions"):
        if row["leg"] == "vendor":
            charge = landed[row["source"], row["invoice_id"], row["line_id"]]
            cells = _cells(content, row, charge)
            rows.append(tuple(cells.get(column) for column in FOCUS_COLUMNS))
    return File(
        "focus.csv",
        FOCUS_COLUMNS,
        rows,
        lambda row: (row["BillingCurrency"], Decimal(row["BilledCost"])),
    )


def _cells(content: Content, row: Row, charge: Row) -> dict[str, Cell]:
    period = content.month.period
    category, frequency = _CATEGORIES[charge["charge_category"]]
    cost = plain(row["amount"])
    service = charge["sku_name"] or charge["sku_id"]
    said = " | ".join(part for part in (service, charge["charge_type"], charge["detail"]) if part)
    is_usage = category == "Usage"
    return {
        "BilledCost": cost,
        "BillingAccountId": content.month.msp_id,
        "BillingAccountName": content.workspace.msp(content.month.msp_id).name,
        "BillingCurrency": row["currency"],
        "BillingPeriodEnd": _midnight(period.end),
        "BillingPeriodStart": _midnight(period.start),
        "ChargeCategory": category,
        "ChargeDescription": said,
        "ChargeFrequency": frequency,
        "ChargePeriodEnd": _midnight(charge["charge_period_end"]),
        "ChargePeriodStart": _midnight(charge["charge_period_start"]),
        "ConsumedQuantity": plain(charge["quantity"]) if is_usage else None,
        "ConsumedUnit": _UNIT if is_usage else None,
        "ContractedCost": cost,
        "EffectiveCost": cost,
        "InvoiceId": row["invoice_id"],
        "InvoiceIssuerName": row["source"],
        "ListCost": cost,
        "PricingQuantity": plain(charge["quantity"]),
        "PricingUnit": _UNIT,
        "ProviderName": row["source"],
        "PublisherName": row["source"],
        "ResourceId": charge["subscription_id"],
        "ServiceCategory": "Other",
        "ServiceName": service,
        "ServiceSubcategory": "Other (Other)",
        "SkuId": charge["sku_id"],
        "SubAccountId": charge["vendor_customer_id"],
        "SubAccountName": charge["vendor_customer_name"],
        "Tags": _tags(content, row),
    }


def _tags(content: Content, row: Row) -> str | None:
    client_id, product_code = row["client_id"], row["product_code"]
    tags = {
        "client_id": client_id,
        "client_name": content.client_names.get(client_id) if client_id else None,
        "product_code": product_code,
    }
    known = {name: value for name, value in tags.items() if value}
    return json.dumps(known, ensure_ascii=False, separators=(",", ":")) if known else None


def _midnight(day: date) -> str:
    return f"{day.isoformat()}T00:00:00Z"
