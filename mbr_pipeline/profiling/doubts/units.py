"""What a quantity and a price are counted in: numbers beside them that change them, prices of a hundred, one
product in two units of measure.

What belongs here: doubts about units. What does not: prices of a longer time (``cycles``), packs that a rule
counts in seats (``units_per`` of ``sku_map.csv``).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from connectors.datasets import Dataset
from connectors.mapped.words import TODO
from mbr_pipeline.mapping_help.text_folding import word_set
from mbr_pipeline.profiling.by_rows.unused import stands_with
from mbr_pipeline.profiling.doubts.look import doubt, is_open, used
from mbr_pipeline.profiling.headings import folded, score
from mbr_pipeline.profiling.numbers import Column, Numbers
from mbr_pipeline.profiling.proposal import Proposal, heading_of
from mbr_pipeline.profiling.sample import Sample
from mbr_pipeline.profiling.words.roles import is_measure

_TAKEN_OFF = word_set(
    "included inclusive less free deducted complimentary allowance gratis kostenlos kostenfrei frei freie"
    " freimenge enthalten enthaltene inkludiert inklusive inklusivmenge abzuglich inclus incluse incluses"
    " compris comprise gratuit gratuite gratuits gratuites franchise incluido incluida incluidos incluidas"
    " libres inbegrepen inclusief kosteloos incluso inclusi gratuiti wliczone waived courtesy bonus"
)
_AT_LEAST = word_set(
    "minimum mindestmenge mindestanzahl mindestabnahme mindestens minimale minimo minima minimal minimaal"
    " minstens"
)
_SHORT_FOR_IT = ({"min", "qty"}, {"min", "quantity"}, {"min", "seats"}, {"min", "units"}, {"min", "menge"})
"""Min alone may be minutes."""

_NO_UNITS = word_set(
    "tax gst vat mwst ust tva iva btw price preis prix precio prijs prezzo cost amount betrag montant importe"
    " total value fee rate charge date day days month months year years term duration period laufzeit percent"
    " pct discount margin gb mb tb storage minutes sms id number no code type level order available remaining"
)
_PRICE_UNITS = (
    "preiseinheit|pe|preis pro|preis je|preisbasis|preismenge|price unit|pricing unit|price per|per|"
    "price basis|price base|price quantity|price base quantity|base quantity|per quantity|unit of price|"
    "unite de prix|prix par|base de prix|quantite de base|unidad de precio|precio por|base de precio|"
    "prijseenheid|prijs per|unita di prezzo|prezzo per|base prezzo|unidade de preco|preco por|"
    "prisenhet|jednostka ceny"
)
_POWERS = frozenset(["10", "100", "1000", "10000", "1000000"])
_UNITS = word_set(
    "unit units uom uofm einheit mengeneinheit me unite unites unidad unidades eenheid unita misura um"
    " unidade jednostka enhet yksikko measure"
)
_NO_UNIT = word_set(
    "price cost amount preis prix precio prijs prezzo total id quantity qty count business name"
)
_SURELY = 97
_MOST_UNITS = 12
_PRICES = ("unit_price", "unit_cost", "default_unit_price")


def numbers_beside_the_quantity(
    proposal: Proposal, sample: Sample, dataset: Dataset, numbers: Numbers
) -> None:
    """Ask for the quantity where a number beside it says that some units are included, free, or the least,
    and no money proves it.
    """
    many = heading_of(proposal.columns.get("quantity"))
    if "quantity" not in dataset.column_names or not many or is_open(proposal, "quantity"):
        return
    if many not in numbers.columns or " × " in proposal.column_why.get("quantity", ""):
        return
    taken = used(proposal)
    for heading, column in numbers.columns.items():
        words = set(folded(heading).split())
        at_least = words & _AT_LEAST or any(words >= both for both in _SHORT_FOR_IT)
        if heading in taken or words & _NO_UNITS or not any(column) or not (words & _TAKEN_OFF or at_least):
            continue
        if not words & _TAKEN_OFF and not _is_more(column, numbers.columns[many]):
            continue
        why = (
            f"“{heading}” stands beside “{many}”: is “{many}” what is billed? MBR takes no number off"
            " another: if not, add a column of what is billed to the file"
        )
        doubt(proposal, "quantity", why)
        return


def _is_more(least: Column, many: Column) -> bool:
    """Whether the least number of units is more than that of a row, so that it would change it."""
    return any(a is not None and b is not None and a > b for a, b in zip(least, many, strict=True))


def price_units(proposal: Proposal, sample: Sample, dataset: Dataset, numbers: Numbers) -> None:
    """Propose a price divided by the units that a column says it is of, where price × quantity ÷ units is the
    amount in every row; else ask.
    """
    column = next((name for name in _PRICES if _said(proposal, name)), "")
    price, many, amount = (_said(proposal, name) for name in (column, "quantity", "amount"))
    for heading in numbers.columns if price in numbers.columns and price else ():
        texts = {text.strip() for text in sample.values(heading)}
        if heading in (price, many, amount) or not texts & _POWERS or not texts <= _POWERS | {"1"}:
            continue
        if score(heading, _PRICE_UNITS)[0] < _SURELY:
            continue
        words = {"heading": price, "divided_by": heading}
        if many and amount and price and _is_proved(numbers, many, price, heading, amount):
            why = f"{many} × {price} ÷ {heading} = {amount} in every row"
            for name, answer in ((column, words), ("amount", amount)):
                proposal.put(name, answer, why)
                proposal.options.pop(("columns", name), None)
        elif proposal.columns[column] == price or heading in _options(proposal, column):
            said = ", ".join(sorted(texts, key=len))
            why = f"“{heading}” says {said}: is “{price}” of so many units?"
            kept = tuple(o for o in _options(proposal, column) if o != heading)
            proposal.options["columns", column] = kept
            doubt(proposal, column, why, words, first=True)
            made = proposal.columns.get("amount")
            if isinstance(made, dict) and "product_of" in made:
                doubt(proposal, "amount", f"{why} Then no column has the amount: add one to the file")
        return


def _said(proposal: Proposal, name: str) -> str | None:
    """The heading of a column, or the first that it may be where quantity × price is not the amount, or
    where one of the units is taken for another price.
    """
    words = proposal.columns.get(name)
    found = [h for h in map(heading_of, _options(proposal, name)) if h]
    prices = [h for h in found if score(h, _PRICE_UNITS)[0] < _SURELY]
    if words == TODO and (" is not " in proposal.column_why.get(name, "") or len(prices) < len(found)):
        words = next(iter(prices), None)
    return heading_of(words)


def _options(proposal: Proposal, name: str) -> tuple[Any, ...]:
    return proposal.options.get(("columns", name), ())


def _is_proved(numbers: Numbers, many: str, price: str, units: str, amount: str) -> bool:
    """Whether quantity × price ÷ units is the amount in every row, exactly."""
    if not {many, price, units, amount} <= set(numbers.columns):
        return False
    rows = zip(*(numbers.columns[h] for h in (many, price, units, amount)), strict=True)
    return all(
        a is not None and b is not None and c and money is not None and a * b == money * c
        for a, b, c, money in rows
    )


def two_units_of_measure(proposal: Proposal, sample: Sample, dataset: Dataset) -> None:
    """Ask where one product is counted in two units of measure."""
    column = "sku_id" if "sku_id" in dataset.column_names else "product_code"
    product = heading_of(proposal.columns.get(column))
    if dataset.name == "products" or not product or is_open(proposal, column):
        return
    counted = replace(sample, rows=[row for row in sample.rows if not _is_usage(proposal, row)])
    for heading in filter(None, sample.headings):
        words = {*folded(heading).split(), *folded(heading.lower()).split()}  # UoM is one word, too
        texts = set(sample.values(heading))
        if not words & _UNITS or words & _NO_UNIT or heading == product or not 1 < len(texts) <= _MOST_UNITS:
            continue
        found = stands_with(counted, product, heading)
        both = next((each for each in found.values() if len({_bare(t) for t in each if t}) > 1), None)
        if not both or not all(any(c.isalpha() for c in text) for text in texts):
            continue
        says = " and ".join(sorted(filter(None, both)))
        why = f"one “{product}” is counted in {says} (“{heading}”): "
        if column == "sku_id":
            why += "joined they are told apart, and each has its units_per in sku_map.csv"
            doubt(proposal, column, why, {"joined": [product, heading]}, first=True)
        elif not is_open(proposal, "quantity") and proposal.columns.get("quantity"):
            doubt(proposal, "quantity", f"{why}give the file one unit for it, or is it the same?")
        return


def _is_usage(proposal: Proposal, row: dict[str, str]) -> bool:
    """Whether a row is known to be usage, whose quantities are not compared."""
    words = proposal.columns.get("charge_category")
    if not isinstance(words, dict):
        return False
    values = words.get("values", {})
    return "usage" in (words.get("constant"), values.get(row.get(words.get("heading", ""), "")))


def _bare(unit: str) -> str:
    """A unit without case and plural: Users is user."""
    word = folded(unit)
    return word.removesuffix("s") if not is_measure(word) else word
