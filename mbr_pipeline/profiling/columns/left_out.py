"""Rows of invoices that no client is billed by: drafts, void invoices, lines of tax.

What belongs here: the question whether such rows count. What does not: status of agreements and of counts
(``identifiers``), categories of charges (``categories``).
"""

from __future__ import annotations

from connectors.datasets import Dataset
from mbr_pipeline.mapping_help.text_folding import word_set
from mbr_pipeline.profiling.headings import folded
from mbr_pipeline.profiling.proposal import Proposal
from mbr_pipeline.profiling.sample import Sample
from mbr_pipeline.profiling.words.meanings import MEANINGS

_NOT_ISSUED = word_set(
    "draft void voided deleted cancelled canceled quote estimate entwurf storniert brouillon annule annulee"
    " borrador anulada anulado"
)
_OF_TAX = word_set("tax vat gst mwst ust steuer tva iva")
_MOST_TEXTS = 8
"""A column that sorts rows has at most so many texts."""


def left_out(proposal: Proposal, sample: Sample, dataset: Dataset) -> None:
    """Ask whether rows count that say they are a draft, void or tax, where other rows say something else."""
    if dataset.name != "invoice_lines":
        return
    taxes = set(MEANINGS["tax"].split("|"))
    for heading in sample.headings:
        texts = list(dict.fromkeys(sample.values(heading))) if heading else []
        if not 1 < len(texts) <= _MOST_TEXTS or word_set(folded(heading)) & _OF_TAX:
            continue
        apart = [text for text in texts if folded(text) in taxes or folded(text) in _NOT_ISSUED]
        kept = [text for text in texts if text not in apart]
        if apart:
            why = f"“{heading}” says {', '.join(apart)} in some rows: do such rows count?"
            options = ([kept] if kept else []) + [[text] for text in apart if not kept]
            proposal.ask("where", why, tuple({"only": {heading: texts}} for texts in options))
            return
