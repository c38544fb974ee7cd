"""Prices that may be of a longer time than a month.

What belongs here: doubts about what a price is for. What does not: prices of agreements per cycle
(``columns.counts``), other money (``money``).
"""

from __future__ import annotations

from connectors.datasets import Dataset
from mbr_pipeline.profiling.doubts.look import doubt, is_open
from mbr_pipeline.profiling.headings import folded, score
from mbr_pipeline.profiling.proposal import Proposal, heading_of
from mbr_pipeline.profiling.sample import Sample
from mbr_pipeline.profiling.words.meanings import CYCLE_HEADINGS, CYCLES


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
