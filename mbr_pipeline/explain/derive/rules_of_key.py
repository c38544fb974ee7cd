"""Which rules make a client and product what it is in P: its basis, its currency, the price that values it
(contract §1, §4).

What belongs here: saying why the second engine chose what it chose. What does not: choosing.
"""

from __future__ import annotations

from mbr_pipeline.explain.case import Case
from mbr_pipeline.explain.derivation import Part
from mbr_pipeline.explain.exact import plain
from mbr_pipeline.recompute.keys import Key
from mbr_pipeline.recompute.money import places_of
from mbr_pipeline.recompute.prices import Price
from mbr_pipeline.recompute.reading.records import Agreement, InvoiceLine

_CURRENCY_FROM = {
    "invoice": "that of its invoice lines",
    "agreement": "that of its active agreement lines",
    "ended agreement": "that of the agreement line last in force before P",
    "client": "the only one that the client's invoice and agreement lines have in P",
    "product": "that of the product",
    "vendor": "that of its vendor lines",
    "none": "nothing of the key has any",
}


def rules(case: Case, key: Key) -> Part:
    """Say which rules make the key what it is."""
    period, meter = case.period, key.meter
    return Part(
        "Rules",
        lines=(
            f"P is {period.text}: {period.start} to before {period.end}, D = {period.days} days",
            basis(case, key),
            *((f"minimum_quantity {plain(meter.minimum_quantity)}",) if meter.minimum_quantity else ()),
            *((f"count_source {meter.count_source}",) if meter.count_source else ()),
            (
                f"currency {key.currency or 'none'}: {_CURRENCY_FROM[key.currency_from]}; amounts round"
                f" half-up to {places_of(key.currency)} places"
            ),
        ),
    )


def basis(case: Case, key: Key) -> str:
    """Say how the product is counted, and which rule says so."""
    backed = "" if key.vendor_backed else "not "
    default = f"the default: no row in metering.csv, the product is {backed}vendor-backed"
    where = case.rule("metering", key.meter.line) if key.meter.line is not None else default
    return f"basis {key.basis}: {where}"


def volume_price(case: Case, price: Price) -> str:
    """Say why this price values the volume variance."""
    record = price.record
    if isinstance(record, Agreement):
        until = price.last_day
        is_now = until == case.period.last_day
        when = f"in force on {until}" if is_now else f"last in force on {until}, none later"
        latest = f", the latest of {price.among} by start and id" if price.among > 1 else ""
        return f"agreement line {record.agreement_line_id} ({record.record_id}), {when}{latest}"
    if isinstance(record, InvoiceLine):
        where = f"invoice line {record.invoice_line_id} ({record.record_id})"
        return f"neither agreement nor list price; {where} starts latest"
    return f"no agreement line was ever in force; list price of the product ({record.record_id})"


def line_price(line: InvoiceLine, price: Price) -> str:
    """Say why an invoice line should be charged at this price."""
    record, named = price.record, line.agreement_line_id
    if isinstance(record, Agreement) and price.named:
        return f"the agreement line it names, {record.agreement_line_id} ({record.record_id})"
    why = (
        f"agreement line {named} is not the key's or not active on {line.service_period_start}"
        if named
        else "it names no agreement line"
    )
    if isinstance(record, Agreement):
        where = f"agreement line {record.agreement_line_id} ({record.record_id})"
        return f"{why}; {where} is in force on {line.service_period_start}"
    if isinstance(record, InvoiceLine):
        return f"{why}, none is in force, no list price in {line.currency}; its own price stands"
    return f"{why}, none is in force; list price of the product ({record.record_id})"
