"""Credits that are written without a minus: a column calls rows a credit whose money is above zero.

What belongs here: the question which sign such rows have. What does not: refunds with a plain quantity beside
money below zero (``columns.money``), lines that do not count (``columns.left_out``).
"""

from __future__ import annotations

from typing import Any

from connectors.datasets import Dataset
from mbr_pipeline.mapping_help.text_folding import word_set
from mbr_pipeline.profiling.doubts.look import doubt, fewest_texts, is_open, sorting
from mbr_pipeline.profiling.headings import folded
from mbr_pipeline.profiling.numbers import Numbers
from mbr_pipeline.profiling.proposal import Proposal, heading_of
from mbr_pipeline.profiling.sample import Sample
from mbr_pipeline.profiling.words.meanings import CREDIT_WORDS, MEANINGS

_CREDITS = frozenset(MEANINGS["credit"].split("|"))
_SIDES = {("c", "d"), ("cr", "dr"), ("h", "s"), ("credit", "debit"), ("haben", "soll")}
"""The credit's side first."""

_DOCUMENTS = word_set("document doc beleg dokument voucher transaction vorgang piece documento")
_KINDS = word_set("type typ art kind tipo soort nature")
_KINDS_OF_DOCUMENTS = word_set("belegart belegtyp dokumentart dokumenttyp doctype vorgangsart vorgangstyp")
_INVOICES = word_set(
    "invoice invoices inv bill rechnung facture factura factuur fattura fatura sale sales charge"
)
_BACK = word_set("return returns retour retoure devolucion reversal cancellation annulation stornierung reso")

Test = dict[str, dict[str, list[str]]]
_MONEY = ("amount", "invoice_total")


def credits_without_a_minus(proposal: Proposal, sample: Sample, dataset: Dataset, numbers: Numbers) -> None:
    """Give rows that a column calls a credit note the sign of one, where no number of theirs or of any other
    row has a minus; ask where the text only has such a word in it, or where others have one.

    The number is the amount, or the quantity where no amount is named.
    """
    column, money = _signed_column(proposal, dataset, numbers)
    if not money:
        return
    for heading, texts in sorting(sample).items():
        called = [text for text in texts if text and _is_credit(text, texts)]
        if not called and heading not in numbers.columns and not _has_a_minus(numbers, money):
            called = _unknown_documents(sample, heading, texts)
        if not called or len(called) == len(texts) or heading in numbers.columns:
            continue
        signs = {
            (row.get(heading, "") in called, amount > 0)
            for row, amount in zip(sample.rows, numbers.columns[money], strict=True)
            if amount
        }
        if (True, True) not in signs or (True, False) in signs:
            continue
        others = [text for text in texts if text not in called]
        test = {"negative_if": {heading: called}, "as_written_if": {heading: others}}
        why = f"“{heading}” says {' and '.join(called)} where “{money}” has no minus"
        signed = _signed(proposal, column, money, test)
        if all(folded(text) in _CREDITS for text in called) and (False, False) not in signs:
            for name, words in signed.items():
                proposal.put(name, words, f"{proposal.column_why[name]}; {why}: it is given back")
        else:
            doubt(proposal, column, f"{why}: is it given back?", {"columns": signed}, first=True)
        _sign_options(proposal, test, numbers)
        return


def sign_of_the_whole(proposal: Proposal, sample: Sample, dataset: Dataset, numbers: Numbers) -> None:
    """Ask whether a file is given back as a whole: the lines above its headings call it a credit and no money
    has a minus, or all money has one, which may be how its vendor writes charges.
    """
    column, money = _signed_column(proposal, dataset, numbers)
    signs = {amount > 0 for amount in numbers.columns[money] if amount} if money else set()
    if not money or len(signs) != 1:
        return
    cells = [cell for line in sample.above for cell in line]
    called = next((cell for cell in cells if CREDIT_WORDS & set(folded(cell).split())), None)
    if signs == {False}:
        doubt(proposal, column, f"“{money}” is below zero in every row: is all of it given back?")
    elif called and (telling := fewest_texts(proposal, sample)):
        texts = sorted(set(sample.values(telling)))
        test = {"negative_if": {telling: texts}, "as_written_if": {telling: ["*"]}}
        signed = {"columns": _signed(proposal, column, money, test)}
        doubt(proposal, column, f"above the headings stands “{called}”: is all of it given back?", signed,
              first=True)  # fmt: skip


def _sign_options(proposal: Proposal, test: Test, numbers: Numbers) -> None:
    """Give the sign to what an open amount may be: products, and columns without a minus."""
    key = ("columns", "amount")
    proposal.options[key] = tuple(
        {**option, **test}
        if isinstance(option, dict) and "product_of" in option
        else {"heading": option, **test}
        if isinstance(option, str) and option in numbers.columns and not _has_a_minus(numbers, option)
        else option
        for option in proposal.options.get(key, ())
    )


def _has_a_minus(numbers: Numbers, heading: str) -> bool:
    return any(money < 0 for money in numbers.columns[heading] if money)


def _signed_column(proposal: Proposal, dataset: Dataset, numbers: Numbers) -> tuple[str, str | None]:
    """Return the column whose sign is looked at, and its heading."""
    for column in _MONEY:
        money = heading_of(proposal.columns.get(column))
        if column in dataset.column_names and money in numbers.columns and not is_open(proposal, column):
            return column, money
    quantity = heading_of(proposal.columns.get("quantity"))
    is_signed = "sign_of" in (proposal.columns.get("quantity") or {})
    if "amount" in dataset.column_names and quantity in numbers.columns and not is_signed:
        return "quantity", quantity
    return "", None


def _signed(proposal: Proposal, column: str, money: str, test: Test) -> dict[str, Any]:
    """The columns with the sign that the texts give them, as far as they are known."""
    signed: dict[str, Any] = {column: {"heading": money, **test}}
    quantity = heading_of(proposal.columns.get("quantity"))
    if quantity:
        signed["quantity"] = {"heading": quantity, **test}
    amount = proposal.columns.get("amount")
    if isinstance(amount, dict) and "product_of" in amount:
        signed["amount"] = {**amount, **test}
    return signed


def _unknown_documents(sample: Sample, heading: str, texts: list[str]) -> list[str]:
    """Texts of a column of kinds of documents that say nothing of an invoice, or, where all are codes, those
    that are not of the most rows.
    """
    words = set(folded(heading).split())
    if words.isdisjoint(_KINDS_OF_DOCUMENTS) and (words.isdisjoint(_DOCUMENTS) or words.isdisjoint(_KINDS)):
        return []
    said = {text: set(folded(text).split()) for text in texts}
    unknown = [text for text, words in said.items() if words & _BACK or not words & _INVOICES]
    if len(unknown) < len(texts):
        return unknown
    rows = sample.values(heading)
    return [text for text in texts if text != max(texts, key=rows.count)]


def _is_credit(text: str, texts: list[str]) -> bool:
    words = folded(text)
    sides = {folded(other) for other in texts if other}
    is_side = any(words == side[0] and sides == set(side) for side in _SIDES)
    return is_side or words in _CREDITS or bool(CREDIT_WORDS & set(words.split()))
