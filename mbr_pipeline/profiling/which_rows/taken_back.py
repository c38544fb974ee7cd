"""Rows that another column takes back: an older revision, cancelled on a day, free of charge, billed to
somebody else.

What belongs here: columns that say so beside money that counts. What does not: a status, drafts and flags
(``columns.left_out``), credits (``doubts.credits``).
"""

from __future__ import annotations

import re

from connectors.datasets import Dataset
from mbr_pipeline.mapping_help.text_folding import word_set
from mbr_pipeline.profiling.by_rows.unused import stands_with, unused
from mbr_pipeline.profiling.doubts.look import doubt, is_open
from mbr_pipeline.profiling.headings import folded
from mbr_pipeline.profiling.numbers import Numbers
from mbr_pipeline.profiling.proposal import Proposal, heading_of
from mbr_pipeline.profiling.sample import Sample
from mbr_pipeline.profiling.styles import date_forms
from mbr_pipeline.profiling.which_rows.measure import ALL, looked_at, measures, numbers_used
from mbr_pipeline.profiling.words.meanings import MEANINGS

_REVISIONS = word_set(
    "revision rev revisions version amendment amended reissue fassung revisie versie versione revisione"
    " versao revisao wersja korekta aenderungsstand anderungsstand ausgabe"
)
_NO_REVISIONS = word_set("product software api os app schema agent firmware license licence plan")
_A_REVISION = re.compile(r"[^\W\d]{0,12}[ ._-]?[0-9]{0,2}(?:\.[0-9])?")
"""1, R2, v1.1, Original: not the version of a product, such as 2019."""

_TAKEN = word_set(
    "void voided deleted superseded withdrawn reversed replaced storno storniert stornodatum stornonummer"
    " geloscht ersetzt annule annulee annulation remplace remplacee supprime supprimee anulado anulada"
    " anulacion reemplazado sustituida eliminado vervallen vervangen verwijderd annullato annullata"
    " sostituita eliminato anulowano anulowana usunieto"
)
"""Words of headings that say that a row does not count any more, on any document."""

_CANCELLED = word_set(
    "cancelled canceled cancellation cancel cancelado cancelada cancelacion geannuleerd annulering"
    " annullamento cancelamento makulerad annulleret peruttu"
)
"""Words that say so of an invoice; beside a subscription they say that it ends."""

_NO_END = word_set(
    "by until deadline fee fees policy allowed window frist terms before latest bis charge charges quantity"
    " qty seats amount price subscription contract service license licence agreement"
)
_FREE = re.compile(
    r"\b(?:free of charge|no charge|not charged|not chargeable|non chargeable|not billed|not billable"
    r"|non billable|do not bill|do not invoice|not invoiced|waived|complimentary|at no cost|without charge"
    r"|kostenlos\w*|kostenfrei\w*|ohne berechnung|nicht berechne[nt]|nicht verrechne[nt]|unberechnet|gratis"
    r"|gratuite?s?|sans frais|non facturee?|non facturable|sin cargo|sin coste?|sin costo"
    r"|no facturable|sem custo|kosteloos|niet gefactureerd|zonder kosten|senza costi|non fatturat[oa]"
    r"|omaggio|bezplatn\w+|ilmainen|kostnadsfri\w*)\b"
)
"""What says of a row that nobody pays it."""

_FREE_HEADINGS = word_set(
    "free freeofcharge complimentary nocharge gratis kostenlos kostenfrei waived gratuit courtesy"
)
_BILLING = word_set(
    "bill billed billing billto invoice invoiced invoicing payer paid pays payable charged"
    " rechnungsempfanger rechnung abrechnung abgerechnet zahler facture factura facturado facturation"
    " facturacion factuur gefactureerd fatturazione fattura pagador payeur"
)
_END_CUSTOMER = word_set(
    "end customer customers client clients enduser user kunde kunden endkunde final klant eindklant cliente"
    " finale direct directly direkt directo diretto consumer tenant"
)
_US = word_set(
    "partner reseller msp distributor dealer us indirect indirekt handler wiederverkaufer fachhandler"
    " revendeur partenaire revendedor socio distribuidor wederverkoper rivenditore csp provider"
)
_NUMBERS = word_set("no nr number nummer id numero document invoice")
_MOST_WORDS = 3
_MOST_TEXTS = 4
_YES = MEANINGS["true"].split("|")
_LINES = ("vendor_charges", "invoice_lines")


def taken_back(proposal: Proposal, sample: Sample, dataset: Dataset, numbers: Numbers) -> None:
    """Ask which rows count where a column says of some that they do not."""
    if dataset.name in ("clients", "products"):
        return
    _revisions(proposal, sample)
    _cancelled(proposal, sample, dataset, numbers)
    _for_nothing(proposal, sample, dataset, numbers)
    if dataset.name == "vendor_charges":
        _billed_to_others(proposal, sample)


def _revisions(proposal: Proposal, sample: Sample) -> None:
    """Ask where one document is there in several revisions."""
    document = next(
        (h for c in ("invoice_id", "agreement_id") if (h := heading_of(proposal.columns.get(c)))), None
    )
    taken = numbers_used(proposal) | looked_at(proposal)
    for heading in filter(None, sample.headings if document else ()):
        words = set(folded(heading).split())
        if heading in taken or not words & _REVISIONS or words & _NO_REVISIONS:
            continue
        if not all(_A_REVISION.fullmatch(text) for text in sample.values(heading)):
            continue
        found = stands_with(sample, document or "", heading)
        several = [text for text, texts in found.items() if len(texts) > 1]
        if several:
            last = max(sample.values(heading), key=lambda text: (len(text), text))
            are_in_all = all(last in texts for texts in found.values())
            why = (
                f"“{heading}” has several texts for one “{document}”, such as {several[0]}: do all count?"
                " If a later one takes the place of the earlier, leave the earlier out of the file"
            )
            ways = [{"only": {heading: [last]}}] if are_in_all else []
            proposal.ask_rows(why, (*ways, {"only": {heading: ALL}}))
            return


def _cancelled(proposal: Proposal, sample: Sample, dataset: Dataset, numbers: Numbers) -> None:
    """Ask where a column of days or numbers that cancel is filled in some rows and empty in others."""
    for heading in unused(proposal, sample):
        words = set(folded(heading).split())
        some = 0 < len(sample.values(heading)) < len(sample.rows)
        no_end = (
            _NO_END - {"by"} if words & _TAKEN else _NO_END
        )  # superseded by a document, cancelled by a day
        if not some or words & no_end or not words & (_TAKEN | _CANCELLED):
            continue
        is_number = heading in numbers.columns and not date_forms(sample.values(heading))
        if is_number and not words & _NUMBERS:
            continue
        if not words & _TAKEN and not _ends_documents(proposal, sample, dataset, heading):
            continue
        out = len(sample.values(heading))
        why = f"“{heading}” is filled in {out} of {len(sample.rows)} rows: do such rows count?"
        proposal.ask_rows(why, ({"only": {heading: [""]}}, {"only": {heading: ALL}}))
        return


def _ends_documents(proposal: Proposal, sample: Sample, dataset: Dataset, heading: str) -> bool:
    """Whether a day of cancelling is that of a document or a count: a bill of subscriptions has such days of
    what it bills, unless every line of each invoice has the same.
    """
    if dataset.name == "agreements":
        return heading_of(proposal.columns.get("effective_end")) is None
    if dataset.name != "vendor_charges":
        return True
    document = heading_of(proposal.columns.get("invoice_id"))
    found = stands_with(sample, document, heading) if document else {}
    return 1 < len(found) < len(sample.rows) and all(len(texts) == 1 for texts in found.values())


def _for_nothing(proposal: Proposal, sample: Sample, dataset: Dataset, numbers: Numbers) -> None:
    """Ask whether rows with money count that a text calls free of charge."""
    columns = measures(proposal, sample, numbers)
    if dataset.name not in (*_LINES, "agreements") or not columns:
        return
    taken = numbers_used(proposal) - _texts_used(proposal)
    for heading in filter(None, sample.headings):
        if heading in taken or heading in numbers.columns:
            continue
        free = [t for t in dict.fromkeys(sample.values(heading)) if _is_free(heading, t)]
        rows = [at for at, row in enumerate(sample.rows) if row.get(heading, "") in free]
        if not free or not any(columns[0][at] for at in rows) or len(rows) == len(sample.rows):
            continue
        if _is_an_answer(proposal, heading, free):
            return
        why = f"“{heading}” says {', '.join(free[:3])} in rows with money: are they billed?"
        if dataset.name == "agreements":
            price = proposal.columns.get("unit_price")
            if isinstance(price, str) and not is_open(proposal, "unit_price"):
                test = {"zero_if": {heading: free}, "as_written_if": {heading: ALL}}
                doubt(proposal, "unit_price", why, {"heading": price, **test}, first=True)
            return
        proposal.ask_rows(why, ({"skip": {heading: free}}, {"only": {heading: ALL}}))
        return


def _is_an_answer(proposal: Proposal, heading: str, free: list[str]) -> bool:
    """Whether an answer to which rows are read passes over all rows with these texts already."""
    options = [way for way in proposal.options.get(("where",), ()) if isinstance(way, dict)]
    kept = [way["only"][heading] for way in options if heading in way.get("only", {})]
    return any(texts != ALL and not set(texts) & set(free) for texts in kept)


def _texts_used(proposal: Proposal) -> set[str]:
    """Columns of names and descriptions, which may say more of a row than what it is for."""
    names = ("sku_name", "description", "detail", "charge_type")
    return {h for name in names if (h := heading_of(proposal.columns.get(name)))}


def _is_free(heading: str, text: str) -> bool:
    """Whether a text says that a row is for nothing, or yes under a heading that does."""
    called = folded(heading).replace(" ", "").removeprefix("is")
    return bool(_FREE.search(folded(text))) or (called in _FREE_HEADINGS and folded(text) in _YES)


def _billed_to_others(proposal: Proposal, sample: Sample) -> None:
    """Ask where a column says of some lines of a vendor's bill that the end customer pays them."""
    taken = numbers_used(proposal) | looked_at(proposal)
    for heading in filter(None, sample.headings):
        texts = list(dict.fromkeys(row.get(heading, "") for row in sample.rows))
        is_called = _BILLING & set(folded(heading).split())
        if heading in taken or not is_called or not 1 < len(texts) <= _MOST_TEXTS:
            continue
        said = {text: set(folded(text).split()) for text in texts if text}
        if any(len(words) > _MOST_WORDS for words in said.values()):
            continue
        theirs = [text for text, words in said.items() if words & _END_CUSTOMER and not words & _US]
        is_yes = "direct" in folded(heading).split()
        theirs += [text for text in said if is_yes and folded(text) in _YES]
        ours = [text for text in texts if text not in theirs]
        if theirs and ours and (is_yes or all(said[text] & _US for text in ours if text)):
            why = f"“{heading}” says {', '.join(theirs)} in some rows: does the vendor bill them to you?"
            proposal.ask_rows(why, ({"only": {heading: ours}}, {"only": {heading: ALL}}))
            return
