"""Files that look like a dataset and are none: quotes, lists of the MSP's own invoices.

What belongs here: reasons to ask which dataset a file is, although one is far ahead. What does not: the
points of datasets (``which_dataset``).
"""

from __future__ import annotations

from collections.abc import Iterable

from connectors.datasets import DATASETS
from mbr_pipeline.mapping_help.text_folding import word_set
from mbr_pipeline.profiling.headings import folded, score
from mbr_pipeline.profiling.proposal import Proposal, heading_of
from mbr_pipeline.profiling.sample import Sample
from mbr_pipeline.profiling.traits import customers_per_invoice
from mbr_pipeline.profiling.words.synonyms import HEADINGS

_LINES = ("vendor_charges", "invoice_lines")
_CLEARLY_FEWER = 4
_LISTS = ("clients", "products", "vendor_invoices")
_QUOTES = word_set(
    "quote quotation estimate proposal angebot angebots angebotsnummer angebotsdatum devis presupuesto"
    " offerte offertenummer preventivo orcamento opportunity"
)


def reasons_to_ask(sample: Sample, dataset: str) -> list[str]:
    """Return what speaks against a file's being of any dataset, or of the one that is ahead."""
    found = []
    headings = [h for h in sample.headings if h and sample.values(h)]
    for heading in headings:
        words = set(folded(heading).split())
        if words & _QUOTES and len(sample.values(heading)) == len(sample.rows):
            found.append(f"“{heading}”: a quote is no invoice and no agreement")
    if dataset == "vendor_invoices":
        names = HEADINGS["vendor_charges"]["vendor_customer_name"]
        for heading in headings:
            if score(heading, names)[0] > 97 and len(set(sample.values(heading))) > 1:
                found.append(f"“{heading}”: are these bills that you get, or invoices to your clients?")
    invoices = customers_per_invoice(sample, "invoice_lines")
    if dataset in _LINES and invoices and 1 < invoices[0] < len(sample.rows) and invoices[2] == 1:
        found.append("all invoices are to one customer: bills that you get, or invoices to a client?")
    elif dataset == "invoice_lines" and invoices and invoices[0] == invoices[2] == 1 < len(sample.rows):
        found.append("one invoice to one customer: a bill that you get, or an invoice to a client?")
    return found[:2]


def filled_better(first: Proposal, sample: Sample, others: Iterable[Proposal]) -> list[str]:
    """Return why a file may be another dataset than the likeliest: the other leaves clearly fewer of its
    required columns unknown, and less than half the share. One that is a list names another thing in every
    row.
    """
    unknown, needed = _required(first)
    required = (column.name for column in DATASETS[first.dataset].columns if column.required)
    if not any(heading_of(first.columns.get(name)) for name in required):
        return [f"none of the required columns of {first.dataset} has a name that is known"]
    if unknown < _CLEARLY_FEWER:
        return []
    for other in others:
        unknown_there, needed_there = _required(other)
        is_fuller = unknown_there * 2 * needed < unknown * needed_there
        is_fuller &= unknown_there + _CLEARLY_FEWER <= unknown
        if is_fuller and (other.dataset not in _LISTS or _is_a_list(other, sample)):
            left = f"{unknown} of {needed} required columns of {first.dataset} are not in the file"
            return [f"{left}, and {unknown_there} of {needed_there} of {other.dataset}"]
    return []


def _required(proposal: Proposal) -> tuple[int, int]:
    """Return how many required columns of a proposal are asked, and of how many."""
    required = {column.name for column in DATASETS[proposal.dataset].columns if column.required}
    asked = {question.key[1] for question in proposal.questions if question.key[0] == "columns"}
    return len(asked & required), len(required)


def _is_a_list(proposal: Proposal, sample: Sample) -> bool:
    heading = heading_of(proposal.columns.get(DATASETS[proposal.dataset].identity[0]))
    return bool(heading) and len(set(sample.values(heading or ""))) == len(sample.rows)
