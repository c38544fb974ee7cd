"""Microsoft Partner Center: the conformance suite, and what is peculiar to its walk. The mapping of lines has
its own module.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from connectors.datasets import DATASETS
from connectors.files.records import RecordFile
from connectors.http.errors import Inconsistent, OutOfBounds
from connectors.registry import connector_of
from connectors.sources.microsoft.partner_center import PARTNER_CENTER
from connectors.testing.conformance import SourceConformance
from connectors.testing.fetching import fetch, fetch_with
from connectors.testing.server import Asked, Reply, serving
from connectors.testing.vendors.microsoft import FakePartnerCenter
from tests.connectors.sources.microsoft.books import BESIDE, BOOKS, INVOICE


class TestPartnerCenter(SourceConformance):
    spec, vendor, books, hostile = PARTNER_CENTER, FakePartnerCenter, BOOKS, "vendor_charges"
    beside = BESIDE


def test_only_invoices_of_the_month_s_window_are_fetched_and_only_theirs_are_asked_for_lines(
    tmp_path: Path,
) -> None:
    one = {"currency": "USD", "invoice_total": "1"}
    early, late = (
        {**one, "invoice_id": f"G0{day}", "invoice_date": day} for day in ("2026-10-31", "2026-12-01")
    )
    legacy = {**one, "invoice_id": "D02005YFHI", "invoice_date": "2026-11-09", "kind": "Recurring"}
    books = {
        **BOOKS,
        "vendor_invoices": [early, *BOOKS["vendor_invoices"], late, legacy],
    }  # two pages of three
    vendor = FakePartnerCenter(books)
    with serving(vendor) as server:
        _, invoices = fetch_with(
            PARTNER_CENTER, vendor, vendor.settings(server.url), "vendor_invoices", tmp_path
        )
        _, lines = fetch_with(PARTNER_CENTER, vendor, vendor.settings(server.url), "vendor_charges", tmp_path)
        asked = {one.path.split("/")[3] for one in server.asked if one.path.endswith("/lineitems")}
    assert {row["invoice_id"] for row in invoices} == {INVOICE, "G016907412", "D02005YFHI"}
    assert {row["invoice_id"] for row in lines} == asked == {INVOICE, "G016907412"}


def test_invoices_dated_in_the_month_itself_are_had_by_a_setting(tmp_path: Path) -> None:
    books = {
        "vendor_invoices": [
            {"invoice_id": "G1", "invoice_date": "2026-10-31", "currency": "USD", "invoice_total": "1"}
        ]
    }
    vendor = FakePartnerCenter(books)
    with serving(vendor) as server:
        settings = {**vendor.settings(server.url), "dated": "same_month"}
        _, invoices = fetch_with(PARTNER_CENTER, vendor, settings, "vendor_invoices", tmp_path)
    assert [row["invoice_id"] for row in invoices] == ["G1"]


def test_the_daily_lines_can_count_instead_of_the_bill_s(tmp_path: Path) -> None:
    vendor = FakePartnerCenter(BOOKS)
    with serving(vendor) as server:
        settings = {**vendor.settings(server.url), "usage": "daily"}
        _, lines = fetch_with(PARTNER_CENTER, vendor, settings, "vendor_charges", tmp_path)
    usage = [row for row in lines if row["charge_category"] == "usage"]
    assert [(row["charge_type"], row["amount"]) for row in usage] == [("new: a meter", "7.65")]
    assert [(row["charge_period_start"], row["charge_period_end"]) for row in usage] == [
        ("2026-10-01", "2026-10-02")
    ]
    assert len(lines) == len(BOOKS["vendor_charges"])


def test_a_list_of_invoices_that_turns_in_a_circle_is_an_error(tmp_path: Path) -> None:
    vendor = FakePartnerCenter(BOOKS)

    def app(asked: Asked) -> Reply:
        if asked.path != "/v1/invoices":
            return vendor(asked)
        return Reply.json(
            {"totalCount": 0, "items": [], "links": {"next": {"uri": "/invoices?size=2&offset=0"}}}
        )

    with pytest.raises(Inconsistent, match="points back to a page"):
        fetch(PARTNER_CENTER, vendor, "vendor_invoices", tmp_path, app)


def test_a_next_page_of_invoices_on_another_host_is_refused_although_no_link_is_followed(
    tmp_path: Path,
) -> None:
    vendor = FakePartnerCenter(BOOKS)

    def app(asked: Asked) -> Reply:
        if asked.path != "/v1/invoices":
            return vendor(asked)
        return Reply.json(
            {
                "totalCount": 0,
                "items": [],
                "links": {"next": {"uri": "https://collector.example/v1/invoices"}},
            }
        )

    with pytest.raises(OutOfBounds, match="collector.example"):
        fetch(PARTNER_CENTER, vendor, "vendor_invoices", tmp_path, app)


def test_an_invoice_list_shorter_than_its_stated_whole_is_an_error(tmp_path: Path) -> None:
    vendor = FakePartnerCenter(BOOKS)

    def app(asked: Asked) -> Reply:
        reply = vendor(asked)
        if asked.path != "/v1/invoices":
            return reply
        return Reply.json({**json.loads(reply.body), "totalCount": 3})

    with pytest.raises(Inconsistent, match="says there are 3 records and sent 2"):
        fetch(PARTNER_CENTER, vendor, "vendor_invoices", tmp_path, app)


INVOICED = {
    "id": "G000024130",
    "invoiceDate": "2018-02-08T01:22:47.603895Z",
    "totalCharges": "586366",
    "currencyCode": "CHF",
}
AMENDMENT = {
    "id": "G000024131",
    "invoiceDate": "2018-02-08T18:44:37.5381456Z",
    "totalCharges": "-107661.12",
    "currencyCode": "CHF",
}


def documents(
    folder: Path, record: dict[str, Any], *amendments: Any
) -> tuple[list[tuple[str, str, str]], RecordFile]:
    """What comes of an invoice and its amendments: identifier, date and total of each, and the file."""
    path = folder / "vendor_invoices.jsonl"
    path.write_text(
        json.dumps({**record, **({"amendments": json.dumps(amendments)} if amendments else {})}) + "\n"
    )
    opened = connector_of(PARTNER_CENTER).open(
        path, DATASETS["vendor_invoices"], PARTNER_CENTER.complete({"tenant": "t"})
    )
    rows = [row for batch in opened.batches() for row in batch.to_pylist()]
    return [(row["invoice_id"], row["invoice_date"], row["invoice_total"]) for row in rows], opened


@pytest.mark.parametrize("kind", [None, "adjustment_note", "Credit Note"])
def test_a_correction_inside_an_invoice_is_a_document_of_its_own(kind: str | None, tmp_path: Path) -> None:
    rows, opened = documents(tmp_path, INVOICED, {**AMENDMENT, "documentType": kind})
    assert rows == [("G000024130", "2018-02-08", "586366"), ("G000024131", "2018-02-08", "-107661.12")]
    assert opened.warnings == ["1 records amend an invoice: documents with a total and without lines"]


@pytest.mark.parametrize("kind", ["invoice", "Invoice", None])
def test_an_invoice_counts_as_it_is_written(kind: str | None, tmp_path: Path) -> None:
    for total in ("586366", "-12.5"):
        rows, opened = documents(tmp_path, {**INVOICED, "documentType": kind, "totalCharges": total})
        assert (rows, opened.faults) == ([("G000024130", "2018-02-08", total)], [])


@pytest.mark.parametrize("kind", ["void_note", "adjustment_note", "Credit Note", "CreditNote"])
def test_a_correction_below_zero_gives_back_what_it_says_and_one_above_is_rejected(
    kind: str, tmp_path: Path
) -> None:
    rows, opened = documents(tmp_path, {**INVOICED, "documentType": kind, "totalCharges": "-586366"})
    assert (rows, opened.faults) == ([("G000024130", "2018-02-08", "-586366")], [])
    for total in ("586366", "0"):
        rows, opened = documents(tmp_path, {**INVOICED, "documentType": kind, "totalCharges": total})
        assert (rows, [(fault.column, fault.value) for fault in opened.faults]) == (
            [],
            [("documentType", kind)],
        )
        assert "says of none above zero whether it charges, gives back or replaces" in opened.faults[0].reason


def test_an_amendment_above_zero_is_rejected_with_the_invoice_that_it_amends(tmp_path: Path) -> None:
    for kind in (None, "adjustment_note"):
        rows, opened = documents(
            tmp_path, INVOICED, {**AMENDMENT, "totalCharges": 107661.12, "documentType": kind}
        )
        assert (rows, [(fault.column, fault.value) for fault in opened.faults]) == (
            [],
            [("documentType", "adjustment_note")],
        )
    rows, _ = documents(tmp_path, INVOICED, {**AMENDMENT, "totalCharges": 5, "documentType": "invoice"})
    assert [total for _, _, total in rows] == ["586366", "5"]


def test_a_type_of_document_that_nobody_knows_is_rejected(tmp_path: Path) -> None:
    for total in ("586366", "-586366"):
        rows, opened = documents(tmp_path, {**INVOICED, "documentType": "pro_forma", "totalCharges": total})
        assert (rows, [(fault.column, fault.value) for fault in opened.faults]) == (
            [],
            [("documentType", "pro_forma")],
        )


@pytest.mark.parametrize("text", ['["G1"]', "{}", "not JSON", "7", "[" * 100_000])
def test_amendments_that_nobody_can_read_are_a_rejected_row(text: str, tmp_path: Path) -> None:
    rows, opened = documents(tmp_path, {**INVOICED, "amendments": text})
    assert (rows, [fault.column for fault in opened.faults]) == ([], ["amendments"])


def test_invoices_can_be_landed_by_hand_with_signs_that_are_sure(tmp_path: Path) -> None:
    path = tmp_path / "vendor_invoices.csv"
    path.write_text("id,invoiceDate,totalCharges,currencyCode\nG000024130,2018-02-08,-586366,CHF\n")
    opened = connector_of(PARTNER_CENTER).open(
        path, DATASETS["vendor_invoices"], PARTNER_CENTER.complete({"tenant": "t"})
    )
    assert [row["invoice_total"] for batch in opened.batches() for row in batch.to_pylist()] == ["-586366"]


def test_lines_are_asked_for_where_their_document_counts(tmp_path: Path) -> None:
    # the lines of a document that is rejected would count, and nobody knows which way
    bill = BOOKS["vendor_invoices"][0]
    corrections = [
        {**bill, "invoice_id": f"G{number}", "document": kind, "invoice_total": total}
        for number, (kind, total) in enumerate(
            [("void_note", "7"), ("void_note", "-7"), ("Invoice", "7"), ("pro_forma", "-7")]
        )
    ]
    vendor = FakePartnerCenter({**BOOKS, "vendor_invoices": corrections})
    with serving(vendor) as server:
        fetch_with(PARTNER_CENTER, vendor, vendor.settings(server.url), "vendor_charges", tmp_path)
        asked = {one.path.split("/")[3] for one in server.asked if one.path.endswith("/lineitems")}
    assert asked == {"G1", "G2"}
