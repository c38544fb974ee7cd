"""Records and rules as they stand in the month's raw tables, one dataclass per table, fields named as its
columns.

What belongs here: what a record is. Which records matter to a finding is ``facts``; what follows from them,
``key`` and the derivations.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal


@dataclass(frozen=True)
class PeriodFacts:
    """The MSP and period that are reconciled, with what applies to all of it."""

    msp_id: str
    period: str
    start: date
    end: date
    rounding_tolerance: int
    minor_units: Mapping[str, int]

    @property
    def days(self) -> int:
        """D: the period's number of days."""
        return (self.end - self.start).days

    @property
    def last_day(self) -> date:
        """The period's last day."""
        return self.end - timedelta(days=1)

    def places(self, currency: str | None) -> int:
        """Decimal places of a currency; two stand in for the zeroes of a key that nobody has priced in
        any.
        """
        return self.minor_units.get(currency or "", 2)

    def rule(self, name: str, line: int) -> str:
        """Say where a rule stands."""
        return f"rules/{self.msp_id}/{name}.csv line {line}"


@dataclass(frozen=True)
class VendorLine:
    """One line of a vendor bill."""

    source: str
    landed_period: str
    record_id: str
    invoice_id: str
    line_id: str
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


@dataclass(frozen=True)
class InvoiceLine:
    """One line of a client invoice."""

    source: str
    landed_period: str
    record_id: str
    invoice_id: str
    invoice_line_id: str
    client_id: str
    product_code: str
    agreement_line_id: str | None
    charge_category: str
    quantity: Decimal
    unit_price: Decimal
    amount: Decimal
    currency: str
    service_period_start: date
    service_period_end: date


@dataclass(frozen=True)
class AgreementLine:
    """One agreement line of the PSA."""

    source: str
    record_id: str
    agreement_line_id: str
    client_id: str
    product_code: str
    quantity: Decimal
    unit_price: Decimal
    currency: str
    effective_start: date
    effective_end: date | None


@dataclass(frozen=True)
class SeatCount:
    """One count of a vendor customer's licences of a SKU."""

    source: str
    record_id: str
    vendor_customer_id: str
    sku_id: str
    as_of_date: date
    entitled_quantity: Decimal
    assigned_quantity: Decimal | None


@dataclass(frozen=True)
class Product:
    """One product of the PSA."""

    record_id: str
    product_code: str
    product_name: str
    vendor_backed: bool
    default_unit_price: Decimal | None
    currency: str | None


@dataclass(frozen=True)
class ClientRule:
    """One row of client_map.csv."""

    source: str
    vendor_customer_id: str
    client_id: str
    valid_from: date | None
    valid_to: date | None
    line: int


@dataclass(frozen=True)
class SkuRule:
    """One row of sku_map.csv."""

    source: str
    sku_id: str
    term: str | None
    product_code: str
    units_per: Decimal
    valid_from: date | None
    valid_to: date | None
    line: int


@dataclass(frozen=True)
class MeteringRule:
    """One row of metering.csv."""

    product_code: str
    basis: str
    minimum_quantity: Decimal
    markup_pct: Decimal
    margin_floor_pct: Decimal | None
    count_source: str | None
    line: int


@dataclass(frozen=True)
class CostRule:
    """One row of cost_list.csv."""

    source: str
    sku_id: str
    term: str | None
    unit_cost: Decimal
    currency: str
    valid_from: date | None
    valid_to: date | None
    line: int


@dataclass(frozen=True)
class Facts:
    """All that a finding can follow from: the raw records and rules around it. Records that turn out not to
    count may be among them.
    """

    period: PeriodFacts
    vendor_lines: tuple[VendorLine, ...] = ()
    invoice_lines: tuple[InvoiceLine, ...] = ()
    agreement_lines: tuple[AgreementLine, ...] = ()
    seat_counts: tuple[SeatCount, ...] = ()
    product: Product | None = None
    client_name: str | None = None
    client_rules: tuple[ClientRule, ...] = ()
    sku_rules: tuple[SkuRule, ...] = ()
    cost_rules: tuple[CostRule, ...] = ()
    metering: MeteringRule | None = None


@dataclass(frozen=True)
class Finding:
    """One exception as it is published: what it is about, and its money (contract §6.5, fct_exceptions)."""

    exception_id: str
    msp_id: str
    period: str
    exception_code: str
    severity: str
    blocking: bool
    status: str
    client_id: str | None
    product_code: str | None
    source: str | None
    vendor_customer_id: str | None
    sku_id: str | None
    invoice_id: str | None
    line_id: str | None
    currency: str | None
    explanation: str
    evidence: tuple[str, ...]
    money: Mapping[str, Decimal]


MONEY_COLUMNS = (
    "client_recoverable",
    "client_refund",
    "vendor_claim",
    "vendor_liability",
    "stranded",
    "priced_at_cost",
)
"""The columns of an exception that carry money, in the contract's order."""
