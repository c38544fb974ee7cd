"""Components of bundles: rows that are parts of another row, whose money has them already.

What belongs here: a column that names the whole, and a row that is the sum of the others of its bundle. What
does not: sums that are no product (``rollups``).
"""

from __future__ import annotations

from typing import Any

from connectors.datasets import Dataset
from mbr_pipeline.mapping_help.text_folding import word_set
from mbr_pipeline.profiling.by_rows.unused import customer_of, unused
from mbr_pipeline.profiling.headings import folded
from mbr_pipeline.profiling.numbers import Column, Numbers
from mbr_pipeline.profiling.proposal import Proposal, heading_of
from mbr_pipeline.profiling.sample import Sample
from mbr_pipeline.profiling.which_rows.measure import (
    ALL,
    filled,
    measures,
    product_of,
    skipped,
    sum_of,
)

_WHOLE = word_set(
    "bundle bundled bundles kit package pack packaged suite set included component components composite"
    " paket pakete bundel stuckliste baugruppe enthalten lot forfait ensemble paquete conjunto pakket"
    " pacchetto pacote zestaw pakiet paketti"
)
"""Words of headings of the whole that a row is a part of."""

_SEVERAL = 2


def parts_of_bundles(proposal: Proposal, sample: Sample, dataset: Dataset, numbers: Numbers) -> None:
    """Ask which rows count where some are components of another row that has money as well."""
    columns, product = measures(proposal, sample, numbers), product_of(proposal)
    if dataset.name in ("clients", "products", "vendor_invoices") or not columns or not product:
        return
    for heading in unused(proposal, sample):
        found = _parts(proposal, sample, columns[0], heading, product)
        if not found:
            continue
        whole, inner = found
        named = sample.rows[inner[0]][heading]
        why = f"“{heading}” names {named}, which is a row of its own: is its money that of the parts, too?"
        said = [heading, *sample.headings]
        ways: list[dict[str, Any] | None] = [
            skipped(sample, inner, said),
            skipped(sample, whole, [product, *said]),
        ]
        if not any(ways):
            why += " No column tells them apart: leave those out of the file that do not count"
        proposal.ask_rows(why, (*(way for way in ways if way), {"only": {heading: ALL}}))
        return


def _parts(
    proposal: Proposal, sample: Sample, column: Column, heading: str, product: str
) -> tuple[list[int], list[int]] | None:
    """Return the rows of wholes and of parts with money, of one customer and, if there is one, document."""
    document = heading_of(proposal.columns.get("invoice_id") or proposal.columns.get("agreement_id"))
    keys = [h for h in (customer_of(proposal), document) if h]
    is_called = bool(_WHOLE & set(folded(heading).split()))
    names = _names_of(proposal, product)
    if not is_called and not set(sample.values(heading)) & {t for h in names for t in sample.values(h)}:
        return None
    whole: list[int] = []
    inner: list[int] = []
    groups: dict[tuple[str, ...], list[int]] = {}
    for at, row in enumerate(sample.rows):
        groups.setdefault(tuple(row.get(h, "") for h in keys), []).append(at)
    for rows in groups.values():
        for text in dict.fromkeys(sample.rows[at].get(heading, "") for at in rows):
            those = [at for at in rows if sample.rows[at].get(heading, "") == text]
            tops = [at for at in rows if text and any(sample.rows[at].get(h) == text for h in names)]
            made = filled(column, [at for at in those if at not in tops])
            if not text or not made:
                continue
            adds_up = bool(tops) and len(made) >= _SEVERAL and sum_of(column, tops) == sum_of(column, made)
            if not tops and is_called:
                tops = _sum_within(column, made)
                made, adds_up = [at for at in made if at not in tops], bool(tops)
            if filled(column, tops) and made and (is_called or adds_up):
                whole, inner = [*whole, *tops], [*inner, *made]
    return (whole, inner) if whole else None


def _names_of(proposal: Proposal, product: str) -> list[str]:
    """Columns that a product is told by: its id and its names."""
    names = [heading_of(proposal.columns.get(name)) for name in ("sku_name", "description")]
    return [product, *(h for h in names if h)]


def _sum_within(column: Column, rows: list[int]) -> list[int]:
    """Return the one row, the first or the last, that is the sum of all others, two or more."""
    if len(rows) <= _SEVERAL:
        return []
    for at in (rows[0], rows[-1]):
        if column[at] == sum_of(column, [other for other in rows if other != at]):
            return [at]
    return []
