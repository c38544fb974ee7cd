"""ConnectWise PSA: additions as agreement lines.

Belongs here: which additions are one, when they are in force, and their price for a month. Does not: lines of
invoices (``test_invoices``).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.connectors.sources.connectwise.books import faults, landed, of


@pytest.mark.parametrize(
    ("patch", "quantity", "price"),
    [
        ({"billCustomer": "NoCharge"}, "12", "0"),
        ({"billedQuantity": 5, "quantity": 9, "lessIncluded": 2}, "5", "30"),
        ({"billedQuantity": None, "quantity": 9.5, "lessIncluded": 2}, "7.5", "30"),
        ({"billedQuantity": None, "quantity": 9, "lessIncluded": None}, "9", "30"),
        ({"billedQuantity": 0, "quantity": 3, "lessIncluded": 3}, "0", "30"),
        ({"billedQuantity": 3.0000000000000004, "unitPrice": 33.300000000000004}, "3", "33.3"),
    ],
)
def test_an_agreement_line_is_what_an_addition_bills(
    patch: dict[str, Any], quantity: str, price: str, tmp_path: Path
) -> None:
    line = of(landed(tmp_path, "agreements", {("additions", 9001): patch}), "agreement_line_id", "9001")
    assert (line["quantity"], line["unit_price"]) == (quantity, price)


def test_additions_that_are_not_billed_or_billed_once_are_no_agreement_lines(tmp_path: Path) -> None:
    patches = {
        ("additions", 9001): {"billCustomer": "DoNotBill"},
        ("agreements", 502): {"billOneTimeFlag": True},
    }
    rows = landed(tmp_path, "agreements", patches)
    assert [row["agreement_line_id"] for row in rows] == ["9002", "9003", "9004"]


@pytest.mark.parametrize(
    ("addition", "agreement", "rule", "period"),
    [
        ({"cancelledDate": "2026-10-31T00:00:00Z"}, {}, "last_day", ("2026-01-01", "2026-11-01")),
        ({"cancelledDate": "2026-10-31T00:00:00Z"}, {}, "day_after", ("2026-01-01", "2026-10-31")),
        (
            {"cancelledDate": ""},
            {"endDate": "2026-12-31T00:00:00Z"},
            "last_day",
            ("2026-01-01", None),
        ),  # noEndingDateFlag
        (
            {},
            {"endDate": "2026-12-31T00:00:00Z", "noEndingDateFlag": False},
            "day_after",
            ("2026-01-01", "2027-01-01"),
        ),
        (
            {},
            {"cancelledFlag": True, "dateCancelled": "2026-10-15T00:00:00Z"},
            "last_day",
            ("2026-01-01", "2026-10-16"),
        ),
        (
            {},
            {"cancelledFlag": True, "dateCancelled": "2026-10-15T00:00:00Z"},
            "day_after",
            ("2026-01-01", "2026-10-15"),
        ),
        (
            {"cancelledDate": "2026-09-30T00:00:00Z"},
            {"cancelledFlag": True, "dateCancelled": "2026-10-15T00:00:00Z"},
            "last_day",
            ("2026-01-01", "2026-10-01"),
        ),
        (
            {},
            {"cancelledFlag": False, "dateCancelled": "2026-10-15T00:00:00Z"},
            "last_day",
            ("2026-01-01", None),
        ),
        ({}, {"startDate": "2026-03-01T00:00:00Z"}, "last_day", ("2026-03-01", None)),
        ({"effectiveDate": None}, {}, "last_day", ("2020-01-01", None)),
    ],
)
def test_an_agreement_line_is_in_force_while_addition_and_agreement_are(
    addition: dict[str, Any],
    agreement: dict[str, Any],
    rule: str,
    period: tuple[str, str | None],
    tmp_path: Path,
) -> None:
    patches = {("additions", 9001): addition, ("agreements", 501): agreement}
    line = of(landed(tmp_path, "agreements", patches, cancelled_date=rule), "agreement_line_id", "9001")
    assert (line["effective_start"], line.get("effective_end")) == period


def test_an_addition_that_was_over_before_it_began_is_no_agreement_line(tmp_path: Path) -> None:
    rows = landed(tmp_path, "agreements", {("additions", 9005): {"cancelledDate": "2026-09-30T00:00:00Z"}})
    assert [row["agreement_line_id"] for row in rows] == ["9001", "9002", "9003", "9004"]


def test_what_an_agreement_line_cannot_do_without_is_a_rejected_row(tmp_path: Path) -> None:
    patches = {
        ("agreements", 501): {"currency": None},
        ("agreements", 502): {"cancelledFlag": True},
        ("additions", 9002): {"billCustomer": "Maybe"},
    }
    assert faults(tmp_path, "agreements", patches) == [
        ("parent.currency.currencyCode", None),
        ("billCustomer", "Maybe"),
        ("parent.currency.currencyCode", None),
        ("parent.currency.currencyCode", None),
        ("parent.dateCancelled", None),
    ]


@pytest.mark.parametrize(
    ("cycle", "price"),
    [("Annual", "2.5"), ("QUARTERLY", "10"), ("Every 7 months", "4.2857142857"), (None, "30")],
)
def test_a_price_is_for_the_billing_cycle_and_is_made_one_for_a_month(
    cycle: str | None, price: str, tmp_path: Path
) -> None:
    patches = {("agreements", 501): {"billingCycle": {"id": 4, "name": cycle} if cycle else None}}
    rows = landed(tmp_path, "agreements", patches, billing_cycles="Two years=24, Every 7 months=7")
    assert of(rows, "agreement_line_id", "9001")["unit_price"] == price
    assert of(rows, "agreement_line_id", "9005")["unit_price"] == "28"


@pytest.mark.parametrize(
    ("cycle", "own"), [("Weekly", ""), ("Odd", "Odd=some"), ("Odd", "Odd=0"), ("Odd", "Odd")]
)
def test_a_billing_cycle_of_unknown_length_is_a_rejected_row(cycle: str, own: str, tmp_path: Path) -> None:
    patches = {("agreements", 502): {"billingCycle": {"id": 4, "name": cycle}}}
    assert faults(tmp_path, "agreements", patches, billing_cycles=own) == [
        ("parent.billingCycle.name", cycle)
    ]
    assert faults(tmp_path, "invoice_lines", patches, billing_cycles=own) == [
        ("parent.billingCycle.name", cycle)
    ]


def test_an_addition_whose_last_day_is_its_first_is_in_force_that_day(tmp_path: Path) -> None:
    patches = {("additions", 9005): {"cancelledDate": "2026-10-01T00:00:00Z"}}
    row = of(landed(tmp_path, "agreements", patches), "agreement_line_id", "9005")
    assert (row["effective_start"], row["effective_end"]) == ("2026-10-01", "2026-10-02")
    assert "9005" not in {
        row["agreement_line_id"]
        for row in landed(tmp_path, "agreements", patches, cancelled_date="day_after")
    }
