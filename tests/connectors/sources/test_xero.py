"""Xero: the conformance suite, and what is peculiar to it."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from connectors.datasets import DATASETS
from connectors.dated_months import shifted
from connectors.fetch_feed import facts, open_walk, write_feed
from connectors.registry import CONNECTORS
from connectors.sources.xero import XERO
from connectors.testing.conformance import TODAY, SourceConformance, fetch_with, opened, ordered
from connectors.testing.server import serving
from connectors.testing.vendors.xero import FakeXero
from tests.connectors.sources.referee import complaints_about, judged, specification

ALDER, BRIGHT = "a3675fc4-f8dd-4f03-ba5b-f1870566bcd7", "430fa14a-f945-44d3-9f97-5df5e28441b8"
NOTE = "249f15fa-f2a7-4acc-8769-0984103f2225"


def line(
    number: int,
    invoice: str,
    client: str,
    item: str,
    quantity: str,
    price: str,
    amount: str,
    currency: str = "NZD",
) -> dict[str, str]:
    is_credit = quantity.startswith("-")
    return {
        "invoice_line_id": f"{NOTE}-{number}" if is_credit else f"aaaaaaaa-0000-4000-8000-{number:012d}",
        "invoice_id": invoice,
        "client_id": client,
        "product_code": item,
        "quantity": quantity,
        "unit_price": price,
        "amount": amount,
        "currency": currency,
        "service_period_start": "2026-10-01",
        "service_period_end": "2026-11-01",
        "charge_category": "one_time" if item == "no-item" else "recurring",
    }


BOOKS = {
    "clients": [
        {"client_id": ALDER, "client_name": "Alder & Sons", "status": "active"},
        {"client_id": BRIGHT, "client_name": "Bright Ltd", "status": "active"},
        {
            "client_id": "5cc8cf28-567e-4d43-b287-687cfcaec47c",
            "client_name": "Cedar Trust",
            "status": "active",
        },
        {
            "client_id": "3ec601ad-eddc-4ccb-a8ac-736e88293b1b",
            "client_name": "Dune (gone)",
            "status": "inactive",
        },
    ],
    "products": [
        {"product_code": "no-item", "product_name": "Lines without an item", "vendor_backed": "false"},
        {
            "product_code": "M365-E3",
            "product_name": "Office E3",
            "default_unit_price": "33.1234",
            "currency": "NZD",
        },
        {
            "product_code": "EDR",
            "product_name": "Endpoint protection",
            "default_unit_price": "4.5",
            "currency": "NZD",
        },
        {"product_code": "MISC", "product_name": "Without a price"},
    ],
    "invoice_lines": [
        line(1, "INV-0101", ALDER, "M365-E3", "11", "33.1234", "364.36"),
        line(2, "INV-0101", ALDER, "EDR", "11", "4.5", "49.5"),
        line(3, "INV-0102", BRIGHT, "M365-E3", "4.5", "33.1234", "149.06"),
        line(4, "INV-0103", BRIGHT, "no-item", "2.5", "120", "300"),
        line(5, "INV-0104", ALDER, "EDR", "1", "4.5", "4.5", "USD"),
        line(6, "INV-0105", BRIGHT, "EDR", "4", "4.5", "18"),
        line(1, "CN-0007", BRIGHT, "EDR", "-1", "4.5", "-4.5"),
        # an equal line: no LineItemID tells it from the first
        line(2, "CN-0007", BRIGHT, "EDR", "-1", "4.5", "-4.5"),
    ],
}


class TestXero(SourceConformance):
    spec, vendor, books, hostile = XERO, FakeXero, BOOKS, "invoice_lines"


def got(
    folder: Path, vendor: FakeXero, dataset: str = "invoice_lines", period: str = "2026-10", **settings: str
) -> tuple[list[dict[str, Any]], list[Any]]:
    """Rows as they come, and faults: fetched with settings beside the fake vendor's own."""
    with serving(vendor) as server:
        known = XERO.complete({**vendor.settings(server.url), **settings})
        path = folder / "landed.jsonl.gz"
        with opened(XERO, vendor, known) as client:
            known_facts = facts(known, date.fromisoformat(f"{period}-01"), TODAY)
            write_feed(path, open_walk(client, XERO, known_facts), XERO.feed(dataset))
        records = CONNECTORS["xero"].open(path, DATASETS[dataset], known)
        rows = [row for batch in records.batches() for row in batch.to_pylist()]
        return [
            {name: value for name, value in row.items() if not name.startswith("_")} for row in rows
        ], records.faults


def of_one_line(types: str | None = None, note: bool = False, **fields: Any) -> FakeXero:
    """A Xero of one document of one line, with these fields changed; None takes one away."""
    vendor = FakeXero({**BOOKS, "invoice_lines": [BOOKS["invoice_lines"][6 if note else 1]]})
    document = (vendor.credit_notes if note else vendor.invoices)[0]
    document["LineAmountTypes"] = types or document["LineAmountTypes"]
    document["LineItems"][0] |= fields
    document["LineItems"][0] = {
        name: value for name, value in document["LineItems"][0].items() if value is not None
    }
    return vendor


def money(rows: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
    return [(row["quantity"], row["unit_price"], row["amount"]) for row in rows]


def test_amounts_including_tax_are_landed_without_it(tmp_path: Path) -> None:
    # 2 seats of 11.50 with 15 % tax: 23.00, of which 3.00 is tax: 20.00, so 10.00 a seat
    rows, faults = got(
        tmp_path, of_one_line("Inclusive", Quantity=2, UnitAmount=11.5, LineAmount=23.0, TaxAmount=3.0)
    )
    assert (money(rows), faults) == ([("2", "10", "20")], [])


def test_a_price_said_to_include_a_tax_of_nothing_stays_as_it_is(tmp_path: Path) -> None:
    rows, faults = got(
        tmp_path, of_one_line("Inclusive", Quantity=3, UnitAmount=3.3333, LineAmount=10.0, TaxAmount=0)
    )
    assert (money(rows), faults) == ([("3", "3.3333", "10")], [])


def test_without_tax_and_before_tax_the_amount_is_that_of_the_line(tmp_path: Path) -> None:
    for types in ("Exclusive", "NoTax"):
        rows, _ = got(
            tmp_path, of_one_line(types, Quantity=2, UnitAmount=11.5, LineAmount=23.0, TaxAmount=3.0)
        )
        assert money(rows) == [("2", "11.5", "23")]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        # 25.00 without tax does not divide by 3
        (
            {"Quantity": 3, "UnitAmount": 10.0, "LineAmount": 30.0, "TaxAmount": 5.0},
            ("3", "8.3333333333", "25"),
        ),
        (
            {"Quantity": 3, "UnitAmount": -8.0, "LineAmount": -24.0, "TaxAmount": -4.0},
            ("-3", "6.6666666667", "-20"),
        ),
    ],
)
def test_a_price_that_tax_leaves_without_an_end_is_rejected_unless_rounding_was_asked_for(
    fields: dict[str, float], expected: tuple[str, str, str], tmp_path: Path
) -> None:
    rows, faults = got(tmp_path, of_one_line("Inclusive", **fields))
    assert (rows, [(fault.column, fault.value) for fault in faults]) == (
        [],
        [("UnitAmount", str(fields["UnitAmount"]))],
    )
    assert "settings.unit_price to rounded" in faults[0].reason
    rows, faults = got(tmp_path, of_one_line("Inclusive", **fields), unit_price="rounded")
    assert (money(rows), faults) == ([expected], [])


@pytest.mark.parametrize(
    ("fields", "price"),
    [
        # the vendor's own example: 19.95 less 10 % is 17.955, and 17.96 was invoiced
        ({"Quantity": 1, "UnitAmount": 19.95, "LineAmount": 17.96, "DiscountRate": 10}, "17.955"),
        ({"Quantity": 4, "UnitAmount": 25, "LineAmount": 90, "DiscountAmount": 10}, "22.5"),
        # 2 x 10.1234 - 1 is 19.2468, and 19.25 was invoiced
        ({"Quantity": 2, "UnitAmount": 10.1234, "LineAmount": 19.25, "DiscountAmount": 1}, "9.6234"),
        # both told, the rate rounded: 750 / 2250.07 is 33.33 %, which would make 1500.12
        (
            {
                "Quantity": 1,
                "UnitAmount": 2250.07,
                "LineAmount": 1500.07,
                "DiscountRate": 33.33,
                "DiscountAmount": 750,
            },
            "1500.07",
        ),
        # the rate alone, rounded: what was invoiced is what counts
        ({"Quantity": 2, "UnitAmount": 1125.035, "LineAmount": 1500.07, "DiscountRate": 33.33}, "750.035"),
        # both told, the amount rounded
        (
            {
                "Quantity": 1,
                "UnitAmount": 19.95,
                "LineAmount": 17.96,
                "DiscountRate": 10,
                "DiscountAmount": 2,
            },
            "17.955",
        ),
    ],
)
def test_a_discount_is_in_the_unit_price(fields: dict[str, float], price: str, tmp_path: Path) -> None:
    rows, faults = got(tmp_path, of_one_line(**fields))
    assert ([row["unit_price"] for row in rows], faults) == ([price], [])
    assert float(rows[0]["amount"]) == fields["LineAmount"]


def test_a_discount_that_does_not_divide_is_rejected(tmp_path: Path) -> None:
    rows, faults = got(tmp_path, of_one_line(Quantity=3, UnitAmount=30, LineAmount=80, DiscountAmount=10))
    assert rows == [] and "once the discount is taken off" in faults[0].reason


def test_a_price_with_a_discount_on_nothing_is_rejected_even_if_rounded(tmp_path: Path) -> None:
    rows, faults = got(
        tmp_path, of_one_line(Quantity=0, UnitAmount=30, LineAmount=0, DiscountRate=10), unit_price="rounded"
    )
    assert rows == [] and faults[0].column == "UnitAmount"


def test_a_line_that_is_invoiced_otherwise_than_its_price_says_is_left_for_the_audit(tmp_path: Path) -> None:
    rows, _ = got(tmp_path, of_one_line(Quantity=2, UnitAmount=10, LineAmount=19))
    assert money(rows) == [("2", "10", "19")]


@pytest.mark.parametrize(
    ("types", "fields", "column"),
    [
        ("Inclusive", {"TaxAmount": None}, "TaxAmount"),
        ("Exclusive", {"LineAmount": None}, "LineAmount"),
        ("Exclusive", {"Quantity": None}, "Quantity"),
        ("Exclusive", {"UnitAmount": None}, "UnitAmount"),
        ("EXCLUSIVE", {}, "document.LineAmountTypes"),
        ("Exclusive", {"LineAmount": "49.50 NZD"}, "LineAmount"),
        ("Inclusive", {"TaxAmount": "0." + "1" * 70}, "TaxAmount"),
    ],
)
def test_what_cannot_be_read_is_a_rejected_row_that_names_the_field(
    types: str, fields: dict[str, Any], column: str, tmp_path: Path
) -> None:
    rows, faults = got(tmp_path, of_one_line(types, **fields))
    assert (rows, [fault.column for fault in faults]) == ([], [column])


def test_a_line_of_text_is_none(tmp_path: Path) -> None:
    for fields in (
        {"Quantity": None, "UnitAmount": None, "LineAmount": None},
        {"Quantity": 0, "UnitAmount": 0, "LineAmount": 0},
    ):
        rows, faults = got(tmp_path, of_one_line(ItemCode=None, Item=None, **fields))
        assert (rows, faults) == ([], [])


def test_a_line_of_an_item_without_quantity_and_money_is_one_of_text(tmp_path: Path) -> None:
    for fields in ({"LineAmount": 0.0}, {"LineAmount": None}, {"LineAmount": 0, "UnitAmount": 10}):
        rows, faults = got(tmp_path, of_one_line(**{"Quantity": None, "UnitAmount": None, **fields}))
        assert (rows, faults) == ([], [])


def test_a_line_without_an_item_can_be_rejected(tmp_path: Path) -> None:
    rows, faults = got(tmp_path, of_one_line(ItemCode="", Item=None), without_item="rejected")
    assert (rows, [fault.column for fault in faults]) == ([], ["ItemCode"])
    rows, _ = got(tmp_path, of_one_line(ItemCode="", Item=None))
    assert [(row["product_code"], row["charge_category"]) for row in rows] == [("no-item", "one_time")]
    rows, _ = got(tmp_path, of_one_line(ItemCode=None))
    assert [(row["product_code"], row["charge_category"]) for row in rows] == [("EDR", "recurring")]


def test_items_can_be_named_that_are_sold_once(tmp_path: Path) -> None:
    for codes, category in (("HW-1, EDR", "one_time"), ("EDR-2,HW-1", "recurring")):
        rows, _ = got(tmp_path, of_one_line(), one_time_items=codes)
        assert [row["charge_category"] for row in rows] == [category]


def test_lines_of_credit_notes_can_pass_through_unreconciled(tmp_path: Path) -> None:
    rows, _ = got(tmp_path, of_one_line(note=True), credit_notes="one_time")
    assert [(*money([row])[0], row["charge_category"]) for row in rows] == [("-1", "4.5", "-4.5", "one_time")]


def landed(line: tuple[float, float, float]) -> dict[str, float]:
    return dict(zip(("Quantity", "UnitAmount", "LineAmount"), line, strict=True))


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


def test_drafts_count_where_they_are_asked_for_and_void_ones_never(tmp_path: Path) -> None:
    def vendor() -> FakeXero:
        found = FakeXero(BOOKS)
        for number, status in enumerate(("DRAFT", "SUBMITTED", "DELETED", "VOIDED", "AUTHORISED")):
            found.invoices[number]["Status"] = status
        found.credit_notes[0]["Status"] = "VOIDED"  # the endpoint knows no Statuses: it sends them all
        return found

    rows, faults = got(tmp_path, vendor())
    assert (sorted({row["invoice_id"] for row in rows}), faults) == (["INV-0105"], [])
    rows, _ = got(tmp_path, vendor(), statuses="DRAFT,SUBMITTED,AUTHORISED,PAID")
    assert sorted({row["invoice_id"] for row in rows}) == ["INV-0101", "INV-0102", "INV-0105"]


def test_only_what_is_needed_is_asked_for(tmp_path: Path) -> None:
    vendor = FakeXero(BOOKS)
    with serving(vendor) as server:
        fetch_with(XERO, vendor, vendor.settings(server.url), "invoice_lines", tmp_path)
        asked = {request.path.rpartition("/")[2]: dict(request.query) for request in server.asked}
    dates = "Date >= DateTime(2026,10,01) AND Date < DateTime(2026,11,01)"
    assert asked["Invoices"] == {
        "where": f'Type=="ACCREC" AND {dates}',
        "Statuses": "AUTHORISED,PAID",
        "order": "InvoiceID ASC",
        "unitdp": "4",
        "page": "2",
        "pageSize": "100",
    }
    assert asked["CreditNotes"] == {
        "where": f'Type=="ACCRECCREDIT" AND {dates}',
        "order": "CreditNoteID ASC",
        "unitdp": "4",
        "page": "1",
        "pageSize": "100",
    }


def test_bills_and_their_credit_notes_are_left_alone(tmp_path: Path) -> None:
    vendor = FakeXero(BOOKS)
    for invoice in vendor.invoices[1:]:
        invoice["Type"] = "ACCPAY"
    vendor.credit_notes[0]["Type"] = "ACCPAYCREDIT"
    rows, faults = got(tmp_path, vendor)
    assert ({row["invoice_id"] for row in rows}, faults) == ({"INV-0101"}, [])


@pytest.mark.parametrize(("dated", "month"), [("month_before", -1), ("same_month", 0), ("month_after", 1)])
def test_documents_of_a_month_may_be_dated_in_the_month_beside_it(
    dated: str, month: int, tmp_path: Path
) -> None:
    # the books' documents are dated on the first and on the last day of October: both belong to the same
    # month, its neighbours get nothing
    october = date(2026, 10, 1)
    for period, found in (
        (shifted(october, -month), 8),
        (shifted(october, -month - 1), 0),
        (shifted(october, -month + 1), 0),
    ):
        rows, faults = got(tmp_path, FakeXero(BOOKS), period=f"{period:%Y-%m}", dated=dated)
        assert (len(rows), faults) == (found, [])
        spans = {(row["service_period_start"], row["service_period_end"]) for row in rows}
        assert spans == ({(str(period), str(shifted(period, 1)))} if found else set())


def test_the_last_month_of_a_year_ends_with_the_year(tmp_path: Path) -> None:
    vendor = FakeXero(BOOKS)
    for invoice, moment in zip(
        vendor.invoices, (1796083200, 1798675200, 1798761600, 1795996800, 1767139200), strict=True
    ):
        invoice["Date"] = (
            f"/Date({moment}000+0000)/"  # 2026-12-01, 2026-12-31, 2027-01-01, 2026-11-30, 2025-12-31
        )
    rows, faults = got(tmp_path, vendor, period="2026-12")
    assert (sorted({row["invoice_id"] for row in rows}), faults) == (["INV-0101", "INV-0102"], [])
    assert {(row["service_period_start"], row["service_period_end"]) for row in rows} == {
        ("2026-12-01", "2027-01-01")
    }


def test_documents_that_were_not_asked_for_are_passed_over(tmp_path: Path) -> None:
    vendor = FakeXero(BOOKS)
    honest = vendor._paged
    vendor._paged = lambda asked, name, documents: honest(  # type: ignore[method-assign]
        type(asked)(asked.method, asked.path, {**asked.query, "where": ""}, asked.headers, asked.body),
        name,
        documents,
    )
    vendor.credit_notes[0]["Date"] = "/Date(1793491200000+0000)/"  # 2026-11-01
    vendor.invoices[0]["Type"], vendor.invoices[1]["Type"] = "ACCPAY", "ACCPAYCREDIT"
    vendor.invoices[2]["Date"] = "/Date(1790726400000+0000)/"  # 2026-09-30
    rows, faults = got(tmp_path, vendor)
    assert (sorted({row["invoice_id"] for row in rows}), faults) == (["INV-0104", "INV-0105"], [])


def test_a_document_without_its_lines_is_no_document_of_nothing(tmp_path: Path) -> None:
    vendor = FakeXero(BOOKS)
    empty = vendor.invoices[4], vendor.credit_notes[0]  # of one line, and of two
    for document in empty:
        document["LineItems"] = []
    rows, faults = got(tmp_path, vendor)
    assert ([fault.column for fault in faults], len(rows)) == (["document.LineItems"] * 2, 5)
    for document in empty:
        document["SubTotal"] = 0.0
    rows, faults = got(tmp_path, vendor)
    assert (faults, len(rows)) == ([], 5)


def test_a_draft_without_a_number_is_known_by_its_id(tmp_path: Path) -> None:
    vendor = of_one_line()
    vendor.invoices[0]["InvoiceNumber"] = ""
    rows, _ = got(tmp_path, vendor)
    assert [row["invoice_id"] for row in rows] == [vendor.invoices[0]["InvoiceID"]]


def test_list_prices_that_include_tax_are_not_taken_for_prices_without(tmp_path: Path) -> None:
    vendor = FakeXero(BOOKS)
    vendor.organisations[0]["DefaultSalesTax"] = "Tax Inclusive"
    rows, faults = got(tmp_path, vendor, "products")
    assert ({(row["default_unit_price"], row["currency"]) for row in rows}, len(rows), faults) == (
        {(None, None)},
        4,
        [],
    )


def test_a_contact_of_an_unknown_status_is_rejected(tmp_path: Path) -> None:
    vendor = FakeXero(BOOKS)
    vendor.contacts[0]["ContactStatus"] = "PAUSED"
    vendor.contacts[1]["ContactStatus"] = "GDPRREQUEST"
    rows, faults = got(tmp_path, vendor, "clients")
    assert ([fault.value for fault in faults], [row["status"] for row in rows].count("inactive")) == (
        ["PAUSED"],
        2,
    )


def test_a_custom_connection_needs_no_tenant_and_a_wrong_one_is_refused(tmp_path: Path) -> None:
    vendor = FakeXero(BOOKS)
    with serving(vendor) as server:
        _, rows = fetch_with(
            XERO, vendor, {**vendor.settings(server.url), "tenant_id": ""}, "clients", tmp_path
        )
        assert not [asked for asked in server.asked if "xero-tenant-id" in asked.headers]
        assert len(rows) == 4
        with pytest.raises(Exception, match="grant the permission"):
            fetch_with(
                XERO, vendor, {**vendor.settings(server.url), "tenant_id": "another"}, "clients", tmp_path
            )


def test_the_document_finds_no_fault_with_either_side(tmp_path: Path) -> None:
    document = specification("xero/xero_accounting.yaml")
    vendor = FakeXero(BOOKS)
    with serving(vendor) as server, judged(document, vendor, "/api.xro/2.0") as judge:
        settings = {**vendor.settings(server.url), "base_url": judge.url}
        for dataset in XERO.datasets:
            _, rows = fetch_with(XERO, vendor, settings, dataset, tmp_path)
            assert ordered(rows) == ordered(BOOKS[dataset])
        assert judge.violations == []
        # the judge is awake: the document wants a tenant with every request
        assert "422" in complaints_about(judge, "/Invoices?page=1", Authorization="Bearer x")[0]
