"""Products that may be told by another column: a code beside a name, parts of a product, what is subscribed.

What belongs here: doubts about products. What does not: choosing them (``columns.identifiers``,
``by_rows.products``), ids of customers and invoices (``ids``).
"""

from __future__ import annotations

from connectors.datasets import Dataset
from mbr_pipeline.mapping_help.text_folding import word_set
from mbr_pipeline.profiling.by_rows.codes import is_at_several, is_called_a_code, is_coded, is_told_by_name
from mbr_pipeline.profiling.by_rows.parties import NOT_OF_CUSTOMERS
from mbr_pipeline.profiling.by_rows.products import has_one_price_each, is_finer
from mbr_pipeline.profiling.by_rows.unused import (
    customer_of,
    go_together,
    is_of_ids,
    is_running,
    is_text,
    unused,
)
from mbr_pipeline.profiling.doubts.look import doubt, is_open
from mbr_pipeline.profiling.headings import folded, score
from mbr_pipeline.profiling.numbers import Numbers
from mbr_pipeline.profiling.proposal import Proposal, heading_of
from mbr_pipeline.profiling.sample import Sample
from mbr_pipeline.profiling.words.synonyms import HEADINGS

_FEW = 4
_SURELY = 97
_PRODUCTS = ("sku_id", "product_code")
_CODE_WORDS = word_set("id sku number no nr numero nummer code codigo codice key ref reference")
_PRODUCT_WORDS = word_set(
    "product products subproduct sku component plan edition item article artikel produkt produit producto"
    " servicio service model license licence meter prodotto servizio produto"
)
_NAME_WORDS = word_set("name code title nombre nom naam nome bezeichnung sku")


def finer_products(proposal: Proposal, sample: Sample) -> None:
    """Ask where a product has no id and another column names parts of it: one name stands with several."""
    for column in _PRODUCTS:
        heading = heading_of(proposal.columns.get(column))
        if not heading or is_open(proposal, column) or not _PRODUCT_WORDS & set(folded(heading).split()):
            continue
        if not _NAME_WORDS & set(folded(heading).split()) and folded(heading) not in _PRODUCT_WORDS:
            continue
        chosen = set(sample.values(heading))
        finer = [
            h
            for h in sample.headings
            if h
            and h != heading
            and _PRODUCT_WORDS & set(folded(h).split())
            and _NAME_WORDS & set(folded(h).split())
            and len(sample.values(h)) == len(sample.rows)
            and len(chosen) < len(set(sample.values(h))) < len(sample.rows)
        ]
        if finer:
            both = " or ".join(f"“{h}”" for h in (heading, *finer))
            doubt(proposal, column, f"{both}: which tells products apart?", *finer)


def code_beside_a_name(proposal: Proposal, sample: Sample, dataset: Dataset) -> None:
    """Ask where a product is told by a name or a description, and a column beside it that goes together with
    it is called a code or made of codes; beside a description any other text is as likely.
    """
    for column in _PRODUCTS:
        heading = heading_of(proposal.columns.get(column))
        if not heading or is_open(proposal, column):
            continue
        found = _beside_names(proposal, sample, dataset, heading) if _is_of_names(sample, heading) else []
        if is_told_by_name(dataset, column, heading):
            found += [h for h in _called_codes(proposal, sample, dataset, heading) if h not in found]
        if found:
            both = " or ".join(f"“{h}”" for h in (*found, heading))
            doubt(proposal, column, f"{both}: which is the product's code?", *found, first=True)


def _beside_names(proposal: Proposal, sample: Sample, dataset: Dataset, heading: str) -> list[str]:
    """Columns that go together with several names and are made of codes, or beside a description of texts."""
    if len(set(sample.values(heading))) < _FEW:
        return []
    is_described = score(heading, HEADINGS["invoice_lines"]["description"])[0] > _SURELY
    return [
        h
        for h in unused(proposal, sample)
        if h != heading
        and (dataset.name == "products" or len(set(sample.values(h))) < len(sample.rows))
        and len(sample.values(h)) == len(sample.values(heading))
        and not is_running(sample, h)
        and go_together(sample, heading, h)
        and (_is_a_code(sample, h) or (is_described and is_text(sample, h)))
    ]


def _called_codes(proposal: Proposal, sample: Sample, dataset: Dataset, named: str) -> list[str]:
    """Columns that are called a code of products, or a code that some customers share or that goes together
    with the name; not one that is another in every row though names repeat.
    """
    customer = customer_of(proposal)
    if dataset.name == "products" or not customer:
        return []
    repeats = len(set(sample.values(named))) < len(sample.rows)
    return [
        h
        for h in unused(proposal, sample)
        if is_called_a_code(h)
        and is_coded(sample, h)
        and (len(set(sample.values(h))) > 1 or _is_a_code(sample, h))
        and not (repeats and len(set(sample.values(h))) == len(sample.rows))
        and (
            _PRODUCT_WORDS & set(folded(h).split())
            or is_at_several(sample, h, customer)
            or (repeats and go_together(sample, named, h))
        )
    ]


def _is_of_names(sample: Sample, heading: str) -> bool:
    """Whether most cells are several words."""
    texts = sample.values(heading)
    return sum(" " in text for text in texts) * 2 > len(texts)


def _is_a_code(sample: Sample, heading: str) -> bool:
    """Whether a column is called a code, or every cell is one word of letters and digits."""
    texts = sample.values(heading)
    if not is_of_ids(sample, heading):
        return False
    has_letters = all(any(c.isalpha() for c in text) for text in texts)
    return has_letters or bool(_CODE_WORDS & set(folded(heading).split()))


def several_prices(proposal: Proposal, sample: Sample, dataset: Dataset, numbers: Numbers) -> None:
    """Ask where the texts of what is taken for a product have several prices: beside a description another
    text that customers share may be it (Usage describes every product), beside a name one that tells more
    apart.
    """
    customer = customer_of(proposal)
    for column in _PRODUCTS if customer and "amount" in dataset.column_names else ():
        heading = heading_of(proposal.columns.get(column))
        if not heading or not customer or is_open(proposal, column):
            continue
        if not is_told_by_name(dataset, column, heading) or has_one_price_each(sample, numbers, heading):
            continue
        is_described = score(heading, HEADINGS["invoice_lines"]["description"])[0] > _SURELY
        others = [
            h
            for h in unused(proposal, sample)
            if is_text(sample, h)
            and not is_of_ids(sample, h)
            and len(sample.values(h)) == len(sample.rows)
            and not (NOT_OF_CUSTOMERS - {"subscription"}) & set(folded(h).split())
            and (
                is_finer(sample, h, heading)
                or (is_described and is_at_several(sample, h, customer) and not is_finer(sample, heading, h))
            )
        ]
        if others:
            both = " or ".join(f"“{h}”" for h in (heading, *others))
            why = f"{both}: one “{heading}” has several prices; which tells products apart?"
            doubt(proposal, column, why, *others, first=is_described)


def one_product_for_several(proposal: Proposal, sample: Sample, dataset: Dataset) -> None:
    """Ask where a customer has a product of no certain name in two rows, and another text that several
    customers have, too, tells these rows apart.
    """
    heading, customer = heading_of(proposal.columns.get("sku_id")), customer_of(proposal)
    if dataset.name != "license_counts" or not heading or not customer or is_open(proposal, "sku_id"):
        return
    sure = f"{HEADINGS['license_counts']['sku_id'].split('>')[0]}|product|product name|sku name"
    if score(heading, sure)[0] > _SURELY or not _repeats(sample, customer, heading):
        return
    finer = [
        h
        for h in unused(proposal, sample)
        if is_text(sample, h)
        and len(set(sample.values(h))) > len(set(sample.values(heading)))
        and is_at_several(sample, h, customer)
        and not _repeats(sample, customer, h)
    ]
    if finer:
        why = f"one “{heading}” stands in several rows of a “{customer}”: is “{finer[0]}” the product?"
        doubt(proposal, "sku_id", why, *finer, {"joined": [heading, finer[0]], "by": ":"}, first=True)


def _repeats(sample: Sample, customer: str, heading: str) -> bool:
    """Whether two rows of a customer have the same text."""
    pairs = [(row.get(customer, ""), row.get(heading, "")) for row in sample.rows]
    return len(set(pairs)) < len(pairs)
