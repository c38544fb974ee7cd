"""The product of a line under a heading that no list names: what customers share and what decides the price.

What belongs here: what rows show of products. What does not: ids and names known by their headings
(``columns.identifiers``).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from connectors.datasets import Dataset
from connectors.mapped.words import TODO
from mbr_pipeline.mapping_help.text_folding import word_set
from mbr_pipeline.profiling.by_rows.codes import is_at_several
from mbr_pipeline.profiling.by_rows.price_of_all import has_one_price
from mbr_pipeline.profiling.by_rows.unused import (
    customer_of,
    go_together,
    is_of_ids,
    is_running,
    is_text,
    stands_with,
    unused,
)
from mbr_pipeline.profiling.headings import folded, score
from mbr_pipeline.profiling.numbers import Column, Numbers, read_numbers
from mbr_pipeline.profiling.proposal import Proposal, heading_of
from mbr_pipeline.profiling.sample import Sample
from mbr_pipeline.profiling.styles import date_forms
from mbr_pipeline.profiling.words.concepts import concept_of
from mbr_pipeline.profiling.words.meanings import MEANINGS
from mbr_pipeline.profiling.words.synonyms import HEADINGS

_FEWEST = 2
_SHORT = 3
_SURELY = 97
_ROWS = 300
"""So many rows tell which column is the product."""
_MOSTLY = (3, 5)
_ENDS_WITH = word_set(
    "product produkt produit producto prodotto produto article artikel articulo item service plan package"
    " edition bundle license licence lizenz"
)


def subscriptions(proposal: Proposal, sample: Sample) -> None:
    """A subscription is of one customer: what several customers have under that name is what they subscribe
    to, and no id of it.
    """
    heading, customer = heading_of(proposal.columns.get("subscription_id")), customer_of(proposal)
    if heading and customer and is_at_several(sample, heading, customer):
        del proposal.columns["subscription_id"], proposal.column_why["subscription_id"]


def product(proposal: Proposal, sample: Sample, dataset: Dataset) -> None:
    """Propose the only column whose texts several customers have and which decides what one costs, where no
    heading is known as a product; several are offered as answers.
    """
    column = next((c for c in ("sku_id", "product_code") if c in dataset.column_names), "")
    customer = heading_of(proposal.columns.get("vendor_customer_id") or proposal.columns.get("client_id"))
    if not column or dataset.name == "products" or column in proposal.columns or not customer:
        return
    sample = replace(sample, rows=sample.rows[:_ROWS])
    kind = heading_of(proposal.columns.get("charge_type"))
    left = [*unused(proposal, sample), *([kind] if kind and not _says_kinds(sample, kind) else [])]
    shared = [
        h
        for h in left
        if (is_text(sample, h) or is_of_ids(sample, h))
        and not _is_of_lines(sample, h)
        and _is_shared(sample, h, customer)
    ]
    if called := _called_a_product(sample, left):
        proposal.put(column, called, "the only heading that ends with a product")
        return
    if not shared:
        return
    numbers = next(iter(read_numbers(sample, [h for h in sample.headings if h])), None)
    found = [h for h in shared if numbers and _decides_a_price(sample, numbers, h)]
    found = [
        h
        for h in found
        if not any(go_together(sample, h, o) and is_of_ids(sample, o) for o in found if o != h)
    ]
    if not numbers or len(found) != 1 or _has_rival(sample, numbers, found[0], customer):
        proposal.options["columns", column] = tuple(found or shared)
        return
    if found[0] == kind:
        del proposal.columns["charge_type"], proposal.column_why["charge_type"]
    proposal.put(column, found[0], f"several customers have each “{found[0]}”, and it decides the price")


def _called_a_product(sample: Sample, headings: list[str]) -> str | None:
    """The only column of texts whose heading ends with a product, if no other ends with a service, a plan or
    the like: Primary Product.
    """
    called = [h for h in headings if is_text(sample, h) and set(folded(h).split()[1:][-1:]) & _ENDS_WITH]
    products = [h for h in called if concept_of(folded(h).split()[-1]) == "product"]
    return products[0] if len(called) == 1 and products else None


def code_of_a_list(proposal: Proposal, sample: Sample, dataset: Dataset) -> None:
    """A code of a list of products that counts its rows is the system's own: a column called an item number,
    another in every row, is the code; any other code with letters beside a number is asked.
    """
    heading = heading_of(proposal.columns.get("product_code"))
    if dataset.name != "products" or not heading or not all(t.isdigit() for t in sample.values(heading)):
        return
    codes = [
        h
        for h in unused(proposal, sample)
        if len(set(sample.values(h))) == len(sample.rows)
        and all(" " not in text for text in sample.values(h))
        and any(c.isalpha() for text in sample.values(h) for c in text)
        and not date_forms(sample.values(h))
    ]
    called = [h for h in codes if score(h, HEADINGS["vendor_charges"]["sku_id"])[0] > _SURELY]
    if len(called) == 1 and is_running(sample, heading):
        proposal.put("product_code", called[0], f"“{heading}” only counts the rows")
    elif codes:
        both = " or ".join(f"“{h}”" for h in (heading, *codes))
        why = f"{both}: which do agreements and invoices name?"
        proposal.put("product_code", TODO, why, (*codes, heading))


def without_empty_lines(proposal: Proposal, sample: Sample, dataset: Dataset) -> Sample:
    """Skip rows that have neither a product nor money, such as titles between an invoice's lines; return the
    sample without them.
    """
    product = heading_of(proposal.columns.get("sku_id") or proposal.columns.get("product_code"))
    empty = [row for row in sample.rows if product and not row.get(product)]
    if dataset.name not in ("vendor_charges", "invoice_lines") or not empty or not product:
        return sample
    numbers = next(iter(read_numbers(sample, [h for h in sample.headings if h])), None)
    lines = [row for row in sample.rows if row.get(product)]
    money = [h for h in numbers.columns if _has_cents(sample, h)] if numbers else []
    money = [h for h in money if not _is_of_first_rows(proposal, sample, h)]
    if not money or any(text.strip("0.,- ") for row in empty for h in money if (text := row.get(h, ""))):
        return sample
    before = proposal.words.get("where", {})
    skip = {**before.get("skip", {}), product: [""]} if isinstance(before, dict) else {product: [""]}
    proposal.words["where"] = {**before, "skip": skip} if isinstance(before, dict) else {"skip": skip}
    proposal.why["where"] = f"rows without “{product}” have no money either"
    return replace(sample, rows=lines)


def _is_of_first_rows(proposal: Proposal, sample: Sample, heading: str) -> bool:
    """Whether a column is filled in the first row of every invoice and in no other: it is of the invoice."""
    number = heading_of(proposal.columns.get("invoice_id"))
    before, is_first = "", []
    for row in sample.rows:
        own = row.get(number or "") or before
        is_first.append(own != before)
        before = own
    return not all(is_first) and is_first == [bool(row.get(heading)) for row in sample.rows]


def _has_rival(sample: Sample, numbers: Numbers, heading: str, customer: str) -> bool:
    """Whether another column of texts that customers share decides a price, too, or tells more apart: then
    the one may be a unit or a group. An id that goes together with one has none.
    """
    return any(
        is_text(sample, other)
        and _is_shared(sample, other, customer)
        and (
            is_finer(sample, other, heading)
            or (not is_of_ids(sample, heading) and _decides_a_price(sample, numbers, other))
        )
        for other in sample.headings
        if other and other not in (heading, customer)
    )


def is_finer(sample: Sample, fine: str, coarse: str) -> bool:
    """Whether each text of one stands with one of the other, but not the other way."""
    ways = [stands_with(sample, fine, coarse).values(), stands_with(sample, coarse, fine).values()]
    return all(len(each) == 1 for each in ways[0]) and any(len(each) > 1 for each in ways[1])


def _says_kinds(sample: Sample, heading: str) -> bool:
    """Whether any text is a known kind of charge."""
    known = {text for listed in MEANINGS.values() for text in listed.split("|")}
    return any(folded(text) in known for text in sample.values(heading))


def _is_of_lines(sample: Sample, heading: str) -> bool:
    """Whether cells are small whole numbers, as those of positions are."""
    return all(text.isdigit() and len(text) <= _SHORT for text in sample.values(heading))


def _is_shared(sample: Sample, heading: str, customer: str) -> bool:
    """Whether most texts of several rows stand with several customers."""
    times = Counter(sample.values(heading))
    several = {text: each for text, each in stands_with(sample, heading, customer).items() if times[text] > 1}
    crossing = sum(len(each) > 1 for each in several.values())
    return len(several) >= _FEWEST and crossing * 2 >= len(several)


def _decides_a_price(sample: Sample, numbers: Numbers, heading: str) -> bool:
    """Whether most rows of each text have one price, or one for each unit, and texts differ in it."""
    money = [h for h in numbers.columns if _has_cents(sample, h)]
    units: list[Column] = [[Decimal(1)] * len(sample.rows)]
    units += [column for h, column in numbers.columns.items() if h not in money]
    return any(_is_decided(sample, heading, numbers.columns[each], many) for each in money for many in units)


def has_one_price_each(sample: Sample, numbers: Numbers, heading: str) -> bool:
    """Whether the rows of every text of a column have one price, or one for each unit, or most of them."""
    money = [h for h in numbers.columns if _has_cents(sample, h)]
    units: list[Column] = [[Decimal(1)] * len(sample.rows)]
    units += [column for h, column in numbers.columns.items() if h not in money]
    return not money or any(
        _are_usual(_prices(sample, heading, numbers.columns[each], many)) for each in money for many in units
    )


def _has_cents(sample: Sample, heading: str) -> bool:
    texts = sample.values(heading)
    return sum("." in text or "," in text for text in texts) * 2 > len(texts)


Rows = dict[str, list[tuple[Fraction, Fraction]]]


def _prices(sample: Sample, heading: str, money: Column, units: Column) -> Rows:
    """Money and units of the rows of each text that has several."""
    rows: Rows = {}
    for row, each, many in zip(sample.rows, money, units, strict=True):
        if row.get(heading) and each and many:
            rows.setdefault(row[heading], []).append((Fraction(each), Fraction(many)))
    return {text: found for text, found in rows.items() if len(found) > 1}


def _usual(found: list[tuple[Fraction, Fraction]]) -> tuple[Fraction, int]:
    """The price of a unit that most rows have, and in how many."""
    return Counter(round(each / many, 4) for each, many in found).most_common(1)[0]


def _are_usual(several: Rows) -> bool:
    """Whether the rows of each text have one price of a unit to the cent, or most of them the same."""
    return all(
        _usual(found)[1] * _MOSTLY[1] >= len(found) * _MOSTLY[0] or has_one_price(found)
        for found in several.values()
    )


def _is_decided(sample: Sample, heading: str, money: Column, units: Column) -> bool:
    """Whether several texts have a usual price each, and differ in it."""
    several = _prices(sample, heading, money, units)
    prices = {_usual(found)[0] for found in several.values()}
    return len(several) >= _FEWEST and _are_usual(several) and len(prices) * 2 > len(several)
