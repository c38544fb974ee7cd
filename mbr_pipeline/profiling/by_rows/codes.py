"""Codes of products beside their names: a column of codes that goes together with the name in every row.

What belongs here: codes that the rows give away. What does not: codes known by their headings
(``columns.identifiers``), products without a name (``products``), asking about others (``doubts.ids``).
"""

from __future__ import annotations

import re

from connectors.datasets import Dataset
from connectors.mapped.words import TODO
from mbr_pipeline.mapping_help.text_folding import word_set
from mbr_pipeline.profiling.by_rows.unused import go_together, is_running, stands_with, unused
from mbr_pipeline.profiling.headings import folded, score
from mbr_pipeline.profiling.proposal import Proposal, heading_of
from mbr_pipeline.profiling.sample import Sample
from mbr_pipeline.profiling.words.concepts import concept_of
from mbr_pipeline.profiling.words.synonyms import HEADINGS

_FEWEST = 2
_SURELY = 97
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/#+-]*")
_MAKERS = word_set(
    "manufacturer hersteller fabricant fabricante fabrikant produttore vendor editeur publisher"
)
_ABBREVIATED = word_set("art prod mfr mpn part sku")
_ENDS = (
    "artikelnr", "artikelnummer", "artnr", "produktnr", "produktnummer", "artikelcode", "productcode",
)  # fmt: skip
"""Ends of German and Dutch words for the number of a product: Herstellerartikelnr."""

_CALLED = f"{HEADINGS['vendor_charges']['sku_name']}|{HEADINGS['products']['product_name']}"
_NAMES = {
    "sku_id": ("sku_name",),
    "product_code": ("description", "sku_name"),
}


def code_of_products(proposal: Proposal, sample: Sample, dataset: Dataset) -> None:
    """Take the only column that is called a code of products, or just a code, and whose codes go together
    with the names of products in every row, one of them at several customers.

    One that goes together with them by its texts alone may be another code, of a group or an account.
    """
    column = next((c for c in _NAMES if c in dataset.column_names), "")
    if not column:
        return
    told = heading_of(proposal.columns.get(column))
    if told and not is_told_by_name(dataset, column, told):
        return
    named = told or next(
        (h for name in _NAMES[column] if (h := heading_of(proposal.columns.get(name)))), None
    )
    customer = heading_of(proposal.columns.get("vendor_customer_id") or proposal.columns.get("client_id"))
    is_list = dataset.name == "products"
    named = named or heading_of(proposal.columns.get("product_name")) if is_list else named
    if not named and dataset.name == "agreements":
        called = [h for h in sample.headings if h and sample.values(h) and score(h, _CALLED)[0] > _SURELY]
        named = called[0] if len(called) == 1 else None
    if not named or not (customer or is_list) or len(set(sample.values(named))) < _FEWEST:
        return
    ways = proposal.options.get(("columns", column), ()) if column == "product_code" else ()
    offered = [h for h in ways if isinstance(h, str)]
    codes = [
        h
        for h in dict.fromkeys((*unused(proposal, sample), *offered))
        if h != named
        and is_called_a_code(h)
        and is_coded(sample, h)
        and go_together(sample, named, h)
        and (not is_running(sample, h) if is_list else is_at_several(sample, h, customer or ""))
    ]
    if len(codes) == 1:
        why = f"“{codes[0]}” is another for each “{named}”"
        why += "" if is_list else ", and several customers have one"
        proposal.put(column, codes[0], why)
    elif codes:
        both = " or ".join(f"“{h}”" for h in codes)
        proposal.put(column, TODO, f"{both}: which is the product's code?", (*codes, named))


def is_told_by_name(dataset: Dataset, column: str, heading: str) -> bool:
    """Whether a column is called the name or the description of a product, and not the id of one."""
    ids = HEADINGS[dataset.name][column].split(">")[0]
    return score(heading, ids)[0] <= _SURELY and score(heading, _CALLED)[0] > 0


def is_at_several(sample: Sample, heading: str, customer: str) -> bool:
    """Whether any text of a column stands with several customers."""
    return any(len(each) > 1 for each in stands_with(sample, heading, customer).values())


def is_called_a_code(heading: str) -> bool:
    """Whether a heading has a word for a code and no others than those for products and who makes them."""
    words = folded(heading).split()
    if words and words[-1].endswith(_ENDS):
        return True
    meant = [concept_of(word) for word in words if word not in ("of", "de", "du", "del", "der", "des")]
    return "id" in meant and set(meant) <= {"id", "product", "service"} | _MAKERS | _ABBREVIATED


def is_coded(sample: Sample, heading: str) -> bool:
    """Whether every row has one word of letters, digits and marks there."""
    texts = sample.values(heading)
    return len(texts) == len(sample.rows) and all(map(_CODE.fullmatch, texts))
