"""Headings of numbers with a word that may make them other numbers: annual, thousands, added, per seat.

What belongs here: asking where such a heading was chosen and the rows do not prove it. What does not:
choosing (``columns``), words that surely say other money or other counts (``words.roles``).
"""

from __future__ import annotations

import re
from typing import Any

from rapidfuzz.distance import Hamming

from connectors.datasets import Dataset
from mbr_pipeline.mapping_help.text_folding import word_set
from mbr_pipeline.profiling.doubts.look import doubt, fewest_texts, is_open
from mbr_pipeline.profiling.headings import folded
from mbr_pipeline.profiling.numbers import Numbers
from mbr_pipeline.profiling.proposal import Proposal, heading_of
from mbr_pipeline.profiling.sample import Sample
from mbr_pipeline.profiling.words import money_names as names
from mbr_pipeline.profiling.words import roles
from mbr_pipeline.profiling.words.meanings import CYCLES, TOTALS

_PRICES = (names.OWN_PRICES, names.PRICES, names.CLIENT_PRICES)
_AMOUNTS = (names.OWN_AMOUNTS, names.AMOUNTS, names.CLIENT_AMOUNTS, names.GROSS, names.INVOICE_TOTALS)
_COUNTS = (names.QUANTITIES, names.ENTITLED, names.ASSIGNED)
_ALWAYS = word_set(
    "of the de del du des d la le les l el los las der die das dem den fur for van het di della dei do da na"
    " in en im item items line lines position pos invoice invoiced bill billed billing billable charged"
    " charge charges fee fees product products service services subscription subscriptions license licence"
    " current effective total net netto ht rechnungs zeilen facture factura ligne lignes pour value wert"
    " component components seller vendor distributor payment prices this ce cet euro euros"
)
"""Words that change nothing: what is billed, by whom, and where it stands."""

_COUNTED_TOO = word_set(
    "allowed protected managed endpoint mailbox agent core cores processor processors server servers"
    " workstation workstations desktop desktops computer computers node nodes sensor sensors site sites poste"
    " appareil gerat microsoft office google workspace azure month mois monat mes mese"
)
"""What is counted, beside the words that tell a count, and in which month."""

_OF_ONE = word_set(
    "month monthly mo mtl monat monats monatlich mois mensuel mensuelle mes mensual mese mensile maand"
    " maandelijks mensal per pro par por je each stuck stk piece pieza pezzo stuk"
    " fee canone cuota mensualite mensualidad mensalidade redevance maandbedrag monatsbetrag"
    " monatsgebuhr gebuhr"
)
"""Words of a price or a fee for a month."""

_LONGER = word_set("jahrespreis jaarprijs quartalspreis kwartaalprijs")
"""Words of prices that are surely of more than a month."""

_KNOWN = {
    "price": frozenset(" ".join(_PRICES).replace("|", " ").split()) - _LONGER
    | roles.PRICE | roles.OWN | roles.CLIENTS | roles.COUNTED | _ALWAYS | _OF_ONE,
    "amount": frozenset(" ".join(_AMOUNTS).replace("|", " ").split())
    | roles.AMOUNT | roles.OWN | roles.CLIENTS | names.MONEY_WORDS | _ALWAYS
    | frozenset(TOTALS.replace("|", " ").split()),
    "count": frozenset(" ".join(_COUNTS).replace("|", " ").split()) | roles.COUNTED | _COUNTED_TOO
    | _ALWAYS,
}  # fmt: skip
_MISTYPED = 4
_CODES = {code.lower() for code in roles.CODES}
_PATH = re.compile(r"^\S*[./](?=\S)")
"""What stands before a name in a heading that is a path: Factuurregels/Aantal, prices.buyTotal."""

_CENTS = word_set("cent cents centimes centime centimos rappen pence ore")
_A_YEAR = re.compile(r"\bp\.\s?a\.", re.IGNORECASE)

_KINDS = {
    "quantity": "count",
    "entitled_quantity": "count",
    "assigned_quantity": "count",
    "unit_cost": "price",
    "unit_price": "price",
    "default_unit_price": "price",
    "amount": "amount",
    "invoice_total": "amount",
}
_SAID = {
    "price": "is it the price of one for a month (or for the row)",
    "amount": "is it the money of the row, in whole units of its currency",
    "count": "is it what is there and counts",
}


def unknown_words(proposal: Proposal, sample: Sample, dataset: Dataset, numbers: Numbers) -> None:
    """Ask of each number whose heading has a word that no list knows, unless quantity, price and amount prove
    each other.
    """
    if _is_proved(proposal, dataset, numbers):
        return
    for column, kind in _KINDS.items():
        heading = heading_of(proposal.columns.get(column))
        if heading is None or heading not in numbers.columns or is_open(proposal, column):
            continue
        if word := unknown_word(heading, kind):
            why = f"“{heading}”: “{word}” is not known; {_SAID[kind]}?"
            doubt(proposal, column, why, *_readings(proposal, sample, heading, kind, word))
            _ask_product(proposal, heading)


def _is_proved(proposal: Proposal, dataset: Dataset, numbers: Numbers) -> bool:
    price = "unit_cost" if dataset.name == "vendor_charges" else "unit_price"
    found = [heading_of(proposal.columns.get(name)) for name in ("quantity", price, "amount")]
    quantity, each, amount = (heading if heading in numbers.columns else None for heading in found)
    return bool(quantity and each and amount and numbers.triples([quantity], [each], [amount]))


def _readings(proposal: Proposal, sample: Sample, heading: str, kind: str, word: str) -> list[dict[str, Any]]:
    """What the number may be by that word: cents, or a price of several months."""
    if word in _CENTS:
        return [{"heading": heading, "implied_decimals": "2"}]
    months = "12" if word == "p.a." else next((n for n, w in CYCLES.items() if word in w.split("|")), "1")
    telling = fewest_texts(proposal, sample)
    if kind != "price" or months == "1" or not telling:
        return []
    return [
        {"heading": heading, "per": {telling: dict.fromkeys(sorted(set(sample.values(telling))), months)}}
    ]


def _ask_product(proposal: Proposal, heading: str) -> None:
    """An amount that is made of what is asked is asked too."""
    words = proposal.columns.get("amount")
    if isinstance(words, dict) and heading in words.get("product_of", ()):
        doubt(proposal, "amount", f"it is made of “{heading}”, which is asked")


def unknown_word(heading: str, kind: str) -> str | None:
    """Return the first word of a heading that is none of a price, an amount or a count; codes of currencies
    and what says that money is before tax are none.
    """
    text = folded(_PATH.sub("", heading))
    if kind == "price" and _A_YEAR.search(heading):
        return "p.a."
    if kind != "count":
        text = roles.BEFORE_TAX.sub(" ", text)
    return next((word for word in text.split() if not _is_known(word, kind)), None)


def _is_known(word: str, kind: str) -> bool:
    """Whether a word is one of a kind of number, or one letter away from it; where things are counted, digits
    are of a product's name.
    """
    if word in _KNOWN[kind] or word in _CODES or (kind == "count" and word.isdigit()):
        return True
    return len(word) >= _MISTYPED and any(
        len(word) == len(known) and word[0] == known[0] and Hamming.distance(word, known) == 1
        for known in _KNOWN[kind]
    )
