"""Prices that may be of a longer time than a month.

What belongs here: doubts about what a price is for. What does not: prices of agreements per cycle
(``columns.counts``), other money (``money``).
"""

from __future__ import annotations

from typing import Any

from connectors.datasets import Dataset
from mbr_pipeline.profiling.by_rows.period_ends import form_of, periods
from mbr_pipeline.profiling.doubts.look import doubt, is_open
from mbr_pipeline.profiling.headings import folded, score
from mbr_pipeline.profiling.proposal import Proposal, heading_of
from mbr_pipeline.profiling.sample import Sample
from mbr_pipeline.profiling.words.meanings import CYCLE_HEADINGS, CYCLES

_LONGEST_MONTH = 31
_DAYS_OF_A_MONTH = 30.4


def longer_cycles(proposal: Proposal, sample: Sample, dataset: Dataset) -> None:
    """Ask for the price of a month where a column of cycles says that some are longer."""
    column = {"invoice_lines": "unit_price", "products": "default_unit_price"}.get(dataset.name, "")
    price = heading_of(proposal.columns.get(column))
    if not price or is_open(proposal, column):
        return
    longer = {text for months, listed in CYCLES.items() if months != "1" for text in listed.split("|")}
    for heading in filter(None, sample.headings):
        texts = list(dict.fromkeys(sample.values(heading)))
        months = {
            text: next((n for n, listed in CYCLES.items() if folded(text) in listed.split("|")), "")
            for text in texts
        }
        is_cycle = score(heading, CYCLE_HEADINGS)[0] > 90 or all(months.values())
        if is_cycle and any(folded(text) in longer for text in texts):
            words = {"heading": price, "per": {heading: {t: n or "1" for t, n in months.items()}}}
            doubt(proposal, column, f"“{heading}” says {', '.join(texts)}: is “{price}” of a month?", words)
            return


def longer_periods(proposal: Proposal, sample: Sample, dataset: Dataset) -> None:
    """Ask for the price of a month where the lines of an invoice are for several, as was answered."""
    price = heading_of(proposal.columns.get("unit_price"))
    if (
        dataset.name != "invoice_lines"
        or not price
        or is_open(proposal, "unit_price")
        or _is_divided(proposal)
    ):
        return
    start, end = (form_of(proposal, name) for name in dataset.interval or ("", ""))
    days = [(last - first).days for first, last in periods(sample, start, end)]
    long = [each for each in days if each > _LONGEST_MONTH]
    if not long or start is None or end is None:
        return
    months = {max(1, round(each / _DAYS_OF_A_MONTH)) for each in days}
    whole: tuple[Any, ...] = ()
    if len(months) == 1:
        whole = ({"heading": price, "per": str(next(iter(months)))},)
    told = (
        f"“{price}”: {len(long)} of {len(sample.rows)} lines are for more than a month"
        f" (“{start['heading']}” to “{end['heading']}”): is it of one month there too? If it is of the whole"
        " time, `per` divides it, by a column that says of how many months it is"
    )
    doubt(proposal, "unit_price", told, *whole)


def _is_divided(proposal: Proposal) -> bool:
    words = proposal.columns.get("unit_price")
    return isinstance(words, dict) and "per" in words
