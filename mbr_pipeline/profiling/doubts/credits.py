"""Credits that are written without a minus: a column calls rows a credit whose money is above zero.

What belongs here: the question which sign such rows have. What does not: refunds with a plain quantity beside
money below zero (``columns.money``), lines that do not count (``columns.left_out``).
"""

from __future__ import annotations

from typing import Any

from connectors.datasets import Dataset
from mbr_pipeline.mapping_help.text_folding import word_set
from mbr_pipeline.profiling.columns.numbers import Numbers
from mbr_pipeline.profiling.doubts.look import doubt, is_open, sorting
from mbr_pipeline.profiling.headings import folded
from mbr_pipeline.profiling.proposal import Proposal, heading_of
from mbr_pipeline.profiling.sample import Sample
from mbr_pipeline.profiling.words.meanings import MEANINGS

_CREDITS = frozenset(MEANINGS["credit"].split("|"))
_WORDS = word_set(
    "credit creditnote creditmemo refund refunded gutschrift erstattung avoir abono creditnota creditfactuur"
    " accredito storno rechnungskorrektur remboursement reembolso"
)
_SIDES = {("c", "d"), ("cr", "dr"), ("h", "s"), ("credit", "debit"), ("haben", "soll")}
"""The credit's side first."""

_MONEY = ("amount", "invoice_total")


def credits_without_a_minus(proposal: Proposal, sample: Sample, dataset: Dataset, numbers: Numbers) -> None:
    """Ask for the sign of money that a column calls a credit and that stands there without a minus."""
    column = next((name for name in _MONEY if name in dataset.column_names), "")
    money = heading_of(proposal.columns.get(column))
    if not column or not money or money not in numbers.columns or is_open(proposal, column):
        return
    amounts = numbers.columns[money]
    for heading, texts in sorting(sample).items():
        called = [text for text in texts if text and _is_credit(text, texts)]
        if not called or len(called) == len(texts) or heading in numbers.columns:
            continue
        signs = {
            (row.get(heading, "") in called, amount > 0)
            for row, amount in zip(sample.rows, amounts, strict=True)
            if amount
        }
        if (True, True) not in signs or (True, False) in signs:
            continue
        test = {
            "negative_if": {heading: called},
            "as_written_if": {heading: [text for text in texts if text not in called]},
        }
        why = f"“{heading}” says {' and '.join(called)} where “{money}” has no minus: is it given back?"
        signed: dict[str, Any] = {column: {"heading": money, **test}}
        quantity = heading_of(proposal.columns.get("quantity"))
        if quantity:
            signed["quantity"] = {"heading": quantity, **test}
        doubt(proposal, column, why, {"columns": signed}, first=True)
        return


def _is_credit(text: str, texts: list[str]) -> bool:
    words = folded(text)
    sides = {folded(other) for other in texts if other}
    is_side = any(words == side[0] and sides == set(side) for side in _SIDES)
    return is_side or words in _CREDITS or bool(_WORDS & set(words.split()))
