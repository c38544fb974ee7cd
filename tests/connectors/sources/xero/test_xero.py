"""Xero: the conformance suite, and which documents are asked for.

Belongs here: statuses, months and connections. Does not: money of a line (``test_lines``) and credit notes
(``test_credit_notes``).
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from connectors.dated_months import shifted
from connectors.sources.xero import XERO
from connectors.testing.conformance import SourceConformance
from connectors.testing.fetching import fetch_with, ordered
from connectors.testing.server import serving
from connectors.testing.vendors.xero import FakeXero
from tests.connectors.sources.referee import complaints_about, judged, specification
from tests.connectors.sources.xero.books import BOOKS, got, of_one_line


class TestXero(SourceConformance):
    spec, vendor, books, hostile = XERO, FakeXero, BOOKS, "invoice_lines"


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
