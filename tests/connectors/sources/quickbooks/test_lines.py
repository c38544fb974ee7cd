"""QuickBooks Online: lines of documents.

Belongs here: prices, bundles, discounts, tax, credit memos, service dates, and lines that are none. Does not:
which documents are asked for (``test_quickbooks``).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.connectors.sources.quickbooks.books import got, money, of_lines, sold

_SUBTOTAL = {"Amount": 20, "DetailType": "SubTotalLineDetail", "SubTotalLineDetail": {}}


def _discount(amount: float, **detail: Any) -> dict[str, Any]:
    return {"Amount": amount, "DetailType": "DiscountLineDetail", "DiscountLineDetail": detail}


def _bundle(*inner: dict[str, Any], amount: float = 0, identity: str = "1") -> dict[str, Any]:
    detail = {"GroupItemRef": {"value": "201"}, "Quantity": 3, "Line": list(inner)}
    return {"Id": identity, "Amount": amount, "DetailType": "GroupLineDetail", "GroupLineDetail": detail}


@pytest.mark.parametrize(
    ("line", "total", "expected"),
    [
        # a public answer: 2 of 591.50
        (sold("19", 1183, Qty=2, UnitPrice=591.5), 1183, ("19", "2", "591.5", "1183")),
        # another: 3 of 92.5633333, which is 277.6899999
        (sold("19", 277.69, Qty=3, UnitPrice=92.5633333), 277.69, ("19", "3", "92.5633333", "277.69")),
        # only an amount: one of it
        (sold("19", 100), 100, ("19", "1", "100", "100")),
        (sold("19", 100, UnitPrice=100), 100, ("19", "1", "100", "100")),
        # a discount inside the line: what was invoiced is what counts
        (sold("19", 90, Qty=4, UnitPrice=25, DiscountAmt=10), 90, ("19", "4", "22.5", "90")),
        (sold("19", 90, Qty=4), 90, ("19", "4", "22.5", "90")),
        # given away, and taken away
        (sold("19", 0, Qty=5, UnitPrice=0), 0, ("19", "5", "0", "0")),
        (sold("19", -20, Qty=2, UnitPrice=-10), -20, ("19", "-2", "10", "-20")),
        (sold("19", -20, Qty=-2, UnitPrice=10), -20, ("19", "-2", "10", "-20")),
    ],
)
def test_a_line_of_an_item_is_worth_its_amount(
    line: dict[str, Any], total: float, expected: tuple[str, ...], tmp_path: Path
) -> None:
    rows, faults, warnings = got(tmp_path, of_lines(line, _SUBTOTAL, total=total))
    assert (money(rows), faults, warnings) == ([expected], [], [])


def test_tax_is_none_of_it_whether_it_was_entered_inside_or_not(tmp_path: Path) -> None:
    # a public answer from Australia: 591.50 twice is 1,183.00 without and 1,301.30 with tax
    line = sold("19", 1183, Qty=2, UnitPrice=591.5, TaxInclusiveAmt=1301.3)
    for calculation in ("TaxInclusive", "TaxExcluded", "NotApplicable"):
        vendor = of_lines(line, total=1301.3, tax=118.3, GlobalTaxCalculation=calculation)
        rows, faults, _ = got(tmp_path, vendor)
        assert (money(rows), faults) == ([("19", "2", "591.5", "1183")], [])


@pytest.mark.parametrize(("total", "tax"), [(1183, 118.3), (1301.33, 118.3), (1301.27, 118.3), (0, 0)])
def test_a_document_whose_total_is_not_its_lines_and_its_tax_is_rejected(
    total: float, tax: float, tmp_path: Path
) -> None:
    lines = sold("19", 1183, Qty=2, UnitPrice=591.5), sold("20", 0, "2", Qty=1, UnitPrice=0)
    rows, faults, _ = got(tmp_path, of_lines(*lines, total=total, tax=tax))
    assert (rows, [fault.column for fault in faults]) == ([], ["TotalAmt"])
    assert "its lines, 1183, and its tax" in faults[0].reason


def test_a_cent_for_each_line_is_rounding(tmp_path: Path) -> None:
    lines = sold("19", 10.01, Qty=1, UnitPrice=10.01), sold("20", 5, "2", Qty=1, UnitPrice=5)
    rows, faults, _ = got(tmp_path, of_lines(*lines, total=16.53, tax=1.5))
    assert (len(rows), faults) == (2, [])


def test_a_document_may_have_as_many_lines_as_the_vendor_allows(tmp_path: Path) -> None:
    many = [sold("19", 0.07, str(n), Qty=1, UnitPrice=0.07, ServiceDate="2026-10-01") for n in range(750)]
    rows, faults, _ = got(tmp_path, of_lines(*many, total=52.5))
    assert (len({row["invoice_line_id"] for row in rows}), faults) == (750, [])


def test_a_document_that_lost_its_lines_is_rejected_and_one_of_nothing_is_not(tmp_path: Path) -> None:
    for lines in ((), (_SUBTOTAL,)):
        rows, faults, _ = got(tmp_path, of_lines(*lines, total=20))
        assert (rows, [fault.column for fault in faults]) == ([], ["TotalAmt"])
        rows, faults, _ = got(tmp_path, of_lines(*lines, total=0))
        assert (rows, faults) == ([], [])


def test_the_lines_of_a_bundle_count_and_the_bundle_does_not(tmp_path: Path) -> None:
    inner = sold("19", 57, "2", Qty=3, UnitPrice=19), sold("20", 15, "3", Qty=3, UnitPrice=5)
    for amount in (0, 72):
        rows, faults, _ = got(tmp_path, of_lines(_bundle(*inner, amount=amount), total=72))
        assert (money(rows), faults) == ([("19", "3", "19", "57"), ("20", "3", "5", "15")], [])
        assert [row["invoice_line_id"] for row in rows] == ["130-2", "130-3"]


def test_a_bundle_whose_lines_are_lost_is_rejected(tmp_path: Path) -> None:
    rows, faults, _ = got(tmp_path, of_lines(_bundle(amount=72), total=72))
    assert (rows, [(fault.column, fault.value) for fault in faults]) == (
        [],
        [("Line[1].DetailType", "GroupLineDetail")],
    )


@pytest.mark.parametrize("is_percent", [True, False])
def test_a_discount_on_the_whole_document_is_a_line_of_its_own(is_percent: bool, tmp_path: Path) -> None:
    # a sample of the vendor's: 35.00 less 10 %
    lines = sold("10", 35, Qty=1, UnitPrice=35), _SUBTOTAL, _discount(3.5, PercentBased=is_percent)
    rows, faults, warnings = got(tmp_path, of_lines(*lines, total=31.5))
    assert (money(rows), faults) == ([("10", "1", "35", "35"), ("no-item", "-1", "3.5", "-3.5")], [])
    assert [(row["invoice_line_id"], row["charge_category"]) for row in rows] == [
        ("130-1", "recurring"),
        ("130-line3", "one_time"),
    ]
    assert warnings == [
        "1 records have a discount on the whole document: it stands beside prices that are before it"
    ]


def test_a_discount_on_a_credit_memo_takes_less_back(tmp_path: Path) -> None:
    lines = sold("10", 35, Qty=1, UnitPrice=35), _discount(3.5)
    rows, _, _ = got(tmp_path, of_lines(*lines, total=31.5, memo=True))
    assert money(rows) == [("10", "-1", "35", "-35"), ("no-item", "1", "3.5", "3.5")]


@pytest.mark.parametrize(
    "line",
    [
        {"DetailType": "DescriptionOnly", "Description": "of October", "DescriptionLineDetail": {}},
        {"DetailType": "DescriptionOnly", "Amount": 20},  # a subtotal in between
        sold(None, 20, Qty=1, UnitPrice=20),  # documentation, says the vendor
        sold("19", 0),
        sold("19", None),
        sold("19", 0, Qty=0, UnitPrice=20),
        _discount(0),
    ],
)
def test_a_line_of_text_is_none(line: dict[str, Any], tmp_path: Path) -> None:
    rows, faults, _ = got(tmp_path, of_lines(line, sold("20", 5, "9", Qty=1, UnitPrice=5), total=5))
    assert (money(rows), faults) == ([("20", "1", "5", "5")], [])


@pytest.mark.parametrize("item", ["SHIPPING_ITEM_ID", "GRATUITY_ITEM_ID"])
def test_shipping_and_gratuity_are_of_no_item(item: str, tmp_path: Path) -> None:
    rows, _, _ = got(tmp_path, of_lines(sold(item, 12.5), total=12.5))
    assert (money(rows), rows[0]["charge_category"]) == ([("no-item", "1", "12.5", "12.5")], "one_time")


@pytest.mark.parametrize("note", ["Voided", "Voided - sent twice"])
def test_a_voided_document_is_none_and_is_told(note: str, tmp_path: Path) -> None:
    # what the vendor leaves of it; a quantity that it should forget would else be seats for nothing
    line = sold("19", 0, Qty=2, UnitPrice=0)
    for memo in (False, True):
        rows, faults, warnings = got(tmp_path, of_lines(line, total=0, memo=memo, PrivateNote=note))
        assert (rows, faults) == ([], [])
        assert warnings[0] == "1 records are voided and were passed over"


def test_a_note_that_speaks_of_voiding_voids_nothing(tmp_path: Path) -> None:
    rows, _, _ = got(tmp_path, of_lines(sold("19", 5, Qty=1, UnitPrice=5), total=5, PrivateNote="Voided?"))
    assert len(rows) == 1


def test_a_price_that_does_not_make_the_amount_is_rejected_unless_rounding_was_asked_for(
    tmp_path: Path,
) -> None:
    vendor = of_lines(sold("19", 25, Qty=3, UnitPrice=8.3), total=25)
    rows, faults, _ = got(tmp_path, vendor)
    assert (rows, [(fault.column, fault.value) for fault in faults]) == (
        [],
        [("Line[1].SalesItemLineDetail.UnitPrice", "8.3")],
    )
    assert "times Qty 3 is not the Amount 25" in faults[0].reason
    rows, faults, _ = got(tmp_path, vendor, unit_price="rounded")
    assert (money(rows), faults) == ([("19", "3", "8.3333333333", "25")], [])


@pytest.mark.parametrize(
    ("line", "column"),
    [
        (sold("19", 20, Qty=0, UnitPrice=20), "Line[1].SalesItemLineDetail.UnitPrice"),
        (sold("19", 20, Qty="two", UnitPrice=10), "Line[1].SalesItemLineDetail.Qty"),
        ({**sold("19", 20), "Amount": "20 USD"}, "Line[1].Amount"),
        ({"Amount": 20, "DetailType": "TaxLineDetail"}, "Line[1].DetailType"),
        ({"Amount": 20}, "Line[1].DetailType"),
        (_bundle(sold("19", 20, Qty="two"), amount=20), "Line[1.1].SalesItemLineDetail.Qty"),
        ("a line", "Line"),
    ],
)
def test_what_cannot_be_read_is_a_rejected_document_that_names_line_and_field(
    line: Any, column: str, tmp_path: Path
) -> None:
    rows, faults, _ = got(tmp_path, of_lines(line, total=20))
    assert (rows, [fault.column for fault in faults]) == ([], [column])


def test_items_can_be_named_that_are_sold_once_and_pass_through_as_they_were_written(tmp_path: Path) -> None:
    vendor = of_lines(sold("19", -20, Qty=2, UnitPrice=-10), total=-20)
    for ids, category, expected in (
        ("22, 19", "one_time", ("19", "2", "-10", "-20")),
        ("1,9", "recurring", ("19", "-2", "10", "-20")),
    ):
        rows, _, _ = got(tmp_path, vendor, one_time_items=ids)
        assert (money(rows), rows[0]["charge_category"]) == ([expected], category)


_MEMO = "1 records are credit memos, tied to no month's invoices: they count in the month of their date"


@pytest.mark.parametrize(
    ("line", "total", "expected"),
    [
        (sold("19", 20, Qty=2, UnitPrice=10), 20, ("19", "-2", "10", "-20")),
        # a line that takes away from what a memo gives back is charged again
        (sold("19", -20, Qty=2, UnitPrice=-10), -20, ("19", "2", "10", "20")),
    ],
)
def test_lines_of_credit_memos_give_seats_back(
    line: dict[str, Any], total: float, expected: tuple[str, ...], tmp_path: Path
) -> None:
    rows, faults, warnings = got(tmp_path, of_lines(line, total=total, memo=True))
    assert (money(rows), faults, warnings) == ([expected], [], [_MEMO])
    assert [row["invoice_line_id"] for row in rows] == ["credit-140-1"]


def test_credit_memos_can_pass_through_unreconciled(tmp_path: Path) -> None:
    vendor = of_lines(sold("19", 20, Qty=2, UnitPrice=10), total=20, memo=True)
    rows, _, warnings = got(tmp_path, vendor, credit_memos="one_time")
    assert (money(rows), rows[0]["charge_category"], warnings) == (
        [("19", "-2", "10", "-20")],
        "one_time",
        [],
    )


_OTHER_MONTH = (
    "1 records have a ServiceDate in another month than their own date: they count in the month of their"
    " date, unless settings.service_date says month"
)


@pytest.mark.parametrize(
    ("day", "warnings", "month"),
    [
        ("2026-10-31", [], ("2026-10-01", "2026-11-01")),
        ("2026-09-30", [_OTHER_MONTH], ("2026-09-01", "2026-10-01")),
        ("2026-12-01", [_OTHER_MONTH], ("2026-12-01", "2027-01-01")),
        ("", [], ("2026-10-01", "2026-11-01")),
        (None, [], ("2026-10-01", "2026-11-01")),
    ],
)
def test_a_line_is_of_the_month_of_its_service_date_where_that_was_asked_for(
    day: str | None, warnings: list[str], month: tuple[str, str], tmp_path: Path
) -> None:
    vendor = of_lines(sold("19", 20, Qty=2, UnitPrice=10, ServiceDate=day), total=20)
    for setting, told, span in (
        ("passed_over", warnings, ("2026-10-01", "2026-11-01")),
        ("month", [], month),
    ):
        rows, faults, said = got(tmp_path, vendor, service_date=setting)
        spans = [(row["service_period_start"], row["service_period_end"]) for row in rows]
        assert (spans, said, faults) == ([span], told, [])


def test_a_credit_memo_by_service_date_is_of_the_month_it_gives_back(tmp_path: Path) -> None:
    dated = sold("19", 20, Qty=2, UnitPrice=10, ServiceDate="2026-09-15")
    rows, _, warnings = got(tmp_path, of_lines(dated, total=20, memo=True), service_date="month")
    assert ([row["service_period_start"] for row in rows], warnings) == (["2026-09-01"], [])
    lines = dated, sold("20", 5, "2", Qty=1, UnitPrice=5)
    rows, _, warnings = got(tmp_path, of_lines(*lines, total=25, memo=True), service_date="month")
    assert ([row["service_period_start"] for row in rows], warnings) == (
        ["2026-09-01", "2026-10-01"],
        [_MEMO],
    )


def test_a_service_date_that_is_no_day_is_rejected_where_it_counts(tmp_path: Path) -> None:
    vendor = of_lines(sold("19", 20, Qty=2, UnitPrice=10, ServiceDate="October"), total=20)
    rows, faults, _ = got(tmp_path, vendor, service_date="month")
    assert (rows, [fault.column for fault in faults]) == ([], ["Line[1].SalesItemLineDetail.ServiceDate"])
    rows, faults, _ = got(tmp_path, vendor)
    assert (len(rows), faults) == (1, [])


def test_a_document_without_a_number_is_known_by_its_id(tmp_path: Path) -> None:
    rows, _, _ = got(tmp_path, of_lines(sold("19", 5, Qty=1, UnitPrice=5), total=5, DocNumber=None))
    assert [(row["invoice_id"], row["invoice_line_id"]) for row in rows] == [("130", "130-1")]
