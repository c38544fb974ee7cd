"""What rows add up to, count or repeat, where headings alone would be a guess.

Belongs here: totals among the lines, tax, discounts, running numbers, gaps, things that are counted, the
dataset that rows show. Does not: columns under unknown headings (``test_by_rows``).
"""

from __future__ import annotations

from typing import Any

import pytest

from mbr_pipeline.profiling.proposal import Proposal
from tests.profiling.small_files import Whole, asked

_LINES = "Invoice,Customer ID,Item Code,Qty,Currency,From,To"
_ONE = "R1,K1,A,2,EUR,2026-10-01,2026-10-31"


def _options(proposal: Proposal, column: str) -> tuple[Any, ...]:
    return next(q.options for q in proposal.questions if q.key[-1] == column)


def _charges(whole: Whole, *rows: str) -> Proposal:
    return whole(["Invoice,Customer ID,SKU,Amount,Currency,From,To", *rows])


def _charge(sku: str, amount: str) -> str:
    return f"I1,K1,{sku},{amount},EUR,2026-10-01,2026-10-31"


@pytest.mark.parametrize(
    ("totals", "expected"),
    [
        (("15.00", "7.50"), {"skip": {"SKU": ["_SUM_TOTAL"]}}),
        (("15.00", "7.60"), "TODO"),  # one does not add up: asked
    ],
)
def test_rows_among_the_lines_that_are_called_a_total_are_skipped_if_they_add_up(
    whole: Whole, totals: tuple[str, str], expected: Any
) -> None:
    rows = [_charge("S1", "10.00"), _charge("S2", "5.00"), _charge("_SUM_TOTAL", totals[0])]
    found = _charges(whole, *rows, _charge("S1", "7.50"), _charge("_SUM_TOTAL", totals[1]))
    assert found.words["where"] == expected


def test_a_test_of_rows_that_is_known_is_kept_in_every_answer(whole: Whole) -> None:
    head = "Invoice,Customer ID,SKU,Amount,Currency,From,To,Status"
    end = "EUR,2026-10-01,2026-10-31"
    rows = [f"I1,K1,S1,10.00,{end},paid", f"I1,,S2,5.00,{end},paid", f"I1,K1,Total,15.00,{end},paid"]
    found = whole([head, *rows, f"I1,K1,S3,4.00,{end},draft"])
    assert found.options["where",][0]["skip"] == {"SKU": ["Total"]}
    gap = whole([head, *rows, f"I1,K1,S3,4.00,{end},paid"])
    assert all(option["skip"]["SKU"] == ["Total"] for option in gap.options["where",])


def test_a_status_of_numbers_is_asked(whole: Whole) -> None:
    rows = [f"R{at},K{at},A,2,EUR,2026-10-01,2026-10-31,10.00,{at % 2}" for at in range(1, 5)]
    assert "where" in asked(whole([f"{_LINES},Amount,Statut", *rows], "invoice_lines"))
    assert "where" not in asked(whole([f"{_LINES},Amount,Floor", *rows], "invoice_lines"))


def test_lines_with_neither_product_nor_money_are_skipped(whole: Whole) -> None:
    rows = [f"{_ONE},5.00,10.00", "R1,K1,,1,EUR,,,0.00,0.00", f"{_ONE},5.00,10.00"]
    found = whole([f"{_LINES},Unit Price,Amount", *rows], "invoice_lines")
    assert found.words["where"] == {"skip": {"Item Code": [""]}}
    assert "where" not in asked(found)
    paid = whole([f"{_LINES},Unit Price,Amount", *rows[:2], "R1,K1,,1,EUR,,,3.00,3.00"], "invoice_lines")
    assert "where" in asked(paid)


_TAXED = f"{_LINES},Unit Price,Net Amount,VAT,Gross Amount"


@pytest.mark.parametrize(
    ("dataset", "second", "expected"),
    [
        ("invoice_lines", "50.00,90.00,18.00,108.00", ("Net Amount", {"made_of": "amount"})),  # 10 % off
        ("invoice_lines", "50.00,93.37,18.67,112.04", ("Net Amount", "TODO")),  # no whole percentage
        ("vendor_charges", "50.00,93.37,18.67,112.04", ("Net Amount", {"made_of": "amount"})),
        ("invoice_lines", "50.00,93.37,18.67,112.05", ("TODO", "TODO")),  # not the same with tax
    ],
)
def test_what_makes_another_column_with_its_tax_is_the_amount(
    whole: Whole, dataset: str, second: str, expected: tuple[Any, Any]
) -> None:
    rows = [f"{_ONE},5.00,10.00,2.00,12.00", f"{_ONE},{second}", *[f"{_ONE},5.00,10.00,2.00,12.00"] * 2]
    found = whole([_TAXED, *rows], dataset)
    price = "unit_cost" if dataset == "vendor_charges" else "unit_price"
    assert (found.columns["amount"], found.columns[price]) == expected


@pytest.mark.parametrize(
    ("head", "quantities", "expected"),
    [
        ("value", "11", "value"),
        ("value", "12", "TODO"),  # of one, or of all?
        ("figure", "11", "TODO"),  # not called money
    ],
)
def test_the_only_decimals_are_the_money_where_each_row_is_one(
    whole: Whole, head: str, quantities: str, expected: str
) -> None:
    rows = [
        f"I1,K1,S1,{many},EUR,2026-10-01,2026-10-31,{money}"
        for many, money in zip(quantities, ("1.25", "4.50"), strict=True)
    ]
    found = whole([f"Invoice,Customer ID,SKU,Quantity,Currency,From,To,{head}", *rows])
    assert found.columns["amount"] == expected


def test_of_columns_called_alike_the_ids_are_taken(whole: Whole) -> None:
    head = "Invoice,Item Code,Qty,Unit Price,Amount,Currency,From,To,Customer,Client,Company"
    line = "A,2,5.00,10.00,EUR,2026-10-01,2026-10-31"
    rows = [f"R1,{line},C-12,Alder,Northgate", f"R2,{line},C-19,Birch,Northgate"]
    assert whole([head, *rows], "invoice_lines").columns["client_id"] == "Customer"
    twice = [*rows, f"R3,{line},C-19,Cedar,Northgate"]  # one id, two names
    assert whole([head, *twice], "invoice_lines").columns["client_id"] == "TODO"


def test_a_running_number_counts_no_seats(whole: Whole) -> None:
    rows = [f"{at},K{at},Plan,{seats}" for at, seats in enumerate((12, 22, 60), 1)]
    found = whole(["#,Customer ID,SKU,Seats Allowed", *rows], "license_counts")
    assert "entitled_quantity" not in asked(found)
    other = [row.replace(f"{at},", f"{at * at},", 1) for at, row in enumerate(rows, 1)]
    assert "entitled_quantity" in asked(whole(["#,Customer ID,SKU,Seats Allowed", *other], "license_counts"))


def test_a_running_number_is_no_code_of_a_product(whole: Whole) -> None:
    def code(head: str, *ids: int) -> Any:
        rows = [f"{at},M-{at * 7}X,Service {at},{at}.50" for at in ids]
        return whole([f"Product ID,{head},Product Name,Price", *rows], "products").columns["product_code"]

    assert code("referencia", 1, 2, 3) == "referencia"
    assert code("referencia", 1, 5, 3) == "TODO"  # an id that others may name
    assert code("Family", 1, 2, 3) == "TODO"


def test_the_only_id_of_a_list_of_clients_is_theirs(whole: Whole) -> None:
    rows = [f"{100 + at},Company {at},{50110000 + at},038-44{at}" for at in range(4)]
    found = whole(["Relatienummer,Bedrijf,KvK nummer,Telefoonnummer", *rows], None)
    assert (found.dataset, found.is_certain) == ("clients", True)
    assert (found.columns["client_id"], found.columns["client_name"]) == ("Relatienummer", "Bedrijf")
    two = whole(["Relatienummer,Bedrijf,Boeknummer,Plaats", *rows], "clients")
    assert _options(two, "client_id")[-2:] == ("Relatienummer", "Boeknummer")


def test_a_row_for_each_device_of_a_customer_counts_the_devices(whole: Whole) -> None:
    rows = [f"{8812 + at},Organization {at % 2},Laptop,10.20.0.{at + 10}" for at in range(6)]
    found = whole(["id,organization,kind,primary_ip", *rows], None)
    assert (found.dataset, found.is_certain) == ("license_counts", True)
    assert found.columns["entitled_quantity"] == {"count": "rows"}
    sockets = [f"{8812 + at},Organization {at % 2},Laptop,{at % 3}" for at in range(6)]
    counted = whole(["id,organization,kind,sockets", *sockets], "license_counts")
    assert counted.columns["entitled_quantity"] == "TODO"


_SUBSCRIBED = "id,Customer ID,Product,Quantity,Currency,Amount,Start Date,Ended On,Renewed Until"


def _subscriptions(whole: Whole, *amounts: str, dataset: str | None = None) -> Proposal:
    starts = ("2025-03-01", "2024-11-15", "2026-02-01", "2026-02-07")
    rows = [
        f"sub{at},K{at},P1,{at + 3},EUR,{amount},{start},{'2026-10-20' if at == 1 else ''},2026-12-31"
        for at, (amount, start) in enumerate(zip(amounts, starts, strict=True))
    ]
    return whole([_SUBSCRIBED, *rows], dataset)


def test_rows_that_began_in_many_months_are_lines_of_agreements(whole: Whole) -> None:
    found = _subscriptions(whole, "42.00", "42.00", "42.00", "42.00")
    assert (found.dataset, found.is_certain) == ("agreements", False)  # or a vendor's subscriptions
    assert (found.columns["agreement_id"], found.columns["agreement_line_id"]) == ("id", "id")
    assert found.columns["unit_price"] == "Amount"  # the same whatever the quantity is
    assert _options(found, "effective_end")[0] == {"heading": "Ended On", "take": "day_after"}
    other = _subscriptions(whole, "42.00", "42.00", "84.00", "42.00", dataset="agreements")
    assert other.columns["unit_price"] == "TODO"


_TO_US = "Invoice Number,Customer ID,Product Code,Quantity,Price,Amount,Invoice Currency"


def test_bills_that_are_all_to_one_customer_are_not_taken_for_invoices(whole: Whole) -> None:
    places = ("Marlow", "Cedar", "Marlow", "Elm")
    rows = [f"R{at // 2},{{}},S{at % 2},2,5.00,10.00,USD,{place}" for at, place in enumerate(places)]
    us = [row.format("partner") for row in rows]
    found = whole([f"{_TO_US},Child", *us], None)
    assert (found.dataset, found.is_certain) == ("vendor_charges", False)
    assert _options(found, "vendor_customer_id")[-1] == "Child"
    theirs = [row.format(f"K{at // 2}") for at, row in enumerate(rows)]
    assert whole([f"{_TO_US},Child", *theirs], None).dataset == "invoice_lines"
    lines = [f"R{at // 2},K1,S{at % 2},2,5.00,10.00,USD,x,2026-10-31,20" for at in range(4)]
    one = whole([f"{_TO_US},PO Number,Due Date,Tax Code", *lines], None)
    assert (one.dataset, one.is_certain) == ("invoice_lines", False)  # of one client


def test_a_period_that_some_lines_lack_is_asked_with_the_month(whole: Whole) -> None:
    rows = [f"{_ONE},5.00,10.00", "R1,K1,B,1,EUR,,,9.00,9.00"]
    found = whole([f"{_LINES},Unit Price,Amount", *rows], "invoice_lines")
    (option,) = _options(found, "service_period_start")
    assert option == {"heading": "From", "default": {"period": "month_start"}}
    assert "where" not in asked(found)


def test_a_customer_that_some_rows_lack_is_asked_with_the_id_that_all_have(whole: Whole) -> None:
    head = "Invoice,Customer ID,Group Ref,SKU,Amount,Currency,From,To"
    end = "S1,10.00,EUR,2026-10-01,2026-10-31"
    rows = [f"I1,041,bg-1,{end}", f"I1,518,bg-1,{end}", f"I1,,bg-1,{end}", f"I1,777,bg-2,{end}"]
    found = whole([head, *rows])
    both = {"heading": "Customer ID", "default": {"heading": "Group Ref"}}
    assert _options(found, "vendor_customer_id")[-2:] == (both, "Group Ref")
    other = [*rows, f"I1,041,bg-2,{end}"]  # a customer of two groups: the group is nobody's id
    assert "where" in asked(whole([head, *other]))


def test_the_only_day_of_which_every_invoice_has_one_is_the_invoices(whole: Whole) -> None:
    def day(head: str, *texts: str) -> Any:
        rows = [
            f"{number},K1,A,2,EUR,2026-10-01,2026-10-31,5.00,10.00,{text}"
            for number, text in zip(("R1", "R1", "R2"), texts, strict=True)
        ]
        found = whole([f"{_LINES},Unit Price,Amount,{head}", *rows], "invoice_lines")
        return found.columns.get("invoice_date")

    assert day("Posting Date", "2026-10-05", "2026-10-05", "2026-10-09") == "Posting Date"
    assert day("Posting Date", "2026-10-05", "2026-10-06", "2026-10-09") is None
    assert day("Payment Date", "2026-10-05", "2026-10-05", "2026-10-09") is None
