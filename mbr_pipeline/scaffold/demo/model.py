"""The words in which the demo is told: services sold, what happened to them, and the rows that come of it.

What belongs here: plain records and the few date functions they need. What does not: the two providers'
catalogues (``northwind``, ``harbour``), turning services into months (``months``), and mistakes
(``mistakes_*``).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

AUGUST, SEPTEMBER, OCTOBER = PERIODS = ("2026-08", "2026-09", "2026-10")


def day(text: str) -> date:
    """Read an ISO date."""
    return date.fromisoformat(text)


def first_day(period: str) -> date:
    """Return the first day of a period (contract §1)."""
    return day(f"{period}-01")


def end_day(period: str) -> date:
    """Return the day after a period: periods are half-open (contract §1)."""
    start = first_day(period)
    return date(start.year + start.month // 12, start.month % 12 + 1, 1)


def half_up(value: Decimal, places: int = 2) -> Decimal:
    """Round half away from zero (contract §1), to cents or pence unless told otherwise."""
    return value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


@dataclass(frozen=True)
class Step:
    """From ``start`` on, the quantity is this one."""

    start: date
    quantity: int


Timeline = tuple[Step, ...]
LONG_AGO = date(2025, 7, 1)


def steady(quantity: int, *changes: tuple[str, int]) -> Timeline:
    """Return a quantity that has held since before the demo, and its dated changes."""
    return (Step(LONG_AGO, quantity), *starting(*changes))


def starting(*changes: tuple[str, int]) -> Timeline:
    """Return a quantity that is zero until its first dated change."""
    return tuple(Step(day(start), quantity) for start, quantity in changes)


def quantity_on(timeline: Timeline, when: date) -> int:
    """Return the quantity that holds on a day."""
    return next((step.quantity for step in reversed(timeline) if step.start <= when), 0)


@dataclass(frozen=True)
class Product:
    """What the provider sells: a row of ``products``; ``price`` is per full month and empty where it
    varies.
    """

    code: str
    name: str
    price: Decimal | None
    vendor_backed: bool = True


@dataclass(frozen=True)
class Sku:
    """What a vendor sells, and the product it becomes.

    ``cost`` is per vendor unit and full month; ``units_per`` turns a vendor unit into units of the product.
    ``counted`` SKUs appear in the vendor's seat counts, with the assigned quantity where ``assigned_known``.
    """

    source: str
    sku_id: str
    name: str
    product_code: str
    cost: Decimal
    term: str = ""
    units_per: int = 1
    counted: bool = False
    assigned_known: bool = False


@dataclass(frozen=True)
class Client:
    """A company the provider invoices; ``since`` is the first period its PSA record exists."""

    client_id: str
    name: str
    since: str = PERIODS[0]
    status: str = "active"


@dataclass(frozen=True)
class Service:
    """One product at one client, told as three legs: what is provisioned, what the vendor bills, what the
    client pays.

    ``billed`` and ``sold`` follow ``provisioned`` unless told otherwise. ``prices`` are dated monthly prices,
    the catalogue's unless told otherwise. ``assigned`` is the number of seats in use, all unless told
    otherwise. ``site`` tells the vendor tenants of one client apart. ``prepaid`` services are charged and
    invoiced for twelve months at their first step.
    """

    client_id: str
    product_code: str
    provisioned: Timeline
    billed: Timeline | None = None
    sold: Timeline | None = None
    prices: tuple[tuple[str, str], ...] = ()
    assigned: int | None = None
    site: str = ""
    prepaid: bool = False


def steady_services(table: dict[str, str]) -> tuple[Service, ...]:
    """Read a table of "PRODUCT quantity, …" per client into services that never change."""
    items = [(client_id, item.split()) for client_id, text in table.items() for item in text.split(",")]
    return tuple(Service(client_id, code, steady(int(quantity))) for client_id, (code, quantity) in items)


@dataclass(frozen=True)
class CloudUse:
    """A meter that a client runs at an even pace from ``start`` to before ``end``; ``daily`` is in the
    meter's unit.
    """

    client_id: str
    sku_id: str
    resource: str
    daily: Decimal
    start: date = LONG_AGO
    end: date = date.max


@dataclass(frozen=True)
class Metering:
    """A row of ``metering.csv``: how the quantity to invoice is found; columns as in contract §2."""

    product_code: str
    basis: str
    minimum_quantity: str = ""
    markup_pct: str = ""
    margin_floor_pct: str = ""
    count_source: str = ""


@dataclass(frozen=True)
class Provider:
    """One MSP of the demo: its catalogue and its clients' services, as they should be.

    ``listed`` names the vendors whose agreed prices are in ``cost_list.csv``.
    """

    msp_id: str
    currency: str
    clients: tuple[Client, ...]
    products: tuple[Product, ...]
    skus: tuple[Sku, ...]
    services: tuple[Service, ...]
    metering: tuple[Metering, ...]
    listed: tuple[str, ...]
    cloud: tuple[CloudUse, ...] = ()
    cloud_markup_pct: Decimal = Decimal(0)

    def product(self, code: str) -> Product:
        """Return the product with this code."""
        return next(product for product in self.products if product.code == code)

    def sku_for(self, product_code: str) -> Sku | None:
        """Return the SKU a product is made of, or None for the provider's own work."""
        return next((sku for sku in self.skus if sku.product_code == product_code), None)


@dataclass
class VendorInvoice:
    """A row of ``vendor_invoices``; its columns are those of contract §3."""

    invoice_id: str
    invoice_date: date
    currency: str
    invoice_total: Decimal


@dataclass
class VendorCharge:
    """A row of ``vendor_charges``; its columns are those of contract §3."""

    line_id: str
    invoice_id: str
    vendor_customer_id: str
    vendor_customer_name: str
    sku_id: str
    sku_name: str
    subscription_id: str
    charge_category: str
    charge_type: str
    term: str
    quantity: Decimal
    unit_cost: Decimal
    amount: Decimal
    currency: str
    charge_period_start: date
    charge_period_end: date


@dataclass
class LicenseCount:
    """A row of ``license_counts``; its columns are those of contract §3."""

    vendor_customer_id: str
    sku_id: str
    as_of_date: date
    entitled_quantity: Decimal
    assigned_quantity: Decimal | None


@dataclass
class AgreementLine:
    """A row of ``agreements``; its columns are those of contract §3."""

    agreement_line_id: str
    agreement_id: str
    client_id: str
    product_code: str
    quantity: Decimal
    unit_price: Decimal
    currency: str
    effective_start: date
    effective_end: date | None


@dataclass
class InvoiceLine:
    """A row of ``invoice_lines``; its columns are those of contract §3."""

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
    agreement_line_id: str
    charge_category: str


@dataclass
class Month:
    """What lands for one provider and period; vendor legs by source."""

    period: str
    charges: dict[str, list[VendorCharge]] = field(default_factory=dict)
    invoices: dict[str, list[VendorInvoice]] = field(default_factory=dict)
    counts: dict[str, list[LicenseCount]] = field(default_factory=dict)
    agreements: list[AgreementLine] = field(default_factory=list)
    invoice_lines: list[InvoiceLine] = field(default_factory=list)

    def client_line(self, client_id: str, product_code: str) -> InvoiceLine:
        """Return the client's first invoice line of a product."""
        return next(
            x for x in self.invoice_lines if (x.client_id, x.product_code) == (client_id, product_code)
        )


Months = dict[str, Month]


@dataclass(frozen=True)
class Planted:
    """A finding that the demo must yield: its key and the one amount it carries.

    ``client_id`` and ``product_code`` are None where the finding is about something not mapped.
    ``amount_column`` is the column of ``fct_exceptions`` that holds ``amount``, None for findings without
    one.
    """

    msp_id: str
    period: str
    code: str
    client_id: str | None
    product_code: str | None
    amount_column: str | None
    amount: Decimal


@dataclass(frozen=True)
class Plant:
    """One mistake: services whose legs disagree, an edit of the landed rows, and the findings that must
    follow.
    """

    findings: tuple[Planted, ...]
    services: tuple[Service, ...] = ()
    edit: Callable[[Months], None] | None = None


@dataclass(frozen=True)
class Blocked:
    """The control that must stop one month: an invoice total that the landed lines do not reach.

    ``expected`` is the invoice's total, ``actual`` what its landed lines add up to. ``once_complete`` are the
    findings of that month after the page held back has landed too.
    """

    msp_id: str
    period: str
    code: str
    source: str
    invoice_id: str
    expected: Decimal
    actual: Decimal
    once_complete: tuple[Planted, ...]
