"""Codes of the basis cost_plus: effective cost with its markup against what is invoiced (contract §4, §5)."""

from __future__ import annotations

from fractions import Fraction

from mbr_pipeline.explain.client_product import Key
from mbr_pipeline.explain.derivation import Derivation, Part, by_sign, first_that_fits
from mbr_pipeline.explain.derive.sides import mapping, span
from mbr_pipeline.explain.exact import half_up, money, plain
from mbr_pipeline.explain.in_period import LineInPeriod
from mbr_pipeline.explain.records import Facts, Finding


def cost_plus(finding: Finding, facts: Facts) -> Derivation:
    """Derive the variance of a key that is billed at cost plus a markup."""
    key = Key(facts, finding.client_id or "", finding.product_code or "")
    markup = Fraction(facts.metering.markup_pct) if facts.metering else Fraction(0)
    cost, charged = key.cost, key.invoiced_amount
    value = cost * (1 + markup / 100)
    wanted = half_up(value, key.places)
    amount = half_up(Fraction(wanted) - charged, key.places)
    code, why = first_that_fits(
        [
            (
                "CURRENCY_MISMATCH",
                "its lines, or its vendor lines, are in another currency",
                key.is_mismatched,
            ),
            (
                "COST_PLUS_UNDERBILLED",
                "basis cost_plus, variance > 0",
                key.basis == "cost_plus" and amount > 0,
            ),
            (
                "COST_PLUS_OVERBILLED",
                "basis cost_plus, variance < 0",
                key.basis == "cost_plus" and amount < 0,
            ),
        ],
        f"variance {money(amount, key.places)}; currencies {', '.join(sorted(_currencies(key))) or 'none'}",
    )
    expected = Part(
        "Expected",
        lines=(
            f"Σ effective cost = {plain(cost)}; markup_pct {plain(markup)}",
            f"{plain(cost)} × (1 + {plain(markup)} / 100) = {plain(value)}",
            f"rounded half-up to {key.places} places: {money(wanted, key.places)} {key.currency}",
        ),
    )
    variance = (
        f"{money(wanted, key.places)} − {money(charged, key.places)} = {money(amount, key.places)}"
        f" {key.currency}"
    )
    return Derivation(
        code=code,
        currency=key.currency,
        places=key.places,
        impacts=by_sign(amount, "client_recoverable", "client_refund"),
        parts=(
            Part("Rules", lines=key.describe()),
            mapping(key.period, key.counted),
            costs(key.counted),
            expected,
            invoiced_amounts(key),
            why,
            Part("Volume variance: expected amount − invoiced amounts", lines=(variance,)),
        ),
        clears=(
            f"invoice lines of this product that come to {money(wanted, key.places)} {key.currency} in P, or"
            " another markup_pct"
        ),
    )


def costs(lines: list[LineInPeriod], title: str = "Vendor lines that count in P") -> Part:
    """Show vendor lines with their effective cost and its sum by currency."""
    rows = tuple(
        (
            p.line.record_id,
            p.line.vendor_customer_id,
            p.line.sku_id,
            p.line.charge_category,
            plain(p.line.quantity),
            plain(p.line.amount),
            p.line.currency,
            span(p.line.charge_period_start, p.line.charge_period_end),
            _share(p),
            plain(p.cost),
        )
        for p in lines
    )
    columns = (
        "record",
        "customer",
        "SKU",
        "category",
        "quantity",
        "amount",
        "currency",
        "charge period",
        "days counted",
        "effective cost",
    )
    sums = [
        "Σ effective cost ="
        f" {plain(sum((p.cost for p in lines if p.line.currency == currency), Fraction(0)))} {currency}"
        for currency in sorted({p.line.currency for p in lines})
    ]
    return Part(title, columns, rows, tuple(sums) or ("none: cost 0",))


def invoiced_amounts(key: Key) -> Part:
    """Show what is invoiced in P: the amount, or the share of its days."""
    rows = tuple(
        (
            i.line.record_id,
            i.line.invoice_line_id,
            money(i.line.amount, key.period.places(i.line.currency)),
            i.line.currency,
            span(i.line.service_period_start, i.line.service_period_end),
            "all of it" if i.lies_in_period else f"{i.days} of {i.service_days}",
            money(i.amount, key.period.places(i.line.currency)),
        )
        for i in key.invoiced
    )
    columns = ("record", "line", "amount", "currency", "service period", "days in P", "invoiced amount in P")
    total = (
        f"Σ invoiced amounts in P = {money(key.invoiced_amount, key.places)} {key.currency}"
        if rows
        else "none: invoiced amount 0"
    )
    return Part("Client invoice lines with days in P", columns, rows, (total,))


def _share(placed: LineInPeriod) -> str:
    return "on one day" if placed.is_of_one_day else f"{placed.counted_days} of {placed.charge_days}"


def _currencies(key: Key) -> set[str]:
    return key.own_currencies | {p.line.currency for p in key.counted}
