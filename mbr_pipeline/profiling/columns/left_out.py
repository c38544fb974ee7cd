"""Rows that may not count: drafts, void invoices, lines of tax, what a column of yes and no calls inactive.

What belongs here: the question whether such rows count. What does not: status of agreements and of counts
(``identifiers``), categories of charges (``categories``).
"""

from __future__ import annotations

from connectors.datasets import Dataset
from connectors.mapped.words import TODO
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
_YES, _NO = MEANINGS["true"].split("|"), MEANINGS["false"].split("|")
_OUT_FLAGS = word_set(
    "inactive disabled deleted removed archived paused suspended cancelled canceled terminated expired void"
    " voided draft onetime onetimecharge trial nfr demo excluded ignored notbillable nonbillable inaktiv"
    " gesperrt geloscht gekundigt storniert inactif supprime inactivo eliminado"
)
"""Headings, without spaces and a leading “is”, of what is not in use where a cell says yes."""

_IN_FLAGS = word_set("active enabled aktiv actif activo billable")
_MOST_TEXTS = 8
"""A column that sorts rows has at most so many texts."""


def left_out(proposal: Proposal, sample: Sample, dataset: Dataset) -> None:
    """Ask whether rows count that say they are a draft, void or tax, where other rows say something else."""
    if dataset.name in ("clients", "products", "vendor_invoices"):
        return
    flags = _flags(sample)
    if dataset.name == "agreements":  # lines that are not billed are there, at no price
        flags = {h: kept for h, kept in flags.items() if "billable" not in folded(h).replace(" ", "")}
    if flags:
        _ask_about_flags(proposal, sample, flags)
        return
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


def _flags(sample: Sample) -> dict[str, list[str]]:
    """Columns of yes and no that say of some rows that they are out of use, with the texts of the others."""
    found = {}
    for heading in filter(None, sample.headings):
        called = folded(heading).replace(" ", "").removeprefix("is")
        texts = list(dict.fromkeys(row.get(heading, "") for row in sample.rows))
        if not all(folded(text) in (*_YES, *_NO, "") for text in texts) or len(texts) < 2:
            continue
        kept = [text for text in texts if folded(text) not in _YES]
        if called in _IN_FLAGS:
            kept = [text for text in texts if folded(text) not in (*_NO, "")]
        if (called in _OUT_FLAGS or called in _IN_FLAGS) and 0 < len(kept) < len(texts):
            found[heading] = kept
    return found


def _ask_about_flags(proposal: Proposal, sample: Sample, flags: dict[str, list[str]]) -> None:
    before = proposal.words.get("where")
    only = {**(before["only"] if isinstance(before, dict) and "only" in before else {}), **flags}
    out = sum(any(row.get(h, "") not in kept for h, kept in flags.items()) for row in sample.rows)
    told = " and ".join(f"“{heading}”" for heading in flags)
    why = f"{told}: by this {out} of {len(sample.rows)} rows are out of use; do they count?"
    more = proposal.options.get(("where",), ()) if before == TODO else ()
    proposal.ask("where", why, ({"only": only}, *more))
