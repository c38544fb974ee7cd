"""Faults of the landed data itself (contract §5.5): each must block the gate of the last period.

They damage whole datasets, so they run after the totals are tied out and cannot be mixed with findings,
except COVERAGE_TOO_LOW, which leaves every key comparable. CONSERVATION_BROKEN is a fault of the product, not
of data: no injection.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

from mbr_pipeline.scaffold.world.arithmetic import EXPONENTS, day_of, last_day, minor_unit, next_period
from mbr_pipeline.scaffold.world.file_formats import to_csv
from mbr_pipeline.scaffold.world.inject.mapping import unmapped_sku
from mbr_pipeline.scaffold.world.inject.site import InjectionSite
from mbr_pipeline.scaffold.world.model import (
    AGREEMENTS,
    CLIENTS,
    COLUMNS,
    INVOICE_LINES,
    LICENSE_COUNTS,
    PSA,
    VENDOR_CHARGES,
    VENDOR_INVOICES,
    Landed,
    Row,
    Size,
)

Place = tuple[str, str]

_MISSING: dict[Size, Place] = {
    "minor": (PSA, CLIENTS),
    "typical": ("pax8", LICENSE_COUNTS),
    "gross": ("microsoft", VENDOR_CHARGES),
}
_EMPTY: dict[Size, Place] = {
    "minor": ("huntress", LICENSE_COUNTS),
    "typical": ("microsoft", VENDOR_CHARGES),
    "gross": (PSA, INVOICE_LINES),
}


def _landed(site: InjectionSite, place: Place) -> Landed:
    return site.book.landed(site.period, *place)


def source_missing(site: InjectionSite, size: Size) -> None:
    """A declared dataset has no file at all."""
    site.book.landing.pop((site.period, *_MISSING[size]), None)


def source_empty(site: InjectionSite, size: Size) -> None:
    """A dataset that must have rows is a header only."""
    _landed(site, _EMPTY[size]).rows = []


def schema_drift(site: InjectionSite, size: Size) -> None:
    """A required column renamed away, a column repeated, or one file of several without the amount."""
    if size == "minor":
        _landed(site, (PSA, CLIENTS)).omit.add("client_name")
    elif size == "typical":
        _landed(site, ("pax8", VENDOR_INVOICES)).repeat = "invoice_total"
    else:
        landed = _landed(site, (PSA, INVOICE_LINES))
        columns = [column for column in COLUMNS[INVOICE_LINES] if column != "amount"]
        extra = {**landed.rows[0], "invoice_line_id": f"drift-{site.index}"}
        landed.raw_files["invoice_lines.late delivery.csv"] = to_csv(columns, [extra], False, "\n")


def row_rejected(site: InjectionSite, size: Size) -> None:
    """A count that is no number, a recurring client line of no days and too many decimals, or one
    id with two contents; of the second kind, a number that a rule makes too large.
    """
    if site.is_other:
        _too_large(site, size)
    elif size == "minor":
        site.book.rows(site.period, "pax8", LICENSE_COUNTS).append(
            {
                "vendor_customer_id": "00000",
                "sku_id": "00012",
                "as_of_date": site.first,
                "entitled_quantity": "1e3",
            }
        )
    elif size == "typical":
        rows = site.book.rows(site.period, PSA, INVOICE_LINES)
        line = {**rows[0], "charge_category": "recurring", "service_period_start": site.first}
        rows.append({**line, "invoice_line_id": f"empty-{site.index}", "service_period_end": site.first})
        too_fine = Decimal((0, (1,), -EXPONENTS[str(line["currency"])] - 1))
        rows.append(
            {
                **line,
                "invoice_line_id": f"fine-{site.index}",
                "amount": too_fine,
                "service_period_end": site.end,
            }
        )
    else:
        rows = site.book.rows(site.period, "pax8", VENDOR_CHARGES)
        amount = rows[0]["amount"]
        assert isinstance(amount, Decimal)
        rows.append({**rows[0], "amount": amount + 1})


def _too_large(site: InjectionSite, size: Size) -> None:
    """Seats in units of the product, a price by the least quantity, or an amount with its markup: each is
    exactly at its bound (readings, numbers that are too large together).
    """
    subject = site.subject()
    if size == "minor":
        (rule,) = (row for row in site.book.rules["sku_map"] if row["sku_id"] == subject.sku_id)
        rule["units_per"] = Decimal(10**6)
        site.snapshot(subject, site.first, 10**6)
    elif size == "typical":
        site.metering(subject, "agreement", minimum_quantity=Decimal(10**9))
        site.agreement(subject, unit_price=Decimal(10**6))
    else:
        site.metering(subject, "cost_plus", markup_pct=Decimal(900))
        site.vendor(subject, 1, unit_cost=Decimal(10**14))


def reference_missing(site: InjectionSite, size: Size) -> None:
    """An agreement of an unknown product, a client line of one, or a client line of an unknown client."""
    dataset = AGREEMENTS if size == "minor" else INVOICE_LINES
    rows = site.book.rows(site.period, PSA, dataset)
    column, identity = (
        ("client_id", "invoice_line_id") if size == "gross" else ("product_code", "agreement_line_id")
    )
    if size == "typical":
        identity = "invoice_line_id"
    rows.append({**rows[0], identity: f"lost-{site.index}", column: f"unknown-{site.index}"})
    if column == "product_code":
        # a SKU is said to be it: that it is not in the register is all that is wrong
        rule: Row = {
            "source": "pax8",
            "sku_id": f"lost-{site.index}",
            "product_code": f"unknown-{site.index}",
        }
        site.book.rules["sku_map"].append(rule)


def control_total(site: InjectionSite, size: Size) -> None:
    """A total one minor unit off, lines whose invoice never came, or a line in another
    currency than its invoice.
    """
    invoices = site.book.rows(site.period, "pax8", VENDOR_INVOICES)
    invoice = invoices[site.index % len(invoices)]
    currency, total = str(invoice["currency"]), invoice["invoice_total"]
    assert isinstance(total, Decimal)
    if size == "minor":
        invoice["invoice_total"] = total + minor_unit(currency)
    elif size == "typical":
        invoices.remove(invoice)
    else:
        rows = site.book.rows(site.period, "pax8", VENDOR_CHARGES)
        fee = next(
            row
            for row in rows
            if row["invoice_id"] == invoice["invoice_id"] and row["charge_category"] != "tax"
        )
        day: date = day_of(next_period(site.period), 1)
        strange: Row = {"currency": "CHF", "line_id": f"x-{site.index}", "charge_category": "adjustment"}
        rows.append({**fee, **strange, "charge_period_start": site.first, "charge_period_end": day})


_COUNTING: dict[Size, Place] = {
    "minor": ("huntress", LICENSE_COUNTS),
    "typical": ("pax8", LICENSE_COUNTS),
    "gross": ("microsoft", LICENSE_COUNTS),
}


def source_stale(site: InjectionSite, size: Size) -> None:
    """All counts of a source are of the month before, or, when gross, of the one after."""
    months = 1 if size == "gross" else -1
    day = last_day(next_period(site.period, months))
    landed = _landed(site, _COUNTING[size])
    landed.rows = [{**row, "as_of_date": day} for row in landed.rows]


def double_landing(site: InjectionSite, size: Size) -> None:
    """A corrected file of counts beside the one that it corrects: of one row, of half of them, or of all."""
    landed = _landed(site, _COUNTING[size])
    count = {"minor": 1, "typical": len(landed.rows) // 2, "gross": len(landed.rows)}[size]
    rows: list[Row] = [{**row, "entitled_quantity": Decimal(77)} for row in landed.rows[:count]]
    columns = list(COLUMNS[LICENSE_COUNTS])
    landed.raw_files["license_counts.corrected.csv"] = to_csv(columns, rows, False, "\n")


def coverage_too_low(site: InjectionSite, size: Size) -> None:
    """All recurring and usage amounts must be mapped, and some are not; the unmapped SKU is
    a finding as well.
    """
    unmapped_sku(site, size)
    site.workspace.policies["min_coverage_pct"] = "100"
    site.block("COVERAGE_TOO_LOW")


PREPARED_CODES: dict[str, Callable[[InjectionSite, Size], None]] = {"COVERAGE_TOO_LOW": coverage_too_low}
"""Control codes brought about by lines, before totals are tied out."""

CONTROL_CODES: dict[str, Callable[[InjectionSite, Size], None]] = {
    "SOURCE_MISSING": source_missing,
    "SOURCE_EMPTY": source_empty,
    "SCHEMA_DRIFT": schema_drift,
    "ROW_REJECTED": row_rejected,
    "REFERENCE_MISSING": reference_missing,
    "CONTROL_TOTAL_MISMATCH": control_total,
    "SOURCE_STALE": source_stale,
    "DOUBLE_LANDING": double_landing,
}
"""Control codes brought about by damaging datasets, after totals are tied out."""
