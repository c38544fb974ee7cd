"""All doubts about a proposal, one after the other.

What belongs here: their order. What does not: the doubts themselves.
"""

from __future__ import annotations

from connectors.datasets import Dataset
from mbr_pipeline.profiling.doubts.cells.days_above import day_above
from mbr_pipeline.profiling.doubts.cells.no_numbers import without_a_number
from mbr_pipeline.profiling.doubts.cells.other_cells import other_cells
from mbr_pipeline.profiling.doubts.counts import other_counts, several_days
from mbr_pipeline.profiling.doubts.credits import credits_without_a_minus, sign_of_the_whole
from mbr_pipeline.profiling.doubts.cycles import longer_cycles, longer_periods
from mbr_pipeline.profiling.doubts.ids import (
    invoice_of_one_line,
    not_of_one_client,
    one_name_of_several,
    rounded_ids,
    status_by_its_texts,
    too_coarse,
    too_fine,
)
from mbr_pipeline.profiling.doubts.money import (
    amount_beside_a_product,
    discounts,
    other_money,
    other_total,
    whole_numbers,
)
from mbr_pipeline.profiling.doubts.products import (
    code_beside_a_name,
    finer_products,
    one_product_for_several,
    several_prices,
)
from mbr_pipeline.profiling.doubts.taxes import tax_inside
from mbr_pipeline.profiling.doubts.units import (
    numbers_beside_the_quantity,
    price_units,
    two_units_of_measure,
)
from mbr_pipeline.profiling.doubts.unknown_words import unknown_words
from mbr_pipeline.profiling.numbers import Numbers
from mbr_pipeline.profiling.proposal import Proposal
from mbr_pipeline.profiling.sample import Sample
from mbr_pipeline.profiling.which_rows.ask import ask_which_rows


def last_look(proposal: Proposal, sample: Sample, dataset: Dataset, numbers: Numbers | None) -> None:
    """Turn answers into questions where a column that they do not use may say otherwise."""
    not_of_one_client(proposal, sample, dataset)
    rounded_ids(proposal, sample)
    one_name_of_several(proposal, sample)
    status_by_its_texts(proposal, sample, dataset)
    invoice_of_one_line(proposal, sample)
    code_beside_a_name(proposal, sample, dataset)
    finer_products(proposal, sample)
    one_product_for_several(proposal, sample, dataset)
    too_fine(proposal, sample, dataset)
    too_coarse(proposal, sample, dataset)
    two_units_of_measure(proposal, sample, dataset)
    ask_which_rows(proposal, sample, dataset, numbers)
    day_above(proposal, sample)
    other_cells(proposal, sample, dataset)
    without_a_number(proposal, sample, dataset)
    if numbers is None:
        return
    several_prices(proposal, sample, dataset, numbers)
    if dataset.name == "license_counts":
        other_counts(proposal, sample, numbers)
        several_days(proposal, sample, dataset)
        unknown_words(proposal, sample, dataset, numbers)
        return
    amount_beside_a_product(proposal, sample, dataset, numbers)
    credits_without_a_minus(proposal, sample, dataset, numbers)
    sign_of_the_whole(proposal, sample, dataset, numbers)
    other_total(proposal, sample, dataset, numbers)
    discounts(proposal, sample, dataset, numbers)
    other_money(proposal, sample, dataset, numbers)
    whole_numbers(proposal, sample, dataset, numbers)
    tax_inside(proposal, sample, dataset)
    numbers_beside_the_quantity(proposal, sample, dataset, numbers)
    price_units(proposal, sample, dataset, numbers)
    longer_cycles(proposal, sample, dataset)
    longer_periods(proposal, sample, dataset)
    unknown_words(proposal, sample, dataset, numbers)
