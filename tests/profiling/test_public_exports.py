"""Ten exports with headings of vendors' public documents: proposed right, without edits and without asking.

Belongs here: whole files (exports/, with what is right in exports/right/). Does not: single choices
(``test_asking``).
"""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest

from connectors.datasets import DATASETS
from mbr_pipeline.profiling.preview import preview
from mbr_pipeline.profiling.proposal import Proposal
from mbr_pipeline.profiling.propose import propose

EXPORTS = Path(__file__).with_name("exports")
ASKING = Path(__file__).with_name("asking")
DATASET_OF = {
    "aws_cur2": "vendor_charges",
    "azure_mpa_cost_details": "vendor_charges",
    "connectwise_catalog": "products",
    "graph_subscribed_skus": "license_counts",
    "microsoft_daily_usage": "vendor_charges",
    "microsoft_invoices": "vendor_invoices",
    "microsoft_nce_recon": "vendor_charges",
    "pax8_invoices": "vendor_invoices",
    "xero_contacts": "clients",
    "xero_items": "products",
}


def _right(name: str) -> list[dict[str, str]]:
    with (EXPORTS / "right" / f"{name}.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def _read(path: Path, proposal: Proposal) -> list[dict[str, str]]:
    dataset = DATASETS[proposal.dataset]
    found = preview(path, dataset, proposal.settings, rows=1_000, month=date(2026, 10, 1))
    assert (found.refused, found.undecided) == (0, ())
    assert found.count == len(found.records)
    return [{name: value or "" for name, value in record.items()} for record in found.records]


def _outcome(name: str) -> str:
    path = EXPORTS / f"{name}.csv"
    proposal = propose(path)
    if proposal.questions:
        return "asked"
    right = _right(name)
    read = [{column: record[column] for column in right[0]} for record in _read(path, proposal)]
    return "right" if (proposal.dataset, read) == (DATASET_OF[name], right) else "wrong"


@pytest.mark.parametrize("name", DATASET_OF)
def test_an_export_is_proposed_right_without_a_question(name: str) -> None:
    path = EXPORTS / f"{name}.csv"
    proposal = propose(path)
    assert (proposal.dataset, proposal.questions) == (DATASET_OF[name], [])
    right = _right(name)
    read = _read(path, proposal)
    assert [{column: record[column] for column in right[0]} for record in read] == right


def test_the_figures_of_all_exports(capsys: pytest.CaptureFixture[str]) -> None:
    names = sorted(path.stem for path in EXPORTS.glob("*.csv"))
    assert names == sorted(DATASET_OF)
    outcomes = [_outcome(name) for name in names]
    counts = {kind: outcomes.count(kind) for kind in ("right", "asked", "wrong")}
    asked = {path.stem: len(propose(path).questions) for path in sorted(ASKING.glob("*.csv"))}
    with capsys.disabled():
        print(f"\nproposals: {counts} of {len(names)}; questions where only a person knows: {asked}")
    assert counts == {"right": 10, "asked": 0, "wrong": 0}
    assert asked == {"connectwise_additions": 2, "pax8_invoice_items": 2, "quickbooks_customers": 1}
