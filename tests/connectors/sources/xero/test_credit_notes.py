"""Xero: credit notes, their seats and their months.

Belongs here: signs, and the invoices a note is allocated to. Does not: prices (``test_lines``).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from connectors.datasets import DATASETS
from connectors.registry import CONNECTORS
from connectors.sources.xero import XERO
from connectors.testing.fetching import fetch_with
from connectors.testing.server import serving
from connectors.testing.vendors.xero import FakeXero
from tests.connectors.sources.xero.books import ALDER, got, landed, money, of_one_line


def test_lines_of_credit_notes_can_pass_through_unreconciled(tmp_path: Path) -> None:
    rows, _ = got(tmp_path, of_one_line(note=True), credit_notes="one_time")
    assert [(*money([row])[0], row["charge_category"]) for row in rows] == [("-1", "4.5", "-4.5", "one_time")]


@pytest.mark.parametrize(
    ("is_note", "line", "expected"),
    [
        # a refund on an invoice takes seats away, whichever factor has the sign
        (False, (2, -10, -20), ("-2", "10", "-20")),
        (False, (-2, 10, -20), ("-2", "10", "-20")),
        # a note gives its lines back
        (True, (2, 10, 20), ("-2", "10", "-20")),
        # a line that takes away from what a note gives back is charged again: the note's minus and its own
        # are two
        (True, (2, -10, -20), ("2", "10", "20")),
        (True, (-2, 10, -20), ("2", "10", "20")),
    ],
)
def test_seats_go_the_way_that_their_money_goes(
    is_note: bool, line: tuple[float, float, float], expected: tuple[str, str, str], tmp_path: Path
) -> None:
    rows, faults = got(tmp_path, of_one_line(note=is_note, **landed(line)))
    assert (money(rows), faults) == ([expected], [])


def test_what_is_sold_once_passes_through_as_it_was_written(tmp_path: Path) -> None:
    rows, _ = got(tmp_path, of_one_line(**landed((2, -10, -20))), one_time_items="EDR")
    assert money(rows) == [("2", "-10", "-20")]


OCTOBER, SEPTEMBER, AUGUST = 1791763200000, 1789171200000, 1786492800000  # the 12th of each, 2026


def allocated(*invoices: int | None, **fields: Any) -> FakeXero:
    """A Xero of one note of October that is allocated to invoices of these dates; None is a date that Xero
    does not tell.
    """
    vendor = of_one_line(note=True)
    vendor.credit_notes[0]["Allocations"] = [
        {
            "Amount": 1,
            "Date": f"/Date({OCTOBER}+0000)/",
            "Invoice": {
                "InvoiceID": ALDER,
                "InvoiceNumber": "INV-1",
                **({} if moment is None else {"Date": f"/Date({moment}+0000)/"}),
            },
        }
        for moment in invoices
    ]
    vendor.credit_notes[0] |= fields
    return vendor


def on_retry(folder: Path, vendor: FakeXero, **settings: str) -> tuple[list[tuple[str, str]], list[str]]:
    """The service months of the rows, and the warnings."""
    with serving(vendor) as server:
        known = XERO.complete({**vendor.settings(server.url), **settings})
        fetch_with(XERO, vendor, known, "invoice_lines", folder)
    records = CONNECTORS["xero"].open(folder / "invoice_lines.jsonl.gz", DATASETS["invoice_lines"], known)
    rows = [row for batch in records.batches() for row in batch.to_pylist()]
    assert not records.faults
    return [(row["service_period_start"], row["service_period_end"]) for row in rows], records.warnings


NOT_TOLD = [
    "1 records are of credit notes that Xero ties to no one month's invoices: they count in the month of"
    " their note"
]


@pytest.mark.parametrize(
    ("vendor", "month", "warnings"),
    [
        (allocated(OCTOBER, OCTOBER), ("2026-10-01", "2026-11-01"), []),
        # what is given back of September's seats is of September, and takes none of October's away
        (allocated(SEPTEMBER), ("2026-09-01", "2026-10-01"), []),
        (allocated(SEPTEMBER, SEPTEMBER + 86400000), ("2026-09-01", "2026-10-01"), []),
        # not all of it, several months, a month not told, a later one: nobody says which seats
        (allocated(), ("2026-10-01", "2026-11-01"), NOT_TOLD),
        (allocated(None), ("2026-10-01", "2026-11-01"), NOT_TOLD),
        (allocated(SEPTEMBER, None), ("2026-10-01", "2026-11-01"), NOT_TOLD),
        (allocated(SEPTEMBER, AUGUST), ("2026-10-01", "2026-11-01"), NOT_TOLD),
        (allocated(SEPTEMBER, RemainingCredit=0.5), ("2026-10-01", "2026-11-01"), NOT_TOLD),
        (allocated(OCTOBER + 31 * 86400000), ("2026-10-01", "2026-11-01"), NOT_TOLD),
        (allocated(-62135596800000), ("2026-10-01", "2026-11-01"), NOT_TOLD),  # 1 January of the year 1
    ],
)
def test_a_credit_note_is_of_the_month_of_the_invoices_that_it_is_allocated_to_where_xero_tells_it(
    vendor: FakeXero, month: tuple[str, str], warnings: list[str], tmp_path: Path
) -> None:
    assert on_retry(tmp_path, vendor) == ([month], warnings)


def test_an_allocation_that_was_taken_back_says_nothing(tmp_path: Path) -> None:
    vendor = allocated(AUGUST, SEPTEMBER)
    vendor.credit_notes[0]["Allocations"][0]["IsDeleted"] = True
    assert on_retry(tmp_path, vendor) == ([("2026-09-01", "2026-10-01")], [])


def test_the_month_of_a_credited_invoice_is_reckoned_as_that_of_any_other(tmp_path: Path) -> None:
    # dated in the month after: a document of 12 November is for October, one of 13 October for September
    for moment, month in ((OCTOBER, ("2026-10-01", "2026-11-01")), (SEPTEMBER, ("2026-09-01", "2026-10-01"))):
        vendor = allocated(moment)
        vendor.credit_notes[0]["Date"] = f"/Date({OCTOBER + 31 * 86400000}+0000)/"
        vendor.credit_notes[0]["Allocations"][0]["Invoice"]["Date"] = f"/Date({moment + 31 * 86400000}+0000)/"
        assert on_retry(tmp_path, vendor, dated="month_after") == ([month], [])


def test_an_invoice_is_of_its_own_month_and_nothing_is_said_of_it(tmp_path: Path) -> None:
    assert on_retry(tmp_path, of_one_line()) == ([("2026-10-01", "2026-11-01")], [])


def test_allocations_that_nobody_can_read_are_a_rejected_row(tmp_path: Path) -> None:
    vendor = of_one_line(note=True)
    vendor.credit_notes[0]["Allocations"] = ["INV-1"]
    rows, faults = got(tmp_path, vendor)
    assert (rows, [fault.column for fault in faults]) == ([], ["document.Allocations"])


def test_a_credit_note_that_passes_through_is_of_no_matter_to_any_month(tmp_path: Path) -> None:
    assert on_retry(tmp_path, allocated(), credit_notes="one_time") == ([("2026-10-01", "2026-11-01")], [])
