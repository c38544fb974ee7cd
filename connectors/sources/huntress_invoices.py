"""Huntress's invoices, each as a bill and as one charge to the account as a whole.

What belongs here: which invoices count, what they amount to, and what a refund does. What does not: where
they come from, and counts (``huntress``).

Only an invoice carries money. The usage line items of a reseller's invoice carry billable units and a
period by account and product, a subscription its minimum and a *target* price; a price per product or
organization is given nowhere, and none is invented. An invoice states no period, so the charge is dated on
the day it was made.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from iso4217 import Currency

from connectors.exact_numbers import seats_of, sum_text
from connectors.mapping import Mapper, MappingError, Native, Row, plain

_BILLED = {"open", "paid", "failed", "partial_refund", "full_refund", "processing"}
_GIVEN_BACK = "full_refund"
_DECIMALS: dict[str, int | None] = {currency.code: currency.exponent for currency in Currency}
_OTHER_AT_STRIPE = {"ISK", "MGA", "UGX"}
"""Currencies whose smallest unit at Stripe differs from ISO 4217."""


def _is_billed(native: Native) -> bool:
    """Whether an invoice is one of the month. The interface cannot filter by date, so every
    month receives all invoices.
    """
    if not str(native.day("created_at")).startswith(native.needed("_period")):
        return False
    status = native.needed("status")
    if status == "draft":
        raise MappingError(
            "status",
            status,
            "is not final; fetch the month again when Huntress has issued or voided the invoice",
        )
    if status not in _BILLED | {"voided"}:
        raise MappingError(
            "status",
            status,
            f"is no status Huntress documents; known are {', '.join(sorted(_BILLED))}, draft, voided",
        )
    return status in _BILLED


def _money(native: Native) -> tuple[str, str]:
    """Return an invoice's currency and its amount in that currency: the vendor counts
    in its smallest unit.
    """
    currency, amount = native.needed("currency_type").upper(), native.number("amount")
    decimals = None if currency in _OTHER_AT_STRIPE else _DECIMALS.get(currency)
    if decimals is None:
        raise MappingError(
            "currency_type", currency, "has no smallest unit that is sure; ask Huntress what amount counts"
        )
    if amount != amount.to_integral_value():
        raise MappingError(
            "amount",
            native.text("amount"),
            "is no whole number of the currency's smallest unit; ask Huntress",
        )
    return currency, plain(amount.scaleb(-decimals))


def invoice(native: Native) -> Iterator[Row]:
    """Yield an invoice of the month; none if it is of another, or voided."""
    if _is_billed(native):
        currency, amount = _money(native)
        day = str(native.day("created_at"))
        total = "0" if native.needed("status") == _GIVEN_BACK else amount
        yield {
            "invoice_id": native.needed("id"),
            "invoice_date": day,
            "currency": currency,
            "invoice_total": total,
        }


def charge_to(customer: str) -> Mapper:
    """Return the mapping of an invoice to its charge, and to the refund of all of it."""

    def charge(native: Native) -> Iterator[Row]:
        for bill in invoice(native):
            plan, (_, amount) = native.text("plan") or "no plan", _money(native)
            quantity, price = seats_of(Fraction(1), Fraction(amount), Fraction(amount))
            line = {
                "line_id": bill["invoice_id"],
                "invoice_id": bill["invoice_id"],
                "vendor_customer_id": customer,
                "sku_id": plan,
                "sku_name": plan,
                "charge_category": "one_time" if native.text("has_usage") == "false" else "recurring",
                "charge_type": "invoice",
                "quantity": sum_text(quantity),
                "unit_cost": sum_text(price),
                "amount": amount,
                "currency": bill["currency"],
                "charge_period_start": bill["invoice_date"],
                "charge_period_end": bill["invoice_date"],
            }
            yield line
            if native.needed("status") == _GIVEN_BACK:
                back = {"quantity": sum_text(-quantity), "amount": sum_text(-Fraction(amount))}
                yield {**line, **back, "charge_type": "refund", "line_id": f"{line['line_id']}-refund"}
            elif native.needed("status") == "partial_refund":
                native.remark(
                    "were refunded in part and count in full: Huntress does not say how much went back"
                )

    return charge
