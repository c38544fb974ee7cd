"""One FOCUS row as one canonical vendor charge.

What belongs here: the mapping of columns and values, as pure functions of a row. What does not: reading files
and giving line ids (``reader``).

Usage rows carry quantity 1 and their amount as unit cost: FOCUS prices usage in units of many decimals, and
the reconciliation uses only the amounts of usage, never its quantities (contract §4). Other rows carry
PricingQuantity, or else ConsumedQuantity, if it is not zero and fits a canonical quantity (6 places, 12
integer digits), with BilledCost divided by it, rounded half-up to 10 places, as unit cost.

A purchase of negative money takes away what it names: its quantity is below zero then, and its unit cost is
not.

Charge periods become whole days: the day of the start, and the end rounded up to the next midnight. Because
many hourly rows of one day then look alike, the hours are kept in ``detail``, with what else tells honest
rows apart (description, operation, price, region); without them they would pass for duplicate charges
(contract §5).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

from connectors.datasets import DATASETS
from connectors.exact_numbers import AMOUNT_PLACES, rounded_text
from connectors.guids import lower_guid
from connectors.plain_numbers import plain_decimal


class FocusRow(NamedTuple):
    """The FOCUS columns that are read, by their own names; ``InvoiceID`` is another
    spelling of 1.2's ``InvoiceId``.
    """

    BilledCost: str | None
    BillingAccountId: str | None
    BillingCurrency: str | None
    BillingPeriodStart: str | None
    ChargeCategory: str | None
    ChargeClass: str | None
    ChargeDescription: str | None
    ChargeFrequency: str | None
    ChargePeriodEnd: str | None
    ChargePeriodStart: str | None
    ConsumedQuantity: str | None
    InvoiceId: str | None
    InvoiceID: str | None
    PricingQuantity: str | None
    RegionId: str | None
    ResourceId: str | None
    ServiceName: str | None
    SkuId: str | None
    SkuPriceId: str | None
    SubAccountId: str | None
    SubAccountName: str | None
    x_Operation: str | None
    x_UsageType: str | None


FOCUS_COLUMNS = FocusRow._fields

SOURCES: dict[str, tuple[tuple[str, ...], ...]] = {
    "line_id": (("BilledCost",),),
    "invoice_id": (("InvoiceId",), ("InvoiceID",), ("BillingAccountId", "BillingPeriodStart")),
    "vendor_customer_id": (("SubAccountId",), ("BillingAccountId",)),
    "vendor_customer_name": (("SubAccountName",),),
    "sku_id": (("SkuId",), ("ServiceName",)),
    "sku_name": (("ServiceName",), ("ChargeDescription",)),
    "subscription_id": (("ResourceId",),),
    "charge_category": (("ChargeCategory",),),
    "charge_type": (("ChargeCategory",),),
    "term": ((),),
    "quantity": (("BilledCost",),),
    "unit_cost": (("BilledCost",),),
    "amount": (("BilledCost",),),
    "currency": (("BillingCurrency",),),
    "charge_period_start": (("ChargePeriodStart",),),
    "charge_period_end": (("ChargePeriodEnd",),),
    "detail": ((),),
}
"""For each canonical column the FOCUS columns that can fill it: any one of the alternatives does."""


class MappingError(ValueError):
    """A row that cannot be mapped; names the FOCUS column and its value."""

    def __init__(self, column: str, value: str | None, reason: str) -> None:
        """The reason says what to do."""
        super().__init__(reason)
        self.column = column
        self.value = value


@dataclass(frozen=True)
class Charge:
    """A mapped row.

    Attributes:
        values: The canonical values in the contract's order, without ``line_id``.
        period: The exact charge period.
        notes: What a person should be told, summed up (see ``reader``).
    """

    values: tuple[str | None, ...]
    period: str
    notes: tuple[str, ...]

    def identity(self) -> list[str | None]:
        """The values by which two rows are equal: numbers without trailing zeros, ids in one case."""
        amount = self.values[_AMOUNT]
        values = [lower_guid(v) if c.is_id else v for c, v in zip(_COLUMNS, self.values, strict=True)]
        values[_AMOUNT] = None if amount is None else _trimmed(amount)
        return [*values, self.period]


_COLUMNS = DATASETS["vendor_charges"].columns[1:]
"""Those of the values: all but the line's id."""
_AMOUNT = 11
_BOUGHT = ("recurring", "one_time")
_FREQUENCIES = {"one-time": "One-Time", "recurring": "Recurring", "usage-based": "Usage-Based"}
_PURCHASES = {"Recurring": "recurring", "Usage-Based": "usage"}
_CATEGORIES = {"usage": "usage", "tax": "tax", "credit": "credit", "adjustment": "adjustment"}

_EXACT = Context(prec=300, rounding=ROUND_HALF_UP)
_UNIT = Decimal("1e-10")
_MAX_NUMBER_LENGTH = 100
_MAX_QUANTITY = Decimal(10) ** 12
_TOLERANCE = Fraction(5, 100_000)  # half of the finest minor unit of any currency (4 places)


def charge_of(row: FocusRow) -> Charge:
    """Maps one row.

    Raises:
        MappingError: BilledCost is no number, a timestamp does not parse or the period ends before it starts,
            the charge category (or a purchase's frequency) is unknown, or nothing names the invoice.
    """
    exact = _number(row.BilledCost)
    if exact is None:
        raise MappingError("BilledCost", row.BilledCost, "is not a decimal number; correct it at the source")
    amount = exact if _places(exact) <= AMOUNT_PLACES else rounded_text(Fraction(exact), AMOUNT_PLACES)
    category, charge_type = _category(row.ChargeCategory, row.ChargeFrequency, row.ChargeClass)
    first, last, hours, period = _days(row.ChargePeriodStart, row.ChargePeriodEnd)
    quantity, unit_cost, fits = _quantity(row, category, amount)
    told = {
        "usage": not fits and category == "usage",
        "quantity": not fits and category != "usage",
        "payer": not row.SubAccountId,
        "places": amount != exact,
        "day": category == "recurring" and _is_one_day(first, last),
    }
    notes = tuple(name for name, is_so in told.items() if is_so)
    values = (
        row.InvoiceId or row.InvoiceID or _invoice_of_period(row.BillingAccountId, row.BillingPeriodStart),
        row.SubAccountId or row.BillingAccountId,
        row.SubAccountName,
        row.SkuId or (row.ServiceName and f"service:{row.ServiceName}"),
        row.ServiceName or row.ChargeDescription,
        row.ResourceId,
        category,
        charge_type,
        None,
        quantity,
        unit_cost,
        amount,
        row.BillingCurrency,
        first,
        last,
        _detail(row, hours),
    )
    return Charge(values, period, notes)


def _detail(row: FocusRow, hours: str) -> str | None:
    """Return what tells honest rows apart besides what has a column of its own."""
    parts = (row.ChargeDescription, row.x_Operation, row.x_UsageType, row.SkuPriceId, row.RegionId, hours)
    return " | ".join(part for part in parts if part) or None


def _places(number: str) -> int:
    return len(_trimmed(number).partition(".")[2])


def _number(text: str | None) -> str | None:
    return plain_decimal(text) if text is not None and len(text) <= _MAX_NUMBER_LENGTH else None


@lru_cache(maxsize=1024)
def _category(category: str | None, frequency: str | None, charge_class: str | None) -> tuple[str, str]:
    """Gives charge_category and a readable charge_type; both spellings of the frequencies are one."""
    often = _FREQUENCIES.get((frequency or "").casefold(), frequency)
    charge_type = ", ".join(part for part in (category, often, charge_class) if part)
    known = (category or "").casefold()
    if known == "purchase":
        if often is not None and often not in _FREQUENCIES.values():
            raise MappingError(
                "ChargeFrequency", frequency, "is no FOCUS charge frequency; correct it at the source"
            )
        return _PURCHASES.get(often or "", "one_time"), charge_type
    if known not in _CATEGORIES:
        raise MappingError(
            "ChargeCategory", category, "is no FOCUS charge category; correct it at the source"
        )
    return _CATEGORIES[known], charge_type


_TIMESTAMP = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}([T"
    r" ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,9})?)?(Z| UTC|[+-][0-9]{2}:?[0-9]{2})?)?"
)


def _instant(column: str, text: str | None) -> datetime:
    """Parses ``2024-09-01``, ``2024-09-01 00:00:00`` or ``2024-09-01T00:00:00Z``; without a
    zone it is UTC. BigQuery, where Google Cloud's FOCUS export lies, extracts ``2024-09-01 00:00:00 UTC``
    (seen: bxparks/bigquery-schema-generator, issue 19).
    """
    try:
        if text is None or not _TIMESTAMP.fullmatch(text):
            raise ValueError(text)
        moment = datetime.fromisoformat(text.replace(" UTC", "Z"))
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise MappingError(column, text, "is no ISO 8601 timestamp; correct it at the source") from error


@lru_cache(maxsize=65_536)
def _days(start_text: str | None, end_text: str | None) -> tuple[str, str, str, str]:
    """Gives first day, day after the last, the hours (empty for whole days), and the exact period."""
    start, end = _instant("ChargePeriodStart", start_text), _instant("ChargePeriodEnd", end_text)
    if end < start:
        raise MappingError(
            "ChargePeriodEnd", end_text, "is before ChargePeriodStart; correct it at the source"
        )
    midnight = time()
    try:
        last = end.date() if end.time() == midnight else end.date() + timedelta(days=1)
    except OverflowError as error:
        raise MappingError(
            "ChargePeriodEnd", end_text, "is beyond the calendar; correct it at the source"
        ) from error
    whole = start.time() == midnight and end.time() == midnight
    hours = "" if whole else f"{start.time().isoformat()}-{end.time().isoformat()} UTC"
    return start.date().isoformat(), last.isoformat(), hours, f"{start.isoformat()}/{end.isoformat()}"


def _is_one_day(first: str, last: str) -> bool:
    return datetime.fromisoformat(last) - datetime.fromisoformat(first) <= timedelta(days=1)


@lru_cache(maxsize=1024)
def _invoice_of_period(account: str | None, period_start: str | None) -> str:
    """Names the invoice where FOCUS does not: one per billing account and billing period."""
    if account is None:
        raise MappingError("BillingAccountId", None, "is empty and so is InvoiceId; the invoice is unknown")
    return f"focus:{lower_guid(account)}:{_instant('BillingPeriodStart', period_start).date().isoformat()}"


def _quantity(row: FocusRow, category: str, amount: str) -> tuple[str, str, bool]:
    """Gives quantity, unit cost, and whether the quantity is the row's own."""
    quantity, unit_cost, fits = "1", _rounded(Decimal(amount)), False
    if category != "usage":
        for text in (row.PricingQuantity, row.ConsumedQuantity):
            plain = _number(text)
            if plain is not None and (found := _unit_cost(Decimal(amount), plain)) is not None:
                quantity, unit_cost, fits = _trimmed(plain), found, True
                break
    if category in _BOUGHT and unit_cost.startswith("-") and not quantity.startswith("-"):
        quantity, unit_cost = f"-{quantity}", unit_cost[1:]
    return quantity, unit_cost, fits


def _unit_cost(cost: Decimal, quantity: str) -> str | None:
    """Divides exactly; None where the quantity is zero or does not fit, or the rounding would
    show in the amount.
    """
    places = _places(quantity)
    count = Decimal(quantity)
    if count == 0 or places > 6 or abs(count) >= _MAX_QUANTITY:
        return None
    exact = Fraction(cost) / Fraction(count)
    steps = int(abs(exact) * 10**10 + Fraction(1, 2)) * (-1 if exact < 0 else 1)
    if abs(Fraction(steps, 10**10) * Fraction(count) - Fraction(cost)) > _TOLERANCE:
        return None
    return _trimmed(format(_EXACT.scaleb(Decimal(steps), -10), "f"))


def _rounded(cost: Decimal) -> str:
    return _trimmed(format(cost.quantize(_UNIT, context=_EXACT), "f"))


def _trimmed(number: str) -> str:
    """Takes trailing zeros behind the point away."""
    return number.rstrip("0").rstrip(".") if "." in number else number
