"""All questions of which rows are read, one after the other.

What belongs here: their order. What does not: the questions themselves.
"""

from __future__ import annotations

from connectors.datasets import Dataset
from mbr_pipeline.profiling.numbers import Numbers, read_numbers
from mbr_pipeline.profiling.proposal import Proposal
from mbr_pipeline.profiling.sample import Sample
from mbr_pipeline.profiling.which_rows.bundles import parts_of_bundles
from mbr_pipeline.profiling.which_rows.measure import wide_columns
from mbr_pipeline.profiling.which_rows.rollups import called_totals, rows_that_add_up
from mbr_pipeline.profiling.which_rows.taken_back import taken_back


def ask_which_rows(proposal: Proposal, sample: Sample, dataset: Dataset, numbers: Numbers | None) -> None:
    """Ask which rows are read where rows are sums of others, or do not count."""
    called_totals(proposal, sample, dataset)
    numbers = numbers or _of_a_wide_file(proposal, sample)
    if numbers is None:
        return
    rows_that_add_up(proposal, sample, dataset, numbers)
    parts_of_bundles(proposal, sample, dataset, numbers)
    taken_back(proposal, sample, dataset, numbers)


def _of_a_wide_file(proposal: Proposal, sample: Sample) -> Numbers | None:
    """The numbers of a file with a column for each SKU, none of which has a known name."""
    found = read_numbers(sample, wide_columns(proposal, sample))
    return found[0] if found else None
