"""Money whose cells are not all numbers.

What belongs here: what is asked about such a column. What does not: how numbers are written (``styles``).
"""

from __future__ import annotations

from connectors.datasets import Dataset
from connectors.mapped.words import TODO
from mbr_pipeline.profiling.headings import score
from mbr_pipeline.profiling.numbers import Numbers
from mbr_pipeline.profiling.proposal import Proposal
from mbr_pipeline.profiling.sample import Sample
from mbr_pipeline.profiling.styles import date_forms, number_styles
from mbr_pipeline.profiling.words import money_names

_SURELY = 97
"""More surely a heading is a name, also with a unit behind or a line in front: Line Amount (EUR)."""


def refuse_unread(proposal: Proposal, sample: Sample, dataset: Dataset, numbers: Numbers) -> None:
    """A column that is called money and has cells that are no numbers is nobody's guess."""
    if "amount" not in dataset.column_names:
        return
    listed = "|".join(
        (money_names.AMOUNTS, money_names.OWN_AMOUNTS, money_names.PRICES, money_names.OWN_PRICES)
    )
    for heading in sample.headings:
        texts = sample.values(heading)
        if heading in numbers.columns or not texts or score(heading, listed)[0] <= _SURELY:
            continue
        if date_forms(texts):
            continue  # Tot, of the last day
        if sum(any(c.isdigit() for c in text) for text in texts) * 2 >= len(texts) and any(
            text.strip("0.,") for text in texts
        ):
            why = f"“{heading}” has cells that are no numbers, such as {unread(texts)}"
            proposal.put("amount", TODO, why)
    for column, names in (
        ("quantity", money_names.QUANTITIES),
        ("unit_cost", f"{money_names.OWN_PRICES}|{money_names.PRICES}"),
        ("unit_price", money_names.PRICES),
    ):
        if proposal.columns.get(column) == TODO and not proposal.options.get(("columns", column)):
            _say_why_not(proposal, sample, numbers, column, names)


def _say_why_not(proposal: Proposal, sample: Sample, numbers: Numbers, column: str, names: str) -> None:
    """Say of a number that no heading fits which column would, but for some of its cells."""
    for heading in filter(None, sample.headings):
        texts = sample.values(heading)
        if heading in numbers.columns or not texts or score(heading, names)[0] <= _SURELY:
            continue
        if any(number_styles([text]).styles for text in texts):
            why = f"“{heading}” has cells that are no numbers, such as “{unread(texts)}”: correct the file"
            proposal.put(column, TODO, why, (heading,))
            return


def unread(texts: list[str]) -> str:
    """Return the first text that is no number, and what to write where that is known."""
    wrong = next((text for text in texts if not number_styles([text]).styles), texts[0])
    return (
        f"{wrong}; negatives: credit if CR is given back" if wrong.upper().endswith(("CR", "DR")) else wrong
    )
