"""What the questions of rows share: the numbers that rows are added up by, parts of a file, and answers.

What belongs here: helpers of this folder. What does not: questions.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from connectors.mapped.words import TODO
from mbr_pipeline.profiling.by_rows.unused import customer_of
from mbr_pipeline.profiling.numbers import Column, Numbers
from mbr_pipeline.profiling.proposal import Proposal, heading_of, headings_in
from mbr_pipeline.profiling.sample import Sample

ALL = ["*"]
"""The texts of ``only`` where every row is read."""

_MEASURES = ("amount", "invoice_total", "entitled_quantity", "assigned_quantity", "quantity")
_PRODUCTS = ("sku_id", "product_code")
_FEW = 2


def wide_columns(proposal: Proposal, sample: Sample) -> list[str]:
    """The columns of a file with one for each SKU, where that is an answer."""
    first = next(iter(proposal.options.get(("columns", "sku_id"), ())), None)
    if not isinstance(first, dict) or "unpivot" not in first:
        return []
    return [h for h in sample.headings if h and h not in first["unpivot"]["keep"]]


def measures(proposal: Proposal, sample: Sample, numbers: Numbers) -> list[Column]:
    """Return the numbers that a file's rows are added up by, the most telling first: its money, else what is
    counted; of an open question the first answer.
    """
    if wide := [numbers.columns[h] for h in wide_columns(proposal, sample) if h in numbers.columns]:
        return wide
    found = [made for name in _MEASURES if (made := _column(proposal, numbers, name))]
    many, each = (_column(proposal, numbers, name) for name in ("quantity", "unit_price"))
    if many and each and "amount" not in proposal.columns:
        found.insert(0, _product(many, each))
    is_money = bool({"amount", "invoice_total"} & set(proposal.columns))
    return found[:1] if is_money else found


def _column(proposal: Proposal, numbers: Numbers, name: str) -> Column | None:
    words = proposal.columns.get(name)
    if words == TODO:
        words = next(iter(proposal.options.get(("columns", name), ())), None)
    if isinstance(words, dict) and "columns" in words:
        words = words["columns"].get(name)
    heading = heading_of(words)
    if heading in numbers.columns and heading:
        return numbers.columns[heading]
    both = words.get("product_of", ()) if isinstance(words, dict) else ()
    if len(both) == _FEW and set(both) <= set(numbers.columns):
        return _product(*(numbers.columns[h] for h in both))
    return None


def _product(many: Column, each: Column) -> Column:
    pairs = zip(many, each, strict=True)
    return [None if one is None or other is None else one * other for one, other in pairs]


def sum_of(column: Column, rows: Iterable[int]) -> Decimal:
    """Return what these rows have in all."""
    return sum((column[at] or Decimal(0) for at in rows), Decimal(0))


def filled(column: Column, rows: Iterable[int]) -> list[int]:
    """Return the rows of these that have a number other than zero."""
    return [at for at in rows if column[at]]


def product_of(proposal: Proposal) -> str | None:
    """The product's column, or the first that it may be."""
    for column in _PRODUCTS:
        words = proposal.columns.get(column)
        options = proposal.options.get(("columns", column), ()) if words == TODO else ()
        if found := next(filter(None, map(heading_of, (words, *options))), None):
            return found
    return None


def parts(sample: Sample, heading: str | None) -> dict[str, list[int]]:
    """Return the rows of each text of a column, all under one where there is no column."""
    found: dict[str, list[int]] = {}
    for at, row in enumerate(sample.rows):
        found.setdefault(row.get(heading, "") if heading else "", []).append(at)
    return found


def ways_to_part(proposal: Proposal) -> list[str | None]:
    """Columns by whose texts rows may be added up: none, the customer, the product, the invoice."""
    invoice = heading_of(proposal.columns.get("invoice_id") or proposal.columns.get("agreement_id"))
    found: list[str | None] = [None, customer_of(proposal), product_of(proposal), invoice]
    return list(dict.fromkeys(found))


def looked_at(proposal: Proposal) -> set[str]:
    """Columns that decide already which rows are read, or that this is asked by."""
    tests = [proposal.words.get("where"), *proposal.options.get(("where",), ())]
    options = [way for way in tests if isinstance(way, dict)]
    return {h for way in options for word in ("only", "skip") for h in way.get(word, {})}


def numbers_used(proposal: Proposal) -> set[str]:
    """Columns that an answer or an option takes a number, a day or a key from, all but free texts."""
    free = ("charge_type", "charge_category", "detail", "description", "term", "status")
    named = [words for name, words in proposal.columns.items() if name not in free]
    for key, options in proposal.options.items():
        if key[0] == "columns" and key[1] not in free:
            named += options
    return {h for words in named for h in headings_in(words)}


def skipped(sample: Sample, rows: Sequence[int], headings: Iterable[str | None]) -> dict[str, Any] | None:
    """Return the tests that pass over these rows and no other, by the first column that tells them."""
    these = set(rows)
    for heading in filter(None, headings):
        texts = list(dict.fromkeys(sample.rows[at].get(heading, "") for at in rows))
        others = {row.get(heading, "") for at, row in enumerate(sample.rows) if at not in these}
        if not others & set(texts) and not any(text.endswith("*") for text in texts):
            return {"skip": {heading: texts}}
    return None
