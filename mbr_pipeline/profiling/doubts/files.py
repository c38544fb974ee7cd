"""Files that look like a dataset and are none: quotes, lists of the MSP's own invoices.

What belongs here: reasons to ask which dataset a file is, although one is far ahead. What does not: the
points of datasets (``which_dataset``).
"""

from __future__ import annotations

from mbr_pipeline.mapping_help.text_folding import word_set
from mbr_pipeline.profiling.headings import folded, score
from mbr_pipeline.profiling.sample import Sample
from mbr_pipeline.profiling.traits import customers_per_invoice
from mbr_pipeline.profiling.words.synonyms import HEADINGS

_LINES = ("vendor_charges", "invoice_lines")
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
    return found[:2]
