"""Rows that may not count: drafts, void invoices, lines of tax, what a column of yes and no calls inactive.

What belongs here: the question whether such rows count, in any dataset of lines or counts. What does not:
status of agreements and of counts
(``identifiers``), categories of charges (``categories``).
"""

from __future__ import annotations

from typing import Any

from connectors.datasets import Dataset
from connectors.mapped.words import TODO
from mbr_pipeline.mapping_help.text_folding import word_set
from mbr_pipeline.profiling.headings import folded
from mbr_pipeline.profiling.proposal import Proposal, heading_of
from mbr_pipeline.profiling.sample import Sample
from mbr_pipeline.profiling.words.meanings import MEANINGS

_NOT_ISSUED = word_set(
    "draft drafts void voided deleted cancelled canceled quote quoted estimate rejected declined"
    " entwurf storniert"
    " geloscht abgelehnt angebot brouillon annule annulee devis borrador anulada anulado"
    " presupuesto rechazado"
    " rechazada cancelado cancelada concept geannuleerd vervallen offerte bozza annullata annullato"
    " annullamento"
    " preventivo rascunho anulada proforma"
)
"""Words of documents and lines that are not sent, or not any more."""

_NOT_IN_USE = word_set(
    "inactive disabled suspended expired cancelled canceled terminated deleted archived trial nfr demo"
    " evaluation decommissioned deprovisioned deactivated inaktiv gesperrt gekundigt abgelaufen"
    " beendet test"
    " testversion inactif suspendu expire expiree resilie resiliee annule annulee essai supprime"
    " inactivo inactiva suspendido suspendida caducado caducada cancelado cancelada baja prueba"
    " vencida vencido"
    " inactief opgezegd beeindigd verlopen proef geannuleerd inattivo sospeso sospesa scaduto"
    " scaduta cessato"
    " cessata disdetto prova inativo suspenso encerrado"
)
"""Words of licences and agreements that are not in use, not paid, or not any more."""

_NO_LINES = word_set(
    "subtotal comment note text heading payment payments balance textposition zwischensumme"
    " kommentar zahlung"
    " saldo sous-total commentaire paiement solde comentario pago subtotaal betaling opmerking"
    " pagamento nota"
    " totale"
)
"""Words of rows of an invoice that are no lines of it; only where a column of types says so."""

_OF_TAX = word_set("tax vat gst mwst ust steuer tva iva")
_YES, _NO = MEANINGS["true"].split("|"), MEANINGS["false"].split("|")
_OUT_FLAGS = word_set(
    "inactive disabled deleted removed archived paused suspended cancelled canceled terminated expired void"
    " voided draft onetime onetimecharge trial nfr demo excluded ignored notbillable nonbillable inaktiv"
    " gesperrt geloscht gekundigt storniert inactif supprime inactivo eliminado"
)
"""Headings, without spaces and a leading “is”, of what is not in use where a cell says yes."""

_IN_FLAGS = word_set("active enabled aktiv actif activo billable")
_MOST_WORDS = 3
"""A text of more words is a name or a description."""

_MOST_TEXTS = 8
"""A column that sorts rows has at most so many texts."""


def left_out(proposal: Proposal, sample: Sample, dataset: Dataset) -> None:
    """Ask whether rows count that say they are a draft, void or tax, where other rows say"
    " something else.
    """
    if dataset.name in ("clients", "products"):
        return
    flags = _flags(sample)
    if dataset.name == "agreements":  # lines that are not billed are there, at no price
        flags = {h: kept for h, kept in flags.items() if "billable" not in folded(h).replace(" ", "")}
    if flags:
        _ask_about_flags(proposal, sample, flags)
        return
    known = {heading_of(proposal.columns.get(name)) for name in ("charge_category", "charge_type")}
    for heading in sample.headings:
        texts = list(dict.fromkeys(sample.values(heading))) if heading else []
        if not 1 < len(texts) <= _MOST_TEXTS or word_set(folded(heading)) & _OF_TAX or heading in known:
            continue
        apart = [text for text in texts if _is_apart(text, dataset)]
        every = dict.fromkeys(row.get(heading, "") for row in sample.rows)
        kept = [text for text in every if text not in apart]
        if apart and not _is_ended(proposal, sample, dataset, heading, apart):
            why = f"“{heading}” says {', '.join(apart)} in some rows: do such rows count?"
            options = ([kept] if kept else []) + [[text] for text in apart if not kept]
            _ask(proposal, why, [{"only": {heading: texts}} for texts in options])
            return


def _is_apart(text: str, dataset: Dataset) -> bool:
    """Whether a text says of a row that it may not count, as such rows of a dataset do."""
    words = set(folded(text).split())
    if len(words) > _MOST_WORDS:
        return False
    if dataset.name in ("license_counts", "agreements"):
        return bool(words & _NOT_IN_USE)
    if dataset.name == "invoice_lines" and folded(text) in MEANINGS["tax"].split("|"):
        return True
    is_no_line = dataset.name != "vendor_invoices" and len(words) == 1 and bool(words & _NO_LINES)
    return bool(words & _NOT_ISSUED) or is_no_line


def _is_ended(proposal: Proposal, sample: Sample, dataset: Dataset, heading: str, apart: list[str]) -> bool:
    """Whether every row of an agreement that is not in use has an end, which then says all."""
    end = heading_of(proposal.columns.get("effective_end")) if dataset.name == "agreements" else None
    return bool(end) and all(row.get(end or "") for row in sample.rows if row.get(heading, "") in apart)


def _ask(proposal: Proposal, why: str, options: list[dict[str, Any]]) -> None:
    """Ask which rows count, beside what is known of it already."""
    before = proposal.words.get("where")
    if before == TODO:
        return
    if isinstance(before, dict):
        options = [{**before, "only": {**before.get("only", {}), **option["only"]}} for option in options]
    proposal.ask("where", why, tuple(options))


def _flags(sample: Sample) -> dict[str, list[str]]:
    """Columns of yes and no that say of some rows that they are out of use, with the texts of the"
    " others.
    """
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
