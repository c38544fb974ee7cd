"""Writes cloud usage as the file a cloud platform exports: FOCUS 1.2, one row per resource and day.

What belongs here: the FOCUS columns and how they are filled. What does not: reading FOCUS (``connectors``).
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from mbr_pipeline.scaffold.demo.encode import Table
from mbr_pipeline.scaffold.demo.model import VendorCharge, end_day, first_day

_PLATFORM = "Microsoft"
_SERVICES = {
    "virtual machine": ("Virtual Machines", "Compute"),
    "SSD": ("Managed Disks", "Storage"),
    "egress": ("Bandwidth", "Networking"),
}
_UNITS = {"hour": "Hours", "GB-day": "GB-Days", "GB": "GB"}


def focus_table(charges: list[VendorCharge], period: str) -> Table:
    """Return usage charges as FOCUS rows; all four costs agree, since nothing is discounted or committed.

    Args:
        charges: one provider's cloud usage of a period.
        period: the billing period, ``YYYY-MM``.

    Returns:
        The table, in the order of the charges.
    """
    rows = [_row(charge, period) for charge in charges]
    return Table(tuple(rows[0]), tuple(tuple(row.values()) for row in rows))


def _row(charge: VendorCharge, period: str) -> dict[str, str | Decimal | date | None]:
    unit = _UNITS[charge.sku_name.rsplit(" ", 1)[1].strip()]
    service, category = next(names for word, names in _SERVICES.items() if word in charge.sku_name)
    return {
        "BilledCost": charge.amount,
        "BillingAccountId": "7410-2266",
        "BillingAccountName": "Northwind IT",
        "BillingAccountType": "Partner",
        "BillingCurrency": charge.currency,
        "BillingPeriodEnd": _midnight(end_day(period)),
        "BillingPeriodStart": _midnight(first_day(period)),
        "ChargeCategory": "Usage",
        "ChargeClass": None,
        "ChargeDescription": charge.sku_name,
        "ChargeFrequency": "Usage-Based",
        "ChargePeriodEnd": _midnight(charge.charge_period_end),
        "ChargePeriodStart": _midnight(charge.charge_period_start),
        "ConsumedQuantity": charge.quantity,
        "ConsumedUnit": unit,
        "ContractedCost": charge.amount,
        "ContractedUnitPrice": charge.unit_cost,
        "EffectiveCost": charge.amount,
        "InvoiceId": charge.invoice_id,
        "InvoiceIssuerName": _PLATFORM,
        "ListCost": charge.amount,
        "ListUnitPrice": charge.unit_cost,
        "PricingCategory": "Standard",
        "PricingCurrency": charge.currency,
        "PricingQuantity": charge.quantity,
        "PricingUnit": unit,
        "ProviderName": _PLATFORM,
        "PublisherName": _PLATFORM,
        "RegionId": "westus2",
        "RegionName": "West US 2",
        "ResourceId": charge.subscription_id,
        "ResourceName": charge.subscription_id,
        "ServiceCategory": category,
        "ServiceName": service,
        "SkuId": charge.sku_id,
        "SkuPriceId": charge.sku_id,
        "SubAccountId": charge.vendor_customer_id,
        "SubAccountName": charge.vendor_customer_name,
        "SubAccountType": "Subscription",
    }


def _midnight(when: date) -> str:
    return f"{when}T00:00:00Z"
