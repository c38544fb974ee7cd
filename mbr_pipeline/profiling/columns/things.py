"""Lists with a row for each device or user: how many there are is the number of rows.

What belongs here: counts that no column has. What does not: counts by their headings (``columns.counts``).
"""

from __future__ import annotations

from connectors.datasets import Dataset
from connectors.mapped.words import TODO
from mbr_pipeline.profiling.columns.counts import uncalled_counts
from mbr_pipeline.profiling.proposal import Proposal
from mbr_pipeline.profiling.sample import Sample
from mbr_pipeline.profiling.traits import things


def count_of_things(proposal: Proposal, sample: Sample, dataset: Dataset) -> None:
    """Count rows where each is another thing of a customer and no column has whole numbers to count."""
    if dataset.name != "license_counts" or proposal.columns.get("entitled_quantity") != TODO:
        return
    if (thing := things(sample)) and not uncalled_counts(sample):
        why = f"every row has another “{thing}”, and no column counts anything"
        proposal.put("entitled_quantity", {"count": "rows"}, why)
