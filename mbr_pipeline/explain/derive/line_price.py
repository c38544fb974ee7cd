"""Codes of single client invoice lines: the price and amount a line should carry (contract §4.7, §5.2)."""

from __future__ import annotations

from fractions import Fraction

from mbr_pipeline.explain.client_product import InvoicedLine, Key
from mbr_pipeline.explain.derivation import Derivation, Part, by_sign, first_that_fits, the_one
from mbr_pipeline.explain.derive.sides import agreement_lines, span
from mbr_pipeline.explain.exact import half_up, money, plain
from mbr_pipeline.explain.records import Facts, Finding


def line_price(finding: Finding, facts: Facts) -> Derivation:
    """Derive the price variance of the invoice line that the finding names."""
    key = Key(facts, finding.client_id or "", finding.product_code or "")
    named = (
        i
        for i in key.invoiced
        if (i.line.source, i.line.invoice_line_id) == (finding.source, finding.line_id)
    )
    placed = the_one(named, f"invoice line {finding.line_id}")
    line, places, currency = placed.line, key.period.places(placed.line.currency), placed.line.currency
    price = key.line_price(line)
    should = Fraction(price.unit_price or 0)
    value = should * Fraction(line.quantity) * placed.days / key.period.days
    wanted = half_up(value, places)
    variance = half_up(Fraction(wanted) - Fraction(line.amount), places)
    tolerance = Fraction(key.period.rounding_tolerance, 10**places)
    figures = (
        f"unit_price {plain(line.unit_price)}, pp_line {plain(should)}; variance {money(variance, places)}"
    )
    tests = _tests(key, placed, should, Fraction(variance), tolerance)
    code, why = first_that_fits(tests, f"{figures}, tolerance {money(tolerance, places)}")
    amounts = (
        f"pp_line = {plain(should)} {currency} a full month: {price.reason}",
        f"{plain(should)} × {plain(line.quantity)} × {placed.days} / {key.period.days} = {plain(value)}",
        f"rounded half-up to {places} places: {money(wanted, places)} {currency}",
        (
            f"{money(wanted, places)} − {money(line.amount, places)} as invoiced = {money(variance, places)}"
            f" {currency}"
        ),
    )
    return Derivation(
        code=code,
        currency=currency,
        places=places,
        impacts=by_sign(variance, "client_recoverable", "client_refund"),
        parts=(
            Part("Rules", lines=key.describe()),
            _line(placed, places),
            agreement_lines(key),
            Part("Price variance", lines=amounts),
            why,
        ),
        clears=(
            "nothing to do: within the rounding tolerance it is cleared by itself"
            if code == "ROUNDING"
            else (
                f"invoice line {line.invoice_line_id} at {plain(should)} with amount {money(wanted, places)}"
                f" {currency}"
            )
            + (", or a corrected agreement or list price" if code == "INVOICE_PRICE_MISMATCH" else "")
        ),
    )


def _line(placed: InvoicedLine, places: int) -> Part:
    line = placed.line
    columns = (
        "record",
        "line",
        "quantity",
        "unit_price",
        "amount",
        "currency",
        "service period",
        "days in P",
        "names agreement line",
    )
    row = (
        line.record_id,
        line.invoice_line_id,
        plain(line.quantity),
        plain(line.unit_price),
        money(line.amount, places),
        line.currency,
        span(line.service_period_start, line.service_period_end),
        str(placed.days),
        line.agreement_line_id or "",
    )
    return Part("The client invoice line", columns, (row,))


def _tests(
    key: Key, placed: InvoicedLine, should: Fraction, variance: Fraction, tolerance: Fraction
) -> list[tuple[str, str, bool]]:
    is_priced = placed.lies_in_period and key.basis != "cost_plus" and not key.is_mismatched and variance != 0
    is_other = Fraction(placed.line.unit_price) != should
    return [
        ("INVOICE_PRICE_MISMATCH", "unit_price ≠ pp_line, variance ≠ 0", is_priced and is_other),
        (
            "INVOICE_AMOUNT_MISMATCH",
            "unit_price = pp_line, abs(variance) > tolerance",
            is_priced and abs(variance) > tolerance,
        ),
        ("ROUNDING", "unit_price = pp_line, 0 < abs(variance) ≤ tolerance", is_priced),
    ]
