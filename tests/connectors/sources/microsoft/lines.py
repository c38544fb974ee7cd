"""Lines of Microsoft's bill as its documents show them, in each spelling.

Belongs here: rows written by hand and how they are read. Does not: expectations.
"""

from __future__ import annotations

import csv
import gzip
import io
from pathlib import Path

from connectors.datasets import DATASETS
from connectors.files.records import Fault
from connectors.registry import connector_of
from connectors.sources.microsoft.partner_center import PARTNER_CENTER
from tests.connectors.sources.microsoft.books import ALDER

SETTINGS = {"tenant": "partner"}


HEADINGS = [
    "PartnerId",
    "CustomerId",
    "CustomerName",
    "CustomerDomainName",
    "CustomerCountry",
    "InvoiceNumber",
    "MpnId",
    "ResellerMpnId",
    "OrderId",
    "OrderDate",
    "ProductId",
    "SkuId",
    "AvailabilityId",
    "SkuName",
    "ProductName",
    "ChargeType",
    "UnitPrice",
    "Quantity",
    "Subtotal",
    "TaxTotal",
    "Total",
    "Currency",
    "PriceAdjustmentDescription",
    "PublisherName",
    "PublisherId",
    "SubscriptionDescription",
    "SubscriptionId",
    "ChargeStartDate",
    "ChargeEndDate",
    "TermAndBillingCycle",
    "EffectiveUnitPrice",
    "UnitType",
    "AlternateId",
    "BillableQuantity",
    "BillingFrequency",
    "PricingCurrency",
    "PCToBCExchangeRate",
    "PCToBCExchangeRateDate",
    "MeterDescription",
    "ReservationOrderId",
    "CreditReasonCode",
    "SubscriptionStartDate",
    "SubscriptionEndDate",
    "ReferenceID",
    "ProductQualifiers",
    "PromotionID",
]


LINE = {
    "PartnerId": "3b33e682-00c3-41ee-9dd2-a548adf56438",
    "CustomerId": ALDER,
    "CustomerName": "Alder & Sons",
    "InvoiceNumber": "G016907411",
    "MpnId": "4391507",
    "ResellerMpnId": "0",
    "OrderId": "6dc5c039750a",
    "OrderDate": "10/01/2026",
    "ProductId": "CFQ7TTC0LCHC",
    "SkuId": "0002",
    "SkuName": "Microsoft 365 Business Premium",
    "ProductName": "Microsoft 365 Business Premium",
    "ChargeType": "cycleCharge",
    "UnitPrice": "22",
    "Quantity": "1",
    "Subtotal": "187.00",
    "TaxTotal": "0",
    "Total": "187.00",
    "Currency": "USD",
    "PriceAdjustmentDescription": '["15.0% Partner earned credit for services managed"]',
    "SubscriptionId": "43d26afe-cb98-48b9-acc4-ae3ef2ac6c51",
    "ChargeStartDate": "10/01/2026",
    "ChargeEndDate": "10/31/2026",
    "TermAndBillingCycle": "One-Year commitment for monthly billing",
    "EffectiveUnitPrice": "18.705",
    "UnitType": "Licenses",
    "BillableQuantity": "10",
    "BillingFrequency": "Monthly",
    "PricingCurrency": "USD",
    "PCToBCExchangeRate": "1",
    "PCToBCExchangeRateDate": "10/31/2026",
}


class Read:
    """What came of a file."""

    def __init__(self, path: Path, settings: dict[str, str]) -> None:
        opened = connector_of(PARTNER_CENTER).open(
            path, DATASETS["vendor_charges"], PARTNER_CENTER.complete({**SETTINGS, **settings})
        )
        found = [row for batch in opened.batches() for row in batch.to_pylist()]
        self.rows = [{name: value for name, value in row.items() if name[0] != "_"} for row in found]
        self.header, self.faults, self.warnings = opened.header, opened.faults, opened.warnings


def as_csv(
    path: Path, rows: list[dict[str, str]], headings: list[str] | None = None, **settings: str
) -> Read:
    text = io.StringIO()
    writer = csv.DictWriter(text, headings or list(dict.fromkeys(name for row in rows for name in row)))
    writer.writeheader()
    writer.writerows(rows)
    content = text.getvalue().encode()
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return Read(path, settings)


def one(tmp_path: Path, settings: dict[str, str] | None = None, **changes: str) -> dict[str, str]:
    """Return the charge that a changed line makes, without remarks."""
    read = as_csv(tmp_path / "vendor_charges.csv", [{**LINE, **changes}], **(settings or {}))
    assert (read.faults, len(read.rows)) == ([], 1)
    return read.rows[0]


def fault(tmp_path: Path, **changes: str) -> Fault:
    read = as_csv(tmp_path / "vendor_charges.csv", [{**LINE, **changes}])
    assert read.rows == []
    (found,) = read.faults
    return found
