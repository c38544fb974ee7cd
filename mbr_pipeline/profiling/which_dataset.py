"""Which dataset a file is, by its headings and by how its rows hang together.

What belongs here: reasons for and against. What does not: its columns (``propose``). Two datasets that are
about as likely are a question, never a choice.
"""

from __future__ import annotations

import re

from connectors.datasets import DATASETS
from mbr_pipeline.profiling.by_rows.days import moments
from mbr_pipeline.profiling.columns.counts import counted_by_words, uncalled_counts
from mbr_pipeline.profiling.columns.numbers import beside_units
from mbr_pipeline.profiling.headings import folded, score
from mbr_pipeline.profiling.proposal import Candidate
from mbr_pipeline.profiling.sample import Sample
from mbr_pipeline.profiling.styles import date_forms, number_styles
from mbr_pipeline.profiling.words import kinds
from mbr_pipeline.profiling.words import money_names as names
from mbr_pipeline.profiling.words.meanings import BILLED_HEADINGS
from mbr_pipeline.profiling.words.roles import is_measure, money_role
from mbr_pipeline.profiling.words.synonyms import AGREEMENTS, HEADINGS, MONTHS

_LEAD = 3.0
"""Points by which the first must be ahead of the second to be certain."""

_MOSTLY = (3, 4)

_DECIMAL = re.compile(r"\W{0,3}[0-9][0-9.,' \u00a0\u202f]*[.,][0-9]{2}\s?(?:€|\$|£|[A-Z]{3})?")


def candidates(sample: Sample) -> tuple[Candidate, ...]:
    """Return every dataset with points for it and the reasons, the likeliest first."""
    found = [_candidate(sample, name) for name in DATASETS]
    return tuple(sorted(found, key=lambda candidate: -candidate.points))


def is_certain(found: tuple[Candidate, ...]) -> bool:
    """Whether the first is far enough ahead."""
    return found[0].points >= _LEAD and found[0].points - found[1].points >= _LEAD


def _candidate(sample: Sample, name: str) -> Candidate:
    points, reasons = 0.0, []
    for text, worth in _REASONS[name](sample):
        points += worth
        reasons.append(f"{text} ({worth:+g})")
    return Candidate(name, points, tuple(reasons))


def _has(sample: Sample, listed: str, *, least: float = 99) -> list[str]:
    return [h for h in sample.headings if h and sample.values(h) and score(h, listed)[0] >= least]


def _numeric(sample: Sample, headings: list[str]) -> list[str]:
    return [h for h in headings if number_styles(sample.values(h)).styles]


def _money(sample: Sample) -> list[str]:
    """Return columns of money: by their names, or by cells with decimals, whatever they are called."""
    listed = f"{names.PRICES}|{names.OWN_PRICES}|{names.CLIENT_PRICES}|{names.AMOUNTS}|{names.OWN_AMOUNTS}"
    called = [h for h in _has(sample, listed) if any(c.isdigit() for c in sample.values(h)[0])]
    by_words = [h for h in _numeric(sample, _by_words(sample)) if h not in called]
    decimals = [
        h
        for h in sample.headings
        if h
        and not is_measure(folded(h))
        and h not in (*called, *by_words)
        and sum(map(_is_decimal, texts := sample.values(h))) * 2 > len(texts)
    ]
    return [*called, *by_words, *decimals]


def _by_words(sample: Sample) -> list[str]:
    called = [h for h in sample.headings if h and sample.values(h) and money_role(folded(h))]
    return [h for h in called if not any("%" in text for text in sample.values(h))]


def _is_decimal(text: str) -> bool:
    return bool(_DECIMAL.fullmatch(text))


def _quantities(sample: Sample) -> list[str]:
    called = _numeric(sample, _has(sample, names.QUANTITIES))
    return called or counted_by_words(sample) or beside_units(sample)


def _named(sample: Sample, dataset: str, column: str) -> list[str]:
    return _has(sample, HEADINGS[dataset][column], least=98)


def _period(sample: Sample) -> list[str]:
    listed = [HEADINGS["vendor_charges"][c] for c in ("charge_period_start", "charge_period_end")]
    listed.append(f"{MONTHS}|billing cycle")
    return [h for text in listed for h in _has(sample, text, least=98) if date_forms(sample.values(h))]


def _customers_per_invoice(sample: Sample, dataset: str) -> tuple[int, int] | None:
    """Return the number of invoices, and the most customers that one has."""
    invoices = _named(sample, dataset, "invoice_id")
    customers = _named(sample, "vendor_charges", "vendor_customer_id") or _named(
        sample, "vendor_charges", "vendor_customer_name"
    )
    if not invoices or not customers:
        return None
    found: dict[str, set[str]] = {}
    for row in sample.rows:
        if row.get(invoices[0]) and row.get(customers[0]):
            found.setdefault(row[invoices[0]], set()).add(row[customers[0]])
    return (len(found), max(map(len, found.values()))) if found else None


def _dates_of_invoices(sample: Sample) -> list[str]:
    listed = (HEADINGS["invoice_lines"]["invoice_date"], HEADINGS["invoice_lines"]["due_date"])
    return [h for names_of in listed for h in _has(sample, names_of, least=98)]


Reasons = list[tuple[str, float]]


def _lines(sample: Sample) -> Reasons:
    """What speaks for lines of bills, of whichever side."""
    found: Reasons = []
    if _quantities(sample):
        found.append((f"a quantity: {_quantities(sample)[0]}", 1))
    if _money(sample):
        found.append((f"money: {_money(sample)[0]}", 1))
    else:
        found.append(("no money", -5))
    return found


def _charges(sample: Sample) -> Reasons:
    found = _lines(sample)
    own = [h for h in _by_words(sample) if (role := money_role(folded(h))) and role[1] > 0]
    if cost := _numeric(sample, [*_has(sample, kinds.COST), *own]):
        found.append((f"cost: {cost[0]}", 2))
    found += [(f"a vendor's heading: {h}", 1.5) for h in _has(sample, kinds.VENDORS_WORDS)[:4]]
    if _period(sample):
        found.append((f"a period: {_period(sample)[0]}", 1))
    elif moment := moments(sample):
        found.append((f"each row is measured at a moment: {moment}", 3))
    elif not _quantities(sample):
        found.append(("neither a quantity nor a period", -3))
    if _named(sample, "vendor_charges", "sku_id"):
        found.append(("ids of SKUs", 0.5))
    shape = _customers_per_invoice(sample, "vendor_charges")
    if shape and shape[1] > 1:
        found.append((f"one invoice for {shape[1]} customers", 3))
    elif shape and 1 < shape[0] < len(sample.rows):
        found.append(("each invoice has one customer", -2))
    found += [(f"an agreement's heading: {h}", -1) for h in _has(sample, AGREEMENTS)[:3]]
    return found


def _invoice_lines(sample: Sample) -> Reasons:
    found = _lines(sample)
    found += [(f"an accounting heading: {h}", 1.5) for h in _has(sample, kinds.PSA_WORDS)[:4]]
    if _named(sample, "invoice_lines", "invoice_id"):
        found.append(("a number of invoices", 1))
    elif any(kinds.INVOICES & set(folded(h).split()) for h in sample.headings if h):
        found.append(("no number of invoices, but they are named", -1))
    else:
        found.append(("no number of invoices", -3))
    if dates := _dates_of_invoices(sample):
        found.append((f"dates of invoices: {dates[0]}", 1))
    shape = _customers_per_invoice(sample, "invoice_lines")
    if shape and shape[1] > 1:
        found.append((f"one invoice for {shape[1]} customers", -3))
    elif shape and 1 < shape[0] < len(sample.rows):
        found.append(("each invoice has one customer", 3))
    found += [(f"an agreement's heading: {h}", -1) for h in _has(sample, AGREEMENTS)[:2]]
    found += [(f"a vendor's heading: {h}", -0.5) for h in _has(sample, kinds.VENDORS_WORDS)[:2]]
    return found


def _agreements(sample: Sample) -> Reasons:
    found = _lines(sample)
    found += [(f"an agreement's heading: {h}", 2) for h in _has(sample, AGREEMENTS)[:4]]
    if not _has(sample, HEADINGS["agreements"]["effective_start"], least=97):
        found.append(("no start of an agreement", -4))
    if _has(sample, BILLED_HEADINGS):
        found.append(("says what the client is billed", 2))
    if _named(sample, "invoice_lines", "invoice_id"):
        found.append(("a number of invoices", -4))
    return found


def _counts(sample: Sample) -> Reasons:
    found: Reasons = [(f"seats: {h}", 2.5) for h in _numeric(sample, _has(sample, kinds.SEATS))[:2]]
    if not found and (counted := counted_by_words(sample)):
        found.append((f"seats: {counted[0]}", 2.5))
    elif not found and _quantities(sample):
        found.append((f"a quantity: {_quantities(sample)[0]}", 1))
    if not found and len(wide := uncalled_counts(sample)) > 1:
        found.append((f"columns that count: {wide[0]}", 1))
    if not found:
        found.append(("no number of seats", -5))
    if _money(sample):
        found.append((f"money: {_money(sample)[0]}", -4))
    else:
        found.append(("no money", 2))
    if _named(sample, "license_counts", "sku_id") or _named(sample, "license_counts", "sku_name"):
        found.append(("SKUs or licences", 1.5))
    if _named(sample, "license_counts", "vendor_customer_id"):
        found.append(("ids of customers", 1))
    return found


def _invoices(sample: Sample) -> Reasons:
    found: Reasons = []
    ids = _named(sample, "vendor_invoices", "invoice_id")
    found.append((f"a number of invoices: {ids[0]}", 2) if ids else ("no number of invoices", -5))
    if ids and len(set(sample.values(ids[0]))) == len(sample.rows):
        found.append(("another invoice in every row", 2 if len(sample.rows) > 1 else 0.5))
    else:
        found.append(("invoices repeat", -4))
    if _numeric(sample, _has(sample, names.INVOICE_TOTALS)):
        found.append(("totals", 1))
    else:
        found.append(("no totals", -3))
    if _named(sample, "vendor_invoices", "invoice_date"):
        found.append(("dates of invoices", 1.5))
    found.append((f"a quantity: {_quantities(sample)[0]}", -4) if _quantities(sample) else ("no quantity", 1))
    return found


def _clients(sample: Sample) -> Reasons:
    found: Reasons = []
    found.append(("money", -4) if _money(sample) else ("no money", 1))
    found.append(("quantities", -4) if _quantities(sample) else ("no quantity", 1))
    called = _named(sample, "clients", "client_name")
    found.append((f"names: {called[0]}", 2) if called else ("no names of companies", -4))
    if called and len(set(sample.values(called[0]))) == len(sample.rows):
        found.append(("another company in every row", 2 if len(sample.rows) > 1 else 0.5))
    elif called and len(set(sample.values(called[0]))) * _MOSTLY[1] >= len(sample.rows) * _MOSTLY[0]:
        found.append(("another company in most rows", 1))
    else:
        found.append(("companies repeat", -3))
    wide = uncalled_counts(sample)
    if len(wide) > 1 or any("usage" in folded(heading).split() for heading in wide):
        found.append((f"columns that count: {wide[0]}", -4))
    if people := _has(sample, kinds.PEOPLE):
        found.append((f"people, not companies: {people[0]}", -8))
    contact = "email|phone|phone number|address|address line 1|city|zip|postal code|country|website|territory"
    found += [(f"a heading of addresses: {h}", 1) for h in _has(sample, contact)[:3]]
    skus = "|".join(
        name
        for name in f"sku|product|license|item|service|{HEADINGS['license_counts']['sku_id']}".split("|")
        if name not in ("codice", "ref")
    )
    if counted_by_words(sample) or any(_has(sample, listed) for listed in (kinds.SEATS, skus)):
        found.append(("products or seats", -3))
    return found


def _products(sample: Sample) -> Reasons:
    found: Reasons = []
    listed = (HEADINGS["products"]["product_name"], HEADINGS["products"]["product_code"].split(">")[0])
    called = [heading for names_of in listed for heading in _has(sample, names_of, least=98)]
    found.append((f"names of products: {called[0]}", 2) if called else ("no products", -5))
    if called and len(set(sample.values(called[0]))) == len(sample.rows):
        found.append(("another product in every row", 2 if len(sample.rows) > 1 else 0.5))
    else:
        found.append(("products repeat", -3))
    found.append(("quantities", -3) if _quantities(sample) else ("no quantity", 1))
    if invoices := _named(sample, "invoice_lines", "invoice_id"):
        found.append(("invoices", -3))
        if len(set(sample.values(invoices[0]))) < len(sample.rows):
            found.append(("several rows of one invoice", -3))
    elif _period(sample):
        found.append(("periods", -3))
    if _has(sample, HEADINGS["vendor_charges"]["vendor_customer_name"]):
        found.append(("customers", -3))
    income = "sales price|income account|sales description|cost|price|unit price|category|class|taxable"
    found += [(f"a heading of a catalogue: {h}", 1) for h in _has(sample, income)[:3]]
    return found


_REASONS = {
    "clients": _clients,
    "products": _products,
    "vendor_invoices": _invoices,
    "vendor_charges": _charges,
    "license_counts": _counts,
    "agreements": _agreements,
    "invoice_lines": _invoice_lines,
}
