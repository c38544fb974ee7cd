"""The typed records of the canonical datasets; each knows the file and line it came from (contract §3).

What belongs here: shapes only. They are typed in ``schema`` and kept or rejected in ``inputs``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Origin:
    """The position of a record: source, landing period, file (its name in the source's folder) and line."""

    source: str
    landed: str
    file: str
    line: int

    @property
    def path(self) -> str:
        """The file below the MSP's landing folder, as evidence and rejected rows name it."""
        return f"{self.landed}/{self.source}/{self.file}"

    @property
    def record_id(self) -> str:
        """The record's name in evidence: period/source/file:line."""
        return f"{self.path}:{self.line}"


@dataclass(frozen=True, slots=True)
class Record:
    """Any record."""

    origin: Origin

    @property
    def source(self) -> str:
        """The system the record came from."""
        return self.origin.source

    @property
    def landed(self) -> str:
        """The period in whose folder the record lies."""
        return self.origin.landed

    @property
    def record_id(self) -> str:
        """Its name in evidence."""
        return self.origin.record_id


@dataclass(frozen=True, slots=True)
class Client(Record):
    """A company that the MSP invoices."""

    client_id: str
    client_name: str
    status: str


@dataclass(frozen=True, slots=True)
class Product(Record):
    """What the PSA sells."""

    product_code: str
    product_name: str
    vendor_backed: bool
    default_unit_price: Decimal | None
    currency: str | None


@dataclass(frozen=True, slots=True)
class VendorInvoice(Record):
    """The head of a vendor's invoice."""

    invoice_id: str
    invoice_date: date
    currency: str
    invoice_total: Decimal


@dataclass(frozen=True, slots=True)
class VendorCharge(Record):
    """One line of a vendor's bill."""

    line_id: str
    invoice_id: str
    vendor_customer_id: str
    vendor_customer_name: str | None
    sku_id: str
    sku_name: str | None
    subscription_id: str | None
    charge_category: str
    charge_type: str | None
    term: str | None
    quantity: Decimal
    unit_cost: Decimal
    amount: Decimal
    currency: str
    charge_period_start: date
    charge_period_end: date
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class LicenseCount(Record):
    """One row of a seat count."""

    vendor_customer_id: str
    sku_id: str
    as_of_date: date
    entitled_quantity: Decimal
    assigned_quantity: Decimal | None
    vendor_customer_name: str | None = None
    sku_name: str | None = None


@dataclass(frozen=True, slots=True)
class Agreement(Record):
    """One PSA agreement line."""

    agreement_line_id: str
    agreement_id: str
    client_id: str
    product_code: str
    quantity: Decimal
    unit_price: Decimal
    currency: str
    effective_start: date
    effective_end: date | None

    @property
    def end(self) -> date:
        """The day it ends, exclusive; the last day of the calendar where it is open."""
        return self.effective_end or date.max

    def active_on(self, day: date) -> bool:
        """Say whether the line is in force on a day."""
        return self.effective_start <= day < self.end


@dataclass(frozen=True, slots=True)
class InvoiceLine(Record):
    """One line of a client's invoice."""

    invoice_line_id: str
    invoice_id: str
    client_id: str
    product_code: str
    quantity: Decimal
    unit_price: Decimal
    amount: Decimal
    currency: str
    service_period_start: date
    service_period_end: date
    agreement_line_id: str | None
    charge_category: str
    description: str | None = None
    invoice_date: date | None = None
    due_date: date | None = None

    @property
    def id(self) -> tuple[str, str, str]:
        """Source, invoice and line id: together they identify it among all invoice lines."""
        return self.source, self.invoice_id, self.invoice_line_id

    @property
    def days(self) -> int:
        """Days of the service period."""
        return (self.service_period_end - self.service_period_start).days


CLASSES: dict[str, type[Record]] = {
    "clients": Client,
    "products": Product,
    "vendor_invoices": VendorInvoice,
    "vendor_charges": VendorCharge,
    "license_counts": LicenseCount,
    "agreements": Agreement,
    "invoice_lines": InvoiceLine,
}
