"""ConnectWise PSA: lines of invoices, their month and their amounts.

Belongs here: what an invoice is for, and that its lines add up. Does not: lines for part of a cycle
(``test_prorated``), credit memos and consolidated invoices (``test_invoice_kinds``).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from connectors.http.errors import FetchError, Malformed
from connectors.sources.connectwise import CONNECTWISE
from connectors.testing.fetching import Rows, fetch, ordered
from connectors.testing.server import Asked, Reply
from connectors.testing.vendors.connectwise import FakeConnectWise
from tests.connectors.sources.connectwise.books import BOOKS, faults, landed, of, tampered


def periods(rows: Rows) -> dict[str, tuple[str, str, str]]:
    return {
        row["invoice_line_id"]: (row["service_period_start"], row["service_period_end"], row["unit_price"])
        for row in rows
    }


@pytest.mark.parametrize(
    ("dated", "date", "recurring"),
    [
        ("same_month", "2026-10-31", ("2026-10-01", "2027-01-01")),
        ("month_before", "2026-09-24", ("2026-10-01", "2027-01-01")),
        ("month_after", "2026-11-02", ("2026-08-01", "2026-11-01")),
    ],
)
def test_an_invoice_is_for_the_month_that_its_date_stands_for_and_as_long_as_the_cycle(
    dated: str, date: str, recurring: tuple[str, str], tmp_path: Path
) -> None:
    patches: dict[tuple[str, int], dict[str, Any]] = {
        ("invoices", number): {"date": f"{date}T00:00:00Z"} for number in (3302, 3303)
    }
    patches[("agreements", 502)] = {"billingCycle": {"id": 3, "name": "Quarterly"}}
    found = periods(landed(tmp_path, "invoice_lines", patches, dated=dated))
    october = ("2026-10-01", "2026-11-01")
    assert found.pop("7005") == (*recurring, "9.3333333333")
    wanted = {"7006": (*october, "199.9"), "3303-rest": (*october, "-12.34")}
    assert {name: found[name] for name in wanted} == wanted
    # invoice 3301 is dated in October: it is October's only where invoices are dated in their month
    assert ("7001" in found) == (dated == "same_month")


def test_invoices_of_another_month_than_was_asked_for_are_rejected_rows(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="is not in the month that was asked for"):
        tampered(tmp_path, "invoice_lines", "/finance/invoices", b"2026-10-01T", b"2025-10-01T")


@pytest.mark.parametrize(
    "patch",
    [{"ticket": {"id": 3}}, {"project": {"id": 3}}, {"salesOrder": {"id": 3}}],
)
def test_products_of_tickets_projects_and_sales_are_one_time_on_an_agreement_s_invoice_too(
    patch: dict[str, Any], tmp_path: Path
) -> None:
    line = of(landed(tmp_path, "invoice_lines", {("products", 7001): patch}), "invoice_line_id", "7001")
    assert (line["charge_category"], line["amount"]) == ("one_time", "360")


def test_products_on_other_invoices_and_of_agreements_billed_once_are_one_time(tmp_path: Path) -> None:
    patches = {("invoices", 3301): {"type": "Standard"}, ("agreements", 502): {"billOneTimeFlag": True}}
    rows = landed(tmp_path, "invoice_lines", patches)
    assert {row["charge_category"] for row in rows} == {"one_time"}
    assert len(rows) == len(BOOKS["invoice_lines"])


@pytest.mark.parametrize(
    ("patch", "line", "rest"),
    [
        # 460 of products and 100 beside them: what a product does not bill, or bills less, stands in the rest
        # of its invoice
        ({"billableOption": "NoCharge"}, ("12", "0", "0"), "460"),
        ({"billableOption": "DoNotBill"}, None, "460"),
        ({"cancelledFlag": True}, None, "460"),
        ({"quantityCancelled": 2, "extPrice": 300}, ("10", "30", "300"), "160"),
        ({"extPrice": 460}, ("12", "30", "460"), None),
    ],
)
def test_lines_add_up_to_the_invoice_s_subtotal(
    patch: dict[str, Any], line: tuple[str, str, str] | None, rest: str | None, tmp_path: Path
) -> None:
    rows = {
        row["invoice_line_id"]: row for row in landed(tmp_path, "invoice_lines", {("products", 7001): patch})
    }
    found = rows.get("7001")
    assert (found and (found["quantity"], found["unit_price"], found["amount"])) == line
    assert (rows["3301-rest"]["amount"] if "3301-rest" in rows else None) == rest


def test_an_invoice_of_nothing_but_labour_is_one_line(tmp_path: Path) -> None:
    books = {**BOOKS, "invoice_lines": [BOOKS["invoice_lines"][4]]}
    _, rows = fetch(CONNECTWISE, FakeConnectWise(books), "invoice_lines", tmp_path)
    assert ordered(rows) == ordered(books["invoice_lines"])


def test_an_agreement_that_an_invoice_names_must_be_had(tmp_path: Path) -> None:
    with pytest.raises(FetchError, match="404"):
        landed(tmp_path, "invoice_lines", {("invoices", 3301): {"agreement": {"id": 999}}})
    # not that of an invoice that is no agreement's: it says nothing about such an invoice
    rows = landed(tmp_path, "invoice_lines", {("invoices", 3303): {"agreement": {"id": 999}}})
    assert ordered(rows) == ordered(BOOKS["invoice_lines"])


@pytest.mark.parametrize("times", [1, 99])
def test_an_error_told_with_200_in_place_of_an_agreement_is_tried_again(times: int, tmp_path: Path) -> None:
    vendor = FakeConnectWise(BOOKS)
    struck = 0

    def app(asked: Asked) -> Reply:
        nonlocal struck
        is_struck = asked.path.endswith("/agreements/502") and struck < times
        struck += is_struck
        return Reply.json({"code": "Busy", "message": "please try again"}) if is_struck else vendor(asked)

    if times > 1:
        with pytest.raises(Malformed, match='without id: "please try again"'):
            fetch(CONNECTWISE, vendor, "invoice_lines", tmp_path, app)
        return
    _, rows = fetch(CONNECTWISE, vendor, "invoice_lines", tmp_path, app)
    assert (ordered(rows), struck) == (ordered(BOOKS["invoice_lines"]), 1)


def test_an_amount_that_is_no_number_is_not_summed(tmp_path: Path) -> None:
    for amount in ("a lot", 10**100):
        with pytest.raises(Malformed, match="no number"):
            landed(tmp_path, "invoice_lines", {("products", 7006): {"extPrice": amount}})


def test_amounts_beyond_all_measure_are_rejected_and_nothing_is_rounded(tmp_path: Path) -> None:
    patches = {
        ("agreements", 502): {"billingCycle": {"name": "Annual"}},
        ("additions", 9005): {"unitPrice": 10**300},
    }
    assert faults(tmp_path, "agreements", patches) == [("unitPrice", "1" + "0" * 199)]
    rows = landed(tmp_path, "invoice_lines", {("products", 7001): {"extPrice": 10**40}})
    # what stands on the other side of the sum keeps every digit: 1096.75 less 10^40, 41.25, 49.5 and 546
    assert of(rows, "invoice_line_id", "3301-rest")["amount"] == "-" + "9" * 37 + "540"


def test_what_binary_arithmetic_left_behind_a_number_is_no_part_of_it(tmp_path: Path) -> None:
    # 10 of 0.1 and a labour of 50: 51.0 in all
    product = {"quantity": 10, "price": 0.1, "extPrice": 1.0000000000000002}
    patches: dict[tuple[str, int], dict[str, Any]] = {
        ("products", 7005): product,
        ("invoices", 3302): {"subtotal": 51.0},
    }
    rows = landed(tmp_path, "invoice_lines", patches)
    line = of(rows, "invoice_line_id", "7005")
    assert (line["quantity"], line["unit_price"], line["amount"]) == ("10", "0.1", "1")
    assert of(rows, "invoice_line_id", "3302-rest")["amount"] == "50"
    patches["invoices", 3302] = {"subtotal": 1.0}
    rows = landed(tmp_path, "invoice_lines", patches)
    assert [row for row in rows if row["invoice_line_id"] == "3302-rest"] == []
