"""Rows that may not count: drafts, void invoices, lines of tax, what a column of yes and no calls inactive.

What belongs here: the question whether such rows count, in any dataset of lines or counts. What does not:
status of agreements and of counts
(``identifiers``), categories of charges (``categories``).
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from connectors.datasets import Dataset
from connectors.mapped.words import TODO
from mbr_pipeline.mapping_help.text_folding import word_set
from mbr_pipeline.profiling.by_rows.flags import flags_of, told_by_flags
from mbr_pipeline.profiling.by_rows.twins import written_twice
from mbr_pipeline.profiling.headings import folded
from mbr_pipeline.profiling.proposal import Proposal, heading_of
from mbr_pipeline.profiling.sample import Sample
from mbr_pipeline.profiling.styles import number_styles
from mbr_pipeline.profiling.total_rows import is_called_a_total
from mbr_pipeline.profiling.traits import columns_of_money
from mbr_pipeline.profiling.words.meanings import CREDIT_WORDS, MEANINGS

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

_GIVEN = word_set("free gratis kostenlos gratuit gratuito")
"""Words of what is given for nothing."""

_NO_CLIENTS = word_set(
    "vendor supplier prospect lead partner competitor reseller lieferant interessent "
    "wettbewerber fournisseur"
    " proveedor socio potencial leverancier prospectie fornitore fornecedor concurrent"
    " former ex ehemaliger ehemalige ehemals ancien ancienne antiguo antigua voormalig voormalige churned"
    " lost"
)
"""Words of companies that are no clients."""

_NO_LINES = word_set(
    "subtotal comment note text heading payment payments balance textposition zwischensumme"
    " kommentar zahlung"
    " saldo sous-total commentaire paiement solde comentario pago subtotaal betaling opmerking"
    " pagamento nota"
    " totale"
)
"""Words of rows of an invoice that are no lines of it; only where a column of types says so."""

_OF_TAX = word_set("tax vat gst mwst ust steuer tva iva")
_STATUS = word_set("stage status state stato statut estado etat zustand stav situacao lifecycle")
_NO_STATUS = word_set(
    "code payment paid zahlung paiement pago country tax job address ship province delivery"
)
_TYPES = ("type", "typ", "art", "tipo", "line type", "item type", "type de ligne", "soort")
_DOCUMENTS = word_set(
    "invoice rechnung facture factura factuur fattura fatura klantfactuur credit creditnota "
    "creditmemo avoir gutschrift nota note"
    " refund"
)
_IN_ORDER = (
    "active|enabled|aktiv|actif|activo|actief|attivo|ativo|paid|unpaid|partially paid|partial|"
    "open|sent|posted|"
    "approved|authorised|authorized|issued|invoiced|billed|finalized|final|final|overdue|due|"
    "closed|complete|"
    "completed|bezahlt|offen|versendet|gebucht|uberfallig|teilbezahlt|payee|"
    "payee partiellement|envoyee|emise|"
    "validee|en retard|pagada|pagado|emitida|enviada|pendiente|betaald|verzonden|geboekt|openstaand|pagata|"
    "inviata|emessa|aperta|current|in use|ok|running|registered|licensed|recurring|warning|"
    "success|succeeded|"
    "renewed|assigned|unassigned"
)
"""Texts of a status whose rows count."""

_MOST_WORDS = 3
"""A text of more words is a name or a description."""

_LONGEST_CODE = 2
_MOST_TEXTS = 12
"""A column that sorts rows has at most so many texts."""


def left_out(proposal: Proposal, sample: Sample, dataset: Dataset) -> None:
    """Ask once whether rows count that a column calls a draft, void, tax, or out of use, or that have a
    status which no list has, where other rows say something else.
    """
    if dataset.name == "products":
        return
    flags = {
        h: kept for h, kept in flags_of(sample).items() if h not in told_by_flags(proposal, sample, dataset)
    }
    if dataset.name == "agreements":  # lines that are not billed are there, at no price
        flags = {h: kept for h, kept in flags.items() if "billable" not in folded(h).replace(" ", "")}
    told, only = _told_apart(proposal, sample, dataset, flags)
    if both := written_twice(sample):
        twice = both[0]
        told.append(f"each line is there again for another “{twice}”")
        only[""] = [{twice: [text]} for text in _by_times(sample, twice, sample.values(twice))][:3]
    if flags:
        out = sum(any(row.get(h, "") not in kept for h, kept in flags.items()) for row in sample.rows)
        named = " and ".join(f"“{heading}”" for heading in flags)
        told.append(f"{named}: by this {out} of {len(sample.rows)} rows are out of use")
    if not told:
        return
    before = proposal.words.get("where")
    if before == TODO:
        told.append(proposal.why["where"])
    tests = before if isinstance(before, dict) else {}
    asked = proposal.options.get(("where",), ()) if before == TODO else ()
    earlier = asked[0] if asked and isinstance(asked[0], dict) else tests
    ways = only.pop("", [flags])  # of a column of which no text surely counts, each text alone
    every = [{**earlier, "only": {**earlier.get("only", {}), **only, **flags, **way}} for way in ways]
    proposal.ask("where", f"{'; '.join(told)}: do such rows count?", (*every, *asked))


def _told_apart(
    proposal: Proposal, sample: Sample, dataset: Dataset, flags: dict[str, list[str]]
) -> tuple[list[str], dict[str, Any]]:
    """Return what columns say of rows that may not count, and the texts of those that do by each column;
    under ``""`` several ways where a column has none of these.
    """
    told, only = [], dict[str, Any]()
    known = {heading_of(proposal.columns.get(name)) for name in ("charge_category", "charge_type")}
    known |= {*flags, *_looked_at(proposal)}
    for heading in filter(None, sample.headings):
        texts = list(dict.fromkeys(row.get(heading, "") for row in sample.rows))
        if not 1 < len(texts) <= _MOST_TEXTS or word_set(folded(heading)) & _OF_TAX or heading in known:
            continue
        apart = [text for text in texts if text and _is_apart(text, dataset)]
        if heading in (heading_of(proposal.columns.get(name)) for name in ("sku_id", "sku_name")):
            apart = [text for text in apart if not _is_given_back(sample, heading, text)]
        is_asked = not apart and dataset.name != "clients"
        unknown = _unknown_statuses(heading, texts, dataset) if is_asked else []
        if not (apart or unknown) or _is_ended(proposal, sample, dataset, heading, apart or unknown):
            continue
        kept = [text for text in texts if text not in apart] if apart else []
        if kept:
            only[heading] = kept
        else:
            only[""] = [{heading: [text]} for text in _by_times(sample, heading, texts)]
        says = ", ".join(apart or [text or "nothing" for text in texts])
        told.append(f"“{heading}” says {says} in some rows")
    return told, only


def _by_times(sample: Sample, heading: str, texts: list[str]) -> list[str]:
    """Texts of a column, the one of most rows first."""
    times = Counter(row.get(heading, "") for row in sample.rows)
    return sorted((text for text in dict.fromkeys(texts) if text), key=lambda text: -times[text])


def _looked_at(proposal: Proposal) -> set[str]:
    """Columns that decide already which rows are read."""
    tests = proposal.words.get("where")
    found = [tests] if isinstance(tests, dict) else list(proposal.options.get(("where",), ()))
    return {h for option in found if isinstance(option, dict) for test in option.values() for h in test}


def _unknown_statuses(heading: str, texts: list[str], dataset: Dataset) -> list[str]:
    """Texts of a column that is called a status, or the type of an invoice's lines, which are not known to be
    those of rows that count.
    """
    words = set(folded(heading).split())
    is_type = dataset.name == "invoice_lines" and folded(heading) in _TYPES
    if is_type and all(_DOCUMENTS & set(folded(text).split()) for text in texts):
        return []  # kinds of documents, of which credit notes are looked at elsewhere
    has_digits = any(c.isdigit() for text in texts for c in text)
    are_codes = all(len(text) <= _LONGEST_CODE for text in texts)  # 0, 1, 2: nobody knows what they mean
    if not (words & _STATUS or is_type) or words & _NO_STATUS or (has_digits and not are_codes):
        return []
    return [text for text in texts if text and folded(text) not in _IN_ORDER.split("|")]


def _is_apart(text: str, dataset: Dataset) -> bool:
    """Whether a text says of a row that it may not count, as such rows of a dataset do."""
    words = set(folded(text).split())
    if len(words) > _MOST_WORDS:
        return False
    if dataset.name == "clients":
        return bool(words & _NO_CLIENTS)
    if dataset.name in ("license_counts", "agreements"):
        return bool(words & (_NOT_IN_USE | _NOT_ISSUED))
    if dataset.name == "invoice_lines" and folded(text) in MEANINGS["tax"].split("|"):
        return True
    is_no_line = dataset.name != "vendor_invoices" and (
        is_called_a_total(text) or (len(words) == 1 and bool(words & _NO_LINES))
    )
    return bool(words & _NOT_ISSUED) or is_no_line


def may_not_count(text: str) -> bool:
    """Whether a text says of a row, whatever file it stands in, that it may not count or is given back."""
    words = set(folded(text).split())
    told = _NOT_ISSUED | _NOT_IN_USE | CREDIT_WORDS | _GIVEN
    return len(words) <= _MOST_WORDS and (bool(words & told) or is_called_a_total(text))


def _is_given_back(sample: Sample, heading: str, text: str) -> bool:
    """Whether what a line is for is called a credit, and all its rows have money below zero: that it is of
    something cancelled does not mean that the credit is.
    """
    rows = [row for row in sample.rows if row.get(heading) == text]
    if not CREDIT_WORDS & set(folded(text).split()):
        return False
    styles = {h: number_styles(sample.values(h)).styles for h in columns_of_money(sample)}
    return all(
        any(found and row.get(h) and (found[0].read(row[h]) or 0) < 0 for h, found in styles.items())
        for row in rows
    )


def _is_ended(proposal: Proposal, sample: Sample, dataset: Dataset, heading: str, apart: list[str]) -> bool:
    """Whether every row of an agreement that is not in use has an end, which then says all."""
    end = heading_of(proposal.columns.get("effective_end")) if dataset.name == "agreements" else None
    return bool(end) and all(row.get(end or "") for row in sample.rows if row.get(heading, "") in apart)
