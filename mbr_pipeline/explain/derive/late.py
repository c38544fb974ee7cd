"""LATE_CHARGE: days before P that a vendor bills only now, valued at the prices then in force (contract
§5).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from mbr_pipeline.explain.client_product import Key
from mbr_pipeline.explain.derivation import Derivation, Part, by_sign, first_that_fits, the_one
from mbr_pipeline.explain.derive.sides import agreement_lines, mapping, span
from mbr_pipeline.explain.exact import days_between, half_up, money, plain
from mbr_pipeline.explain.in_period import LineInPeriod
from mbr_pipeline.explain.records import AgreementLine, Facts, Finding


@dataclass(frozen=True)
class LateMonth:
    """The late days of one calendar month, and the agreement line whose price is in force on the last of
    them.
    """

    start: date
    days: int
    month_days: int
    last_day: date
    price: AgreementLine | None

    @property
    def value(self) -> Fraction:
        """What one unit comes to."""
        return Fraction(self.price.unit_price) * self.days / self.month_days if self.price else Fraction(0)


def late(finding: Finding, facts: Facts) -> Derivation:
    """Derive what the client was not billed for the days before P."""
    key = Key(facts, finding.client_id or "", finding.product_code or "")
    named = (finding.source, finding.invoice_id, finding.line_id)
    lines = (p for p in key.placed if (p.line.source, p.line.invoice_id, p.line.line_id) == named)
    placed = the_one(lines, f"vendor line {finding.line_id} of bill {finding.invoice_id}")
    months = list(_late_months(key, placed))
    per_unit = sum((m.value for m in months), Fraction(0))
    value = per_unit * placed.units
    amount = half_up(value, key.places) if any(m.price for m in months) else Decimal(0)
    line = placed.line
    is_late = (
        line.charge_category == "recurring"
        and placed.is_landed_here
        and placed.repeats is None
        and line.charge_period_start < key.period.start
    )
    when = "recurring, landed in P, mapped, no duplicate, starts before P"
    code, why = first_that_fits(
        [("LATE_CHARGE", when, is_late)], f"it starts {line.charge_period_start}, P {key.period.start}"
    )
    sums = (
        f"Σ price × late days / days of the month = {plain(per_unit)} {key.currency} a unit",
        (
            f"{plain(per_unit)} × {plain(line.quantity)} × {plain(placed.units_per)} (quantity × units_per) ="
            f" {plain(value)}"
        ),
        f"rounded half-up to {key.places} places: {money(amount, key.places)} {key.currency}",
    )
    return Derivation(
        code=code,
        currency=key.currency,
        places=key.places,
        impacts=by_sign(amount, "client_recoverable", "client_refund"),
        parts=(
            Part("Rules", lines=key.describe()),
            mapping(key.period, [placed]),
            _line(placed),
            agreement_lines(key),
            _months(months),
            Part("Value of the late days", lines=sums),
            why,
        ),
        clears="settle it with the client once; it stays with this month unless the vendor corrects the bill",
    )


def _late_months(key: Key, placed: LineInPeriod) -> Iterator[LateMonth]:
    start, end = placed.line.charge_period_start, min(placed.line.charge_period_end, key.period.start)
    while start < end:
        first = start.replace(day=1)
        following = (first + timedelta(days=31)).replace(day=1)
        last_day = min(end, following) - timedelta(days=1)
        price = key.price_on(last_day, key.currency)
        yield LateMonth(
            first, days_between(start, min(end, following)), days_between(first, following), last_day, price
        )
        start = following


def _months(months: list[LateMonth]) -> Part:
    rows = tuple(
        (
            m.start.strftime("%Y-%m"),
            str(m.days),
            str(m.month_days),
            str(m.last_day),
            f"{m.price.agreement_line_id} ({m.price.record_id})" if m.price else "none",
            plain(m.price.unit_price) if m.price else "0",
            plain(m.value),
        )
        for m in months
    )
    columns = (
        "month",
        "late days",
        "its days",
        "last late day",
        "agreement line in force then",
        "price",
        "price × late days / its days",
    )
    return Part(
        "Months concerned", columns, rows, () if rows else ("no day before P: its charge period is empty",)
    )


def _line(placed: LineInPeriod) -> Part:
    line = placed.line
    columns = (
        "record",
        "bill",
        "line",
        "customer",
        "SKU",
        "quantity",
        "unit_cost",
        "amount",
        "currency",
        "charge period",
    )
    row = (
        line.record_id,
        line.invoice_id,
        line.line_id,
        line.vendor_customer_id,
        line.sku_id,
        plain(line.quantity),
        plain(line.unit_cost),
        plain(line.amount),
        line.currency,
        span(line.charge_period_start, line.charge_period_end),
    )
    return Part("The vendor line", columns, (row,))
