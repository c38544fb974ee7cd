"""Money that may have tax in it: by its heading, or by a column that says so of the rows.

What belongs here: tax inside the money that is proposed. What does not: a second column of money that is the
first with tax (``money``), lines of tax (``columns.left_out``).
"""

from __future__ import annotations

from connectors.datasets import Dataset
from mbr_pipeline.mapping_help.text_folding import word_set
from mbr_pipeline.profiling.doubts.look import doubt, is_open
from mbr_pipeline.profiling.headings import folded
from mbr_pipeline.profiling.proposal import Proposal, headings_in
from mbr_pipeline.profiling.sample import Sample
from mbr_pipeline.profiling.words.meanings import MEANINGS

_MONEY = ("amount", "invoice_total", "unit_price", "unit_cost", "default_unit_price")
_TAX = word_set(
    "tax taxes taxe gst vat hst pst mwst ust mehrwertsteuer umsatzsteuer steuer steuern tva iva btw impuesto"
    " impuestos imposta imposte imposto impostos moms mva alv dph ptu"
)
_WITH_TAX = word_set(
    "ttc tvac brutto bruttobetrag bruttopreis bruttosumme gross ivato incl inclusive included including lordo"
    " inklusive bruto"
)
"""Words of money with tax, whether or not a word for tax stands beside them."""

_WITH = word_set(
    "inc incl inclusive included including includes include inkl inklusive inkludiert enthalten mit with plus"
    " avec compris comprise inclus incluse con incluido incluida incluidos com inclusa incluso incluse met"
    " inclusief med z s sis"
)
"""Words of money with tax beside a word for tax."""

_WITHOUT_TAX = word_set(
    "ex excl exc exclusive excluding exclude excludes excluded ht htva net netto sin sem zonder ohne zzgl"
    " exkl exklusive exclusief exclu exclue hors esclusa escluso senza before zero bez uten ekskl utan plus"
    " no none"
)
_OF_MONEY = word_set(
    "amount amounts price prices line lines betrag betrage preis preise montant montants prix importe"
    " importes precio precios importo importi prezzo prezzi bedrag bedragen prijs prijzen preco precos valor"
    " valores"
)
_MOST_WORDS = 4
_MOST_TEXTS = 6
_YES = MEANINGS["true"].split("|")
_WHAT_TO_DO = (
    "MBR takes no tax out of money: if there is, export the file with amounts before tax, or name a column"
    " that has them"
)


def tax_inside(proposal: Proposal, sample: Sample, dataset: Dataset) -> None:
    """Ask where the money that is proposed is called one with tax, or a column says so of its rows."""
    said = _said_by_rows(sample)
    for column in _MONEY:
        named = headings_in(proposal.columns.get(column)) if column in dataset.column_names else []
        money = [h for h in named if _is_with_tax(h)]
        if is_open(proposal, column):
            _say_what_to_do(proposal, column)
            continue
        if money:
            why = f"“{money[0]}” is called one with tax: is there tax in it?"
            doubt(proposal, column, f"{why} {_WHAT_TO_DO}")
        elif said and named:
            doubt(proposal, column, f"{said}: is there tax in “{named[0]}”? {_WHAT_TO_DO}")


def _say_what_to_do(proposal: Proposal, column: str) -> None:
    """Where all answers to a question are called money with tax, say so."""
    named = [h for way in proposal.options.get(("columns", column), ()) for h in headings_in(way)]
    if named and all(map(_is_with_tax, named)):
        doubt(proposal, column, f"{proposal.column_why[column]}; they are called with tax. {_WHAT_TO_DO}")


def _words(text: str) -> set[str]:
    """The words of a text, MwSt among them as one word."""
    return set(folded(text).split()) | set(folded(text.lower()).split())


def _is_with_tax(heading: str) -> bool:
    words = _words(heading)
    has = bool(words & _WITH_TAX) or bool(words & _WITH and words & _TAX)
    return has and not words & _WITHOUT_TAX


def _said_by_rows(sample: Sample) -> str | None:
    """What a column says where it calls the money of some rows, or of all, one with tax."""
    for heading in filter(None, sample.headings):
        texts = list(dict.fromkeys(sample.values(heading)))
        words = _words(heading)
        if not texts or len(texts) > _MOST_TEXTS or any(len(t.split()) > _MOST_WORDS for t in texts):
            continue
        is_called = bool(words & _WITH and words & _TAX) and not words & _WITHOUT_TAX
        yes = [text for text in texts if is_called and folded(text) in _YES]
        about = words & (_TAX | _OF_MONEY)
        inside = [text for text in texts if _is_inside(text, bool(about))]
        if yes or inside:
            return f"“{heading}” says {', '.join(texts)}"
    return None


def _is_inside(text: str, is_about_money: bool) -> bool:
    """Whether a text says that tax is in the money of its row: Tax Inclusive, or Brutto under a heading of
    money or tax.
    """
    words = _words(text)
    if words & _WITHOUT_TAX or not words:
        return False
    return bool(words & _WITH and words & _TAX) or (is_about_money and words <= _WITH_TAX)
