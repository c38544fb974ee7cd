"""Codes of single client invoice lines: the price and amount a line should carry (contract §4.7, §5.2)."""

from __future__ import annotations

from fractions import Fraction

from mbr_pipeline.explain.case import Case
from mbr_pipeline.explain.derivation import Derivation, Part, concluded, first_that_fits, the_one
from mbr_pipeline.explain.derive.quantities import agreement_lines, span
from mbr_pipeline.explain.derive.rules_of_key import line_price as why_this_price
from mbr_pipeline.explain.derive.rules_of_key import rules
from mbr_pipeline.explain.exact import money, plain
from mbr_pipeline.explain.records import Finding
from mbr_pipeline.recompute.findings.client import line_conditions, tolerance
from mbr_pipeline.recompute.findings.finding import LINE_CODES
from mbr_pipeline.recompute.keys import LinePrice, overlap_of
from mbr_pipeline.recompute.money import places_of
from mbr_pipeline.recompute.periods import Period
from mbr_pipeline.recompute.reading.records import InvoiceLine

_WHEN = {
    "INVOICE_PRICE_MISMATCH": "unit_price ≠ pp_line, variance ≠ 0",
    "INVOICE_AMOUNT_MISMATCH": "unit_price = pp_line, abs(variance) > tolerance",
    "ROUNDING": "unit_price = pp_line, 0 < abs(variance) ≤ tolerance",
}


def line_price(finding: Finding, case: Case) -> Derivation:
    """Show the price variance of the invoice line that the finding names."""
    key, period = case.key(finding), case.period
    named = (
        line for line in key.invoice_lines if line.id == (finding.source, finding.invoice_id, finding.line_id)
    )
    line = the_one(named, f"invoice line {finding.line_id}")
    priced = key.line_prices.get(line.id)
    found = case.found(finding, LINE_CODES)
    allowed = money(tolerance(line.currency, case.policies), places_of(line.currency))
    figures = "it has no price variance: it reaches outside P, or its key is not compared by units"
    if priced:
        variance = money(priced.variance, places_of(line.currency))
        prices = f"unit_price {plain(line.unit_price)}, pp_line {plain(priced.price.unit_price)}"
        figures = f"{prices}; variance {variance}, tolerance {allowed}"
    parts = (
        rules(case, key),
        _line(line, period),
        agreement_lines(key, period),
        Part("Price variance", lines=_amounts(line, priced, period) if priced else (figures,)),
        first_that_fits(line_conditions(line, priced, case.policies), _WHEN, figures),
    )
    return concluded(found, line.currency, parts, _clears(found.code if found else None, line, priced))


def _amounts(line: InvoiceLine, priced: LinePrice, period: Period) -> tuple[str, ...]:
    places, currency, price = places_of(line.currency), line.currency, plain(priced.price.unit_price)
    wanted, variance = money(priced.due, places), money(priced.variance, places)
    terms = f"{price} × {plain(line.quantity)} × {line.days} / {period.days}"
    return (
        f"pp_line = {price} {currency} a full month: {why_this_price(line, priced.price)}",
        f"{terms} = {plain(priced.value)}",
        f"rounded half-up to {places} places: {wanted} {currency}",
        f"{wanted} − {money(line.amount, places)} as invoiced = {variance} {currency}",
    )


def _clears(code: str | None, line: InvoiceLine, priced: LinePrice | None) -> str:
    if code == "ROUNDING":
        return "nothing to do: within the rounding tolerance it is cleared by itself"
    price, due = (priced.price.unit_price, priced.due) if priced else (line.unit_price, Fraction(line.amount))
    wanted = f"{money(due, places_of(line.currency))} {line.currency}"
    more = ", or a corrected agreement or list price" if code == "INVOICE_PRICE_MISMATCH" else ""
    return f"invoice line {line.invoice_line_id} at {plain(price)} with amount {wanted}{more}"


def _line(line: InvoiceLine, period: Period) -> Part:
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
        money(line.amount, places_of(line.currency)),
        line.currency,
        span(line.service_period_start, line.service_period_end),
        str(overlap_of(line, period)),
        line.agreement_line_id or "",
    )
    return Part("The client invoice line", columns, (row,))
