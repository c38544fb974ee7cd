"""Which dataset a file is, by its headings and by how its rows hang together.

What belongs here: reasons for and against. What does not: its columns (``propose``). Two datasets that are
about as likely are a question, never a choice.
"""

from __future__ import annotations

from connectors.counted import plural
from connectors.datasets import DATASETS
from mbr_pipeline.profiling.by_rows.days import moments
from mbr_pipeline.profiling.columns.counts import counted_by_words, uncalled_counts
from mbr_pipeline.profiling.headings import folded
from mbr_pipeline.profiling.proposal import Candidate
from mbr_pipeline.profiling.sample import Sample
from mbr_pipeline.profiling.traits import (
    begun_in_many_months,
    called_money,
    columns_of_money,
    columns_of_quantities,
    customers_per_invoice,
    dates_of_invoices,
    headings_like,
    headings_of,
    numeric,
    open_ended,
    periods,
    things,
    totals_of_seats,
)
from mbr_pipeline.profiling.words import kinds
from mbr_pipeline.profiling.words import money_names as names
from mbr_pipeline.profiling.words.meanings import BILLED_HEADINGS
from mbr_pipeline.profiling.words.roles import money_role
from mbr_pipeline.profiling.words.synonyms import AGREEMENTS, HEADINGS

_LEAD = 3.0
"""Points by which the first must be ahead of the second to be certain."""

_MOSTLY = (3, 4)


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


Reasons = list[tuple[str, float]]


def _lines(sample: Sample) -> Reasons:
    """What speaks for lines of bills, of whichever side."""
    found: Reasons = []
    if columns_of_quantities(sample):
        found.append((f"a quantity: {columns_of_quantities(sample)[0]}", 1))
    if columns_of_money(sample):
        found.append((f"money: {columns_of_money(sample)[0]}", 1))
    else:
        found.append(("no money", -5))
    return found


def _charges(sample: Sample) -> Reasons:
    found = _lines(sample)
    own = [h for h in called_money(sample) if (role := money_role(folded(h))) and role[1] > 0]
    if cost := numeric(sample, [*headings_like(sample, kinds.COST), *own]):
        found.append((f"cost: {cost[0]}", 2))
    found += [(f"a vendor's heading: {h}", 1.5) for h in headings_like(sample, kinds.VENDORS_WORDS)[:4]]
    goes_on = open_ended(sample)
    if not goes_on and (own := [h for h in periods(sample) if h != begun_in_many_months(sample)]):
        found.append((f"a period: {own[0]}", 1))
    elif moment := moments(sample):
        found.append((f"each row is measured at a moment: {moment}", 3))
    elif not columns_of_quantities(sample):
        found.append(("neither a quantity nor a period", -3))
    if headings_of(sample, "vendor_charges", "sku_id"):
        found.append(("ids of SKUs", 0.5))
    shape = customers_per_invoice(sample, "vendor_charges")
    if shape and shape[1] > 1:
        found.append((f"one invoice for {plural(shape[1], 'customer')}", 3))
    elif shape and 1 < shape[0] < len(sample.rows):
        all_to_one = ("all invoices are to one customer: the MSP?", 1.0)
        found.append(all_to_one if shape[2] == 1 else ("each invoice has one customer", -2))
    found += [(f"an agreement's heading: {h}", -1) for h in headings_like(sample, AGREEMENTS)[:3]]
    return found


def _invoice_lines(sample: Sample) -> Reasons:
    found = _lines(sample)
    found += [(f"an accounting heading: {h}", 1.5) for h in headings_like(sample, kinds.PSA_WORDS)[:4]]
    if headings_of(sample, "invoice_lines", "invoice_id"):
        found.append(("a number of invoices", 1))
    elif any(kinds.INVOICES & set(folded(h).split()) for h in sample.headings if h):
        found.append(("no number of invoices, but they are named", -1))
    else:
        found.append(("no number of invoices", -3))
    if dates := dates_of_invoices(sample):
        found.append((f"dates of invoices: {dates[0]}", 1))
    shape = customers_per_invoice(sample, "invoice_lines")
    if shape and shape[1] > 1:
        found.append((f"one invoice for {plural(shape[1], 'customer')}", -3))
    elif shape and 1 < shape[0] < len(sample.rows):
        all_to_one = ("all invoices are to one customer: the MSP?", -1.0)
        found.append(all_to_one if shape[2] == 1 else ("each invoice has one customer", 3))
    found += [(f"an agreement's heading: {h}", -1) for h in headings_like(sample, AGREEMENTS)[:2]]
    found += [(f"a vendor's heading: {h}", -0.5) for h in headings_like(sample, kinds.VENDORS_WORDS)[:2]]
    return found


def _agreements(sample: Sample) -> Reasons:
    found = _lines(sample)
    named = headings_like(sample, AGREEMENTS)
    found += [(f"an agreement's heading: {h}", 2) for h in named[:4]]
    goes_on = columns_of_quantities(sample) and open_ended(sample)
    if goes_on and (named or not begun_in_many_months(sample)):
        found.append((f"half the rows or more have no end: {goes_on}", 2))  # so have a vendor's subscriptions
    if columns_of_quantities(sample) and (began := begun_in_many_months(sample)):
        found.append((f"each row began in its own month: {began}", 2))
    elif not headings_like(sample, HEADINGS["agreements"]["effective_start"], least=97):
        found.append(("no start of an agreement", -4))
    if headings_like(sample, BILLED_HEADINGS):
        found.append(("says what the client is billed", 2))
    shape = customers_per_invoice(sample, "vendor_charges")
    if shape and shape[1] > 1:
        found.append((f"one invoice for {shape[1]} customers", -6))
    elif headings_of(sample, "invoice_lines", "invoice_id"):
        found.append(("a number of invoices", -4))
    return found


def _counts(sample: Sample) -> Reasons:
    found: Reasons = [(f"seats: {h}", 2.5) for h in numeric(sample, headings_like(sample, kinds.SEATS))[:2]]
    if not found and (whole := totals_of_seats(sample)):
        found.append((f"seats: {whole[0]}", 2.5))
    elif not found and (counted := counted_by_words(sample)):
        found.append((f"seats: {counted[0]}", 2.5))
    elif not found and columns_of_quantities(sample):
        found.append((f"a quantity: {columns_of_quantities(sample)[0]}", 1))
    if not found and len(wide := uncalled_counts(sample)) > 1:
        found.append((f"columns that count: {wide[0]}", 1))
    users = headings_like(sample, "user principal name|upn")
    licensed = headings_like(sample, "licenses|licences|license|licence|lizenzen|licencias|licentie|licenze")
    if not found and users and licensed and len(set(sample.values(users[0]))) == len(sample.rows):
        found.append((f"another user in every row: {users[0]}", 2.5))
    elif not found and (thing := things(sample)):
        found.append((f"another thing of a customer in every row: {thing}", 2.5))
    elif not found:
        found.append(("no number of seats", -5))
    if columns_of_money(sample):
        found.append((f"money: {columns_of_money(sample)[0]}", -4))
    else:
        found.append(("no money", 2))
    if headings_of(sample, "license_counts", "sku_id") or headings_of(sample, "license_counts", "sku_name"):
        found.append(("SKUs or licences", 1.5))
    if headings_of(sample, "license_counts", "vendor_customer_id"):
        found.append(("ids of customers", 1))
    return found


def _invoices(sample: Sample) -> Reasons:
    found: Reasons = []
    ids = headings_of(sample, "vendor_invoices", "invoice_id")
    found.append((f"a number of invoices: {ids[0]}", 2) if ids else ("no number of invoices", -5))
    if ids and len(set(sample.values(ids[0]))) == len(sample.rows):
        found.append(("another invoice in every row", 2 if len(sample.rows) > 1 else 0.5))
    else:
        found.append(("invoices repeat", -4))
    if numeric(sample, headings_like(sample, names.INVOICE_TOTALS)):
        found.append(("totals", 1))
    else:
        found.append(("no totals", -3))
    if headings_of(sample, "vendor_invoices", "invoice_date"):
        found.append(("dates of invoices", 1.5))
    if not columns_of_money(sample):
        found.append(("no money", -3))
    found.append(
        (f"a quantity: {columns_of_quantities(sample)[0]}", -4)
        if columns_of_quantities(sample)
        else ("no quantity", 1)
    )
    return found


def _clients(sample: Sample) -> Reasons:
    found: Reasons = []
    found.append(("money", -4) if columns_of_money(sample) else ("no money", 1))
    found.append(("quantities", -4) if columns_of_quantities(sample) else ("no quantity", 1))
    called = headings_of(sample, "clients", "client_name")
    found.append((f"names: {called[0]}", 2) if called else ("no names of companies", -4))
    if called and len(set(sample.values(called[0]))) == len(sample.rows):
        found.append(("another company in every row", 2 if len(sample.rows) > 1 else 0.5))
    elif called and len(set(sample.values(called[0]))) * _MOSTLY[1] >= len(sample.rows) * _MOSTLY[0]:
        found.append(("another company in most rows", 1))
    else:
        found.append(("companies repeat", -3))
    if things(sample):
        found.append(("rows of one customer", -6))
    wide = uncalled_counts(sample)
    if len(wide) > 1 or any("usage" in folded(heading).split() for heading in wide):
        found.append((f"columns that count: {wide[0]}", -4))
    if people := headings_like(sample, kinds.PEOPLE):
        found.append((f"people, not companies: {people[0]}", -8))
    found += [(f"a heading of addresses: {h}", 1) for h in headings_like(sample, kinds.ADDRESSES)[:3]]
    skus = "|".join(
        name
        for name in f"sku|product|license|item|service|{HEADINGS['license_counts']['sku_id']}".split("|")
        if name not in ("codice", "ref")
    )
    if counted_by_words(sample) or any(headings_like(sample, listed) for listed in (kinds.SEATS, skus)):
        found.append(("products or seats", -3))
    return found


def _products(sample: Sample) -> Reasons:
    found: Reasons = []
    listed = (HEADINGS["products"]["product_name"], HEADINGS["products"]["product_code"].split(">")[0])
    called = [heading for names_of in listed for heading in headings_like(sample, names_of, least=98)]
    found.append((f"names of products: {called[0]}", 2) if called else ("no products", -5))
    if called and len(set(sample.values(called[0]))) == len(sample.rows):
        found.append(("another product in every row", 2 if len(sample.rows) > 1 else 0.5))
    else:
        found.append(("products repeat", -3))
    found.append(("quantities", -3) if columns_of_quantities(sample) else ("no quantity", 1))
    if invoices := headings_of(sample, "invoice_lines", "invoice_id"):
        found.append(("invoices", -3))
        if len(set(sample.values(invoices[0]))) < len(sample.rows):
            found.append(("several rows of one invoice", -3))
    elif periods(sample):
        found.append(("periods", -3))
    if things(sample):
        found.append(("things of customers", -6))
    elif headings_like(sample, HEADINGS["vendor_charges"]["vendor_customer_name"]):
        found.append(("customers", -3))
    income = "sales price|income account|sales description|cost|price|unit price|category|class|taxable"
    found += [(f"a heading of a catalogue: {h}", 1) for h in headings_like(sample, income)[:3]]
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
