"""Huntress: invoices, refunds and charges.

Belongs here: money. Does not: what an organization counts (``test_counts``).
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from connectors.datasets import DATASETS
from connectors.registry import CONNECTORS
from connectors.sources.huntress import HUNTRESS
from connectors.testing.fetching import fetch, ordered
from connectors.testing.vendors.huntress import FakeHuntress
from tests.connectors.sources.huntress.books import BOOKS


class With(FakeHuntress):
    """One more invoice, like the first but for some fields; None leaves one out."""

    fields: dict[str, Any] = {}

    def invoices(self) -> list[dict[str, Any]]:
        found = super().invoices()
        more = {**found[0], "id": 99, **self.fields}
        return [*found, {name: value for name, value in more.items() if value is not None}]


def fetched_with(folder: Path, dataset: str, **fields: Any) -> list[dict[str, str]]:
    """Return what comes of the books with one more invoice."""
    vendor = With(BOOKS)
    vendor.fields = fields
    return fetch(HUNTRESS, vendor, dataset, folder)[1]


def fault_with(folder: Path, **fields: Any) -> tuple[str, str | None, str]:
    """Return what is rejected, and why, of the books with one more invoice; all others must be landed."""
    with pytest.raises(AssertionError):
        fetched_with(folder, "vendor_invoices", **fields)
    records = CONNECTORS["huntress"].open(
        folder / "vendor_invoices.jsonl.gz", DATASETS["vendor_invoices"], {}
    )
    assert sum(batch.num_rows for batch in records.batches()) == len(BOOKS["vendor_invoices"])
    [fault] = records.faults
    return fault.column, fault.value, fault.reason


@pytest.mark.parametrize(
    ("currency", "amount", "total"),
    [
        ("usd", 303, "3.03"),
        ("usd", 1, "0.01"),
        ("usd", 100, "1"),
        ("usd", -250, "-2.5"),
        ("usd", 0, "0"),
        ("eur", 2147483647, "21474836.47"),
        ("jpy", 303, "303"),
        ("kwd", 303, "0.303"),
        ("bhd", 1000, "1"),
        ("clp", 990, "990"),
    ],
)
def test_an_amount_is_in_the_smallest_unit_of_its_currency(
    currency: str, amount: int, total: str, tmp_path: Path
) -> None:
    rows = fetched_with(tmp_path, "vendor_invoices", currency_type=currency, amount=amount)
    [found] = [row for row in rows if row["invoice_id"] == "99"]
    assert (found["currency"], found["invoice_total"]) == (currency.upper(), total)


@pytest.mark.parametrize("currency", ["isk", "mga", "ugx", "xau", "zzz", "dollars"])
def test_a_currency_whose_smallest_unit_is_not_sure_is_rejected(currency: str, tmp_path: Path) -> None:
    column, value, reason = fault_with(tmp_path, currency_type=currency)
    assert (column, value) == ("currency_type", currency.upper())
    assert reason == "has no smallest unit that is sure; ask Huntress what amount counts"


def test_an_amount_with_a_fraction_of_the_smallest_unit_is_rejected(tmp_path: Path) -> None:
    assert fault_with(tmp_path, amount=303.5)[:2] == ("amount", "303.5")


@pytest.mark.parametrize("status", ["open", "paid", "failed", "partial_refund", "processing"])
def test_what_was_billed_counts_whatever_became_of_the_payment(status: str, tmp_path: Path) -> None:
    rows = fetched_with(tmp_path, "vendor_invoices", status=status)
    assert [row["invoice_total"] for row in rows if row["invoice_id"] == "99"] == ["3.03"]
    charges = fetched_with(tmp_path, "vendor_charges", status=status)
    assert [
        (row["line_id"], row["quantity"], row["amount"]) for row in charges if row["invoice_id"] == "99"
    ] == [("99", "1", "3.03")]


def test_an_invoice_below_zero_takes_away_what_it_names(tmp_path: Path) -> None:
    charges = fetched_with(tmp_path, "vendor_charges", amount=-250, currency_type="usd", has_usage=True)
    columns = ("charge_category", "quantity", "unit_cost", "amount")
    found = [tuple(row[name] for name in columns) for row in charges if row["invoice_id"] == "99"]
    assert found == [("recurring", "-1", "2.5", "-2.5")]


def test_a_full_refund_gives_all_of_its_invoice_back_and_shows_both(tmp_path: Path) -> None:
    [bill] = [
        row
        for row in fetched_with(tmp_path, "vendor_invoices", status="full_refund")
        if row["invoice_id"] == "99"
    ]
    assert bill["invoice_total"] == "0"
    charges = [
        row
        for row in fetched_with(tmp_path, "vendor_charges", status="full_refund")
        if row["invoice_id"] == "99"
    ]
    columns = ("line_id", "charge_category", "charge_type", "quantity", "unit_cost", "amount")
    assert [tuple(row[name] for name in columns) for row in charges] == [
        ("99", "recurring", "invoice", "1", "3.03", "3.03"),
        ("99-refund", "recurring", "refund", "-1", "3.03", "-3.03"),
    ]


def test_a_partial_refund_is_told_for_nobody_knows_how_much_went_back(tmp_path: Path) -> None:
    fetched_with(tmp_path, "vendor_charges", status="partial_refund")
    records = CONNECTORS["huntress"].open(
        tmp_path / "vendor_charges.jsonl.gz", DATASETS["vendor_charges"], {}
    )
    assert sum(batch.num_rows for batch in records.batches()) == 5
    assert records.warnings == [
        "1 records were refunded in part and count in full: Huntress does not say how much went back"
    ]


def test_a_voided_invoice_was_never_billed(tmp_path: Path) -> None:
    for dataset in ("vendor_invoices", "vendor_charges"):
        assert ordered(fetched_with(tmp_path, dataset, status="voided")) == ordered(BOOKS[dataset])


def test_a_draft_is_rejected_for_it_would_be_missing_once_it_is_issued(tmp_path: Path) -> None:
    reason = "is not final; fetch the month again when Huntress has issued or voided the invoice"
    assert fault_with(tmp_path, status="draft") == ("status", "draft", reason)


def test_a_status_nobody_knows_is_rejected(tmp_path: Path) -> None:
    column, value, reason = fault_with(tmp_path, status="written_off")
    assert (column, value) == ("status", "written_off")
    assert reason.startswith("is no status Huntress documents")


@pytest.mark.parametrize(
    ("moment", "is_landed"),
    [
        ("2026-09-30T23:59:59Z", False),
        ("2026-10-01T00:00:00Z", True),
        ("2026-10-31T23:59:59Z", True),
        ("2026-11-01T00:00:00Z", False),
        ("2026-10-31T23:30:00-05:00", False),
        ("2026-09-30T23:30:00-05:00", True),
        ("2025-10-05T00:00:00Z", False),
    ],
)
def test_only_invoices_made_in_the_month_by_utc_are_of_the_month(
    moment: str, is_landed: bool, tmp_path: Path
) -> None:
    for dataset in ("vendor_invoices", "vendor_charges"):
        rows = fetched_with(tmp_path, dataset, created_at=moment)
        assert ("99" in {row["invoice_id"] for row in rows}) is is_landed


def test_a_draft_of_another_month_is_no_trouble(tmp_path: Path) -> None:
    rows = fetched_with(tmp_path, "vendor_invoices", status="draft", created_at="2026-11-01T00:00:00Z")
    assert ordered(rows) == ordered(BOOKS["vendor_invoices"])


def test_the_charges_of_an_invoice_sum_to_its_total(tmp_path: Path) -> None:
    _, bills = fetch(HUNTRESS, FakeHuntress(BOOKS), "vendor_invoices", tmp_path)
    _, charges = fetch(HUNTRESS, FakeHuntress(BOOKS), "vendor_charges", tmp_path)
    for bill in bills:
        lines = [
            line
            for line in charges
            if (line["invoice_id"], line["currency"]) == (bill["invoice_id"], bill["currency"])
        ]
        assert sum(Decimal(line["amount"]) for line in lines) == Decimal(bill["invoice_total"])
        assert all(
            Decimal(line["quantity"]) * Decimal(line["unit_cost"]) == Decimal(line["amount"])
            for line in lines
        )


def test_an_invoice_without_a_plan_still_has_a_charge(tmp_path: Path) -> None:
    rows = fetched_with(tmp_path, "vendor_charges", plan=None, has_usage=False)
    assert [(row["sku_id"], row["charge_category"]) for row in rows if row["line_id"] == "99"] == [
        ("no plan", "one_time")
    ]
