"""Files as they come from the field: what is proposed of them is right, or it asks.

Belongs here: proposals for tests/field/cases. Does not: reading them by a declared profile (tests/field).
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from connectors.datasets import DATASETS
from mbr_pipeline.profiling.preview import Preview, preview
from mbr_pipeline.profiling.proposal import Proposal
from mbr_pipeline.profiling.propose import propose

CASES = Path(__file__).parents[1] / "field/cases"
LANDED = "landing/acme/2026-10"


def _proposed(file: str, dataset: str = "vendor_charges") -> tuple[Proposal, Preview]:
    path = CASES / file
    proposal = propose(path, dataset)
    read = preview(path, DATASETS[dataset], proposal.settings, rows=100, month=date(2026, 10, 1))
    return proposal, read


def _asked(proposal: Proposal) -> set[str]:
    return {question.key[1] if len(question.key) > 1 else question.key[0] for question in proposal.questions}


def test_04_the_headings_are_in_line_9_and_a_total_decides_the_cost() -> None:
    proposal, read = _proposed(f"04-gcp-cost-table/{LANDED}/gcp/vendor_charges.csv")
    assert proposal.words["header_row"] == "9"
    assert proposal.columns["invoice_id"] == {"above": "Invoice number"}
    assert proposal.columns["currency"] == {"above": "Currency"}
    assert proposal.columns["amount"] == "Cost ($)"
    assert read.totals == {"USD": Decimal("1095.01")}
    # a rounding without a SKU, discounts without an amount of usage, and two types of charge
    assert {"where", "quantity", "charge_type", "charge_category"} <= _asked(proposal)


@pytest.mark.parametrize("name", ["recon_csp_en-US", "recon_pt-PT"])
def test_08_a_refund_takes_seats_away_at_the_effective_price(name: str) -> None:
    proposal, read = _proposed(f"08-cloudcockpit-indirect/input/{name}.csv")
    assert _asked(proposal) <= {"invoice_id"}
    seen = [(r["quantity"], r["unit_cost"], r["amount"], r["charge_period_end"]) for r in read.records]
    assert seen == [
        ("10", "18.6", "186", "2026-11-01"),
        ("-10", "9.6", "-96", "2026-11-01"),
        ("12", "9.6", "115.2", "2026-11-01"),
    ]


def test_08_the_form_of_dates_reads_the_next_january_too() -> None:
    proposal, _ = _proposed("08-cloudcockpit-indirect/input/recon_csp_en-US.csv")
    assert proposal.words["dates"] == "M/D/YYYY"
    january = CASES / "08-cloudcockpit-indirect/input/recon_en-US_january.csv"
    settings: dict[str, Any] = {
        **proposal.settings,
        "columns": {**proposal.columns, "invoice_id": "CustomerId"},
    }
    read = preview(january, DATASETS["vendor_charges"], settings)
    assert (read.refused, [record["charge_period_end"] for record in read.records]) == (0, ["2027-02-01"])


def test_13_an_amount_is_a_product_and_the_customer_is_asked() -> None:
    name = "vendor_charges.CUST-0042_2026-10.csv"
    proposal, read = _proposed(f"13-count-unit-price/{LANDED}/neural/{name}")
    assert read.totals == {"": Decimal("186.00")}
    assert {"vendor_customer_id", "invoice_id", "charge_category", "currency"} <= _asked(proposal)


def test_14_an_empty_total_is_no_amount_and_categories_are_asked() -> None:
    proposal, read = _proposed(f"14-xero-import/{LANDED}/psa2/invoice_lines.csv", "invoice_lines")
    assert proposal.columns["amount"] == {"product_of": ["*Quantity", "*UnitAmount"]}
    assert [record["amount"] for record in read.records] == ["-405", "-0.99", "150", "264"]
    assert {record["invoice_id"] for record in read.records} == {"INV-3499"}
    assert "charge_category" in _asked(proposal)


def test_17_french_is_read_without_a_question() -> None:
    proposal, read = _proposed(f"17-french-nbsp/{LANDED}/fr/vendor_charges.csv")
    assert (_asked(proposal), read.totals, read.refused) == (set(), {"EUR": Decimal("3022.56")}, 0)


def test_18_the_cost_of_a_unit_is_the_quotient() -> None:
    proposal, read = _proposed(f"18-ingram-duration/{LANDED}/ingram/vendor_charges.csv")
    assert (_asked(proposal), read.totals) == (set(), {"USD": Decimal("217.44")})
    for record in read.records:
        assert Decimal(record["quantity"] or 0) * Decimal(record["unit_cost"] or 0) == Decimal(
            record["amount"] or 0
        )


def test_21_days_in_cells_that_are_not_formatted_as_dates_are_read() -> None:
    proposal, read = _proposed(f"21-xlsx-general-dates/{LANDED}/xl/vendor_charges.xlsx")
    assert _asked(proposal) == {"currency"}
    assert {record["charge_period_start"] for record in read.records} == {"2026-10-01"}
    assert {record["charge_period_end"] for record in read.records} == {"2026-11-01"}
