"""What the rows of a file show, each kind in a few lines: decided by them beyond doubt, or asked.

Belongs here: kinds that are told by rows. Does not: what headings mean (``test_kinds_of_exports``).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mbr_pipeline.profiling.propose import propose
from tests.profiling.small_files import Whole, asked, money, signed

_PRICES = ("10.00,2", "25.00,5", "5.00,1", "40.00,8")
"""Each 5.00 for one unit."""


@pytest.mark.parametrize(
    ("rows", "is_asked"),
    [
        ((*_PRICES, "9.00,3,P2", "8.00,2,P2"), True),  # of another product, it does not grow
        (("5.00,2", "5.00,5", "5.00,1", "5.00,8"), False),  # the price of one unit stays
        (("10.00,2", "10.00,2", "10.00,2"), False),  # nothing grows
        (("10.00,2", "25.00,5", "6.00,1", "40.00,8"), False),  # one row does not fit
        (_PRICES[:2], False),  # two rows may fit by chance
    ],
)
def test_an_agreements_price_that_grows_with_the_units_is_a_question(
    whole: Whole, rows: tuple[str, ...], is_asked: bool
) -> None:
    head = "Agreement,Company ID,Product ID,Price,Quantity,Start Date,Currency"
    parts = [(*row.split(","), "P1")[:3] for row in rows]
    lines = [head, *(f"A,C,{sku},{price},{many},2025-01-01,EUR" for price, many, sku in parts)]
    proposal = whole(lines, "agreements")
    assert ("unit_price" in asked(proposal)) == is_asked
    if is_asked:
        options = next(q.options for q in proposal.questions if q.key[-1] == "unit_price")
        assert options == ({"heading": "Price", "divided_by": "Quantity"}, "Price")


def test_an_agreements_price_that_grows_with_the_units_of_every_product_is_of_all(whole: Whole) -> None:
    head = "Agreement,Company ID,Product ID,Price,Quantity,Start Date,Currency"
    rows = ("P1,10.00,2", "P1,25.00,5", "P1,5.00,1", "P2,9.00,3", "P2,6.00,2", "P3,7.00,1")
    proposal = whole([head, *(f"A,C,{row},2025-01-01,EUR" for row in rows)], "agreements")
    assert proposal.columns["unit_price"] == {"heading": "Price", "divided_by": "Quantity"}


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (("S1,2,20.00", "S1,3,30.00", "S1,7,70.00", "S2,4,13.33"), "Vendor Cost"),
        (("S1,2,20.00", "S1,3,30.00", "S1,7,66.67", "S2,4,13.33"), "TODO"),  # one is prorated, or not of all
        (("S1,2,10.00", "S1,3,10.00", "S1,7,10.00", "S2,4,3.33"), "TODO"),  # it does not grow
        (("S1,2,20.00", "S1,3,30.00", "S2,4,40.00", "S2,4,40.00"), "TODO"),  # of no SKU three numbers
    ],
)
def test_a_cost_that_grows_with_the_units_of_every_sku_is_the_amount(
    whole: Whole, rows: tuple[str, ...], expected: str
) -> None:
    head = "Invoice,Customer ID,SKU,Seats,Vendor Cost,Currency,From,To"
    lines = [head, *(f"I1,K1,{row},EUR,2026-10-01,2026-10-31" for row in rows)]
    proposal = whole(lines)
    assert proposal.columns["amount"] == expected
    if expected != "TODO":
        assert money(proposal) == (signed("Seats", expected), {"made_of": "amount"}, expected)


def test_a_refund_takes_seats_away_whichever_amount_a_person_names(whole: Whole) -> None:
    head = "Invoice,Customer ID,SKU,Quantity,Unit Price,Amount,Net Amount,Currency,From,To"
    rows = ("2,5.00,9.00,8.10", "3,5.00,-14.00,-12.60")
    proposal = whole([head, *(f"I1,K1,S1,{row},EUR,2026-10-01,2026-10-31" for row in rows)])
    assert "amount" in asked(proposal)
    assert proposal.columns["quantity"] == signed("Quantity", "Amount")


def test_a_number_beside_its_unit_is_the_quantity(whole: Whole) -> None:
    rows = ("483,GB,18.48", "12,Hour,4.10")
    lines = [f"Customer ID,SKU,Usage,{unit},Amount,Currency" for unit in ("Usage Unit", "Usage Type")]
    found = [whole([head, *(f"K1,S1,{row},EUR" for row in rows)]).columns["quantity"] for head in lines]
    assert found == [signed("Usage", "Amount"), "TODO"]


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ("account_id,customer_id,customer_name", "customer_id"),
        ("account_id,customer_id,remarks", "TODO"),  # nothing says whose id it is
    ],
)
def test_of_two_ids_of_clients_the_one_that_stands_with_the_name(
    whole: Whole, head: str, expected: str
) -> None:
    lines = [
        f"{head},Invoice,Item,Qty,Rate,Amount",
        "a1,k1,Alder,R1,M,2,5.00,10.00",
        "a1,k2,Birch,R2,M,3,5.00,15.00",
    ]
    assert whole(lines, "invoice_lines").columns["client_id"] == expected


def test_an_id_of_lines_is_no_second_id_of_products(whole: Whole) -> None:
    head = "Invoice,Customer,item_id,line_item_id,Qty,Rate,Amount"
    rows = ("R1,A,p1,L1,2,5.00,10.00", "R2,B,p1,L2,3,5.00,15.00")
    assert whole([head, *rows], "invoice_lines").columns["product_code"] == "item_id"
    again = [row.replace("L2", "L1") for row in rows]
    assert "product_code" in asked(whole([head, *again], "invoice_lines"))


@pytest.mark.parametrize(
    ("head", "name", "expected"),
    [
        ("Customer ID", "bill 2026-10", {"period": "YYYY-MM"}),
        ("Customer ID", "bill 4711", "TODO"),  # the file's name may be the invoice's
        ("Customer ID,Voucher", "bill 2026-10", "TODO"),  # a heading may be
        ("Customer ID,Line Number", "bill", {"period": "YYYY-MM"}),
    ],
)
def test_a_bill_that_no_document_is_named_in_is_that_of_the_month(
    tmp_path: Path, head: str, name: str, expected: Any
) -> None:
    lines = [f"{head},SKU,Quantity,Unit Cost,Amount", f"k1,{'x,' * head.count(',')}S1,2,5.00,10.00"]
    (tmp_path / f"{name}.csv").write_text("\n".join(lines), encoding="utf-8")
    found = propose(tmp_path / f"{name}.csv", "vendor_charges")
    assert found.columns["invoice_id"] == expected


def test_types_that_say_nothing_are_asked_once_or_told_by_another_column(whole: Whole) -> None:
    rows = ("K1,Server,2,5.00,10.00", "K2,Desktop,3,5.00,15.00")
    lines = ["Customer ID,Charge Type,Quantity,Unit Cost,Amount", *rows]
    questions = [q.key for q in whole(lines).questions if "charge_category" in q.key]
    assert questions == [("columns", "charge_category")]
    told = whole(
        [f"{line},{more}" for line, more in zip(lines, ("Mode", "Pay-per-use", "License"), strict=True)]
    )
    assert told.columns["charge_category"] == {
        "heading": "Mode",
        "values": {"Pay-per-use": "usage", "License": "recurring"},
    }


def test_a_cycle_of_months_is_the_period_and_no_term(whole: Whole) -> None:
    lines = ["Customer ID,SKU,Billing Cycle,Quantity,Unit Cost,Amount", "k1,S1,2026-10,2,5.00,10.00"]
    columns = whole(lines).columns
    assert columns["charge_period_start"] == {"heading": "Billing Cycle", "take": "month_start"}
    assert "term" not in columns
    assert whole([lines[0], lines[1].replace("2026-10", "Monthly")]).columns["term"] == "Billing Cycle"


def test_a_domain_is_asked_and_words_are_no_numbers(whole: Whole) -> None:
    proposal = whole(
        ["Domain,SKU,Licenses", "alder.test,S1,Exchange Plan 1", "birch.test,S1,none"], "license_counts"
    )
    options = next(q.options for q in proposal.questions if q.key[-1] == "vendor_customer_id")
    assert options[-1] == "Domain"
    assert "decimals" not in asked(proposal)


@pytest.mark.parametrize(
    ("head", "rows", "expected"),
    [
        ("Tenant Name,Tenant Key,Site Code", ("Alder,k1,s1", "Birch,k2,s2"), 1),
        ("End Customer,Site Code", ("Alder,s1", "Birch,s2"), "TODO"),  # a site may be a part
        ("End Customer,Site Code", ("Alder,s1", "Alder,s2"), 0),  # it is another thing: one has two
        ("End Customer,Site Code", ("Alder,north", "Birch,south"), 0),  # without a digit it is no id
    ],
)
def test_an_id_beside_a_customers_name_is_taken_where_it_is_called_alike(
    whole: Whole, head: str, rows: tuple[str, str], expected: int | str
) -> None:
    more = ("SKU,Licensed Seats", "S1,5", "S2,7")
    proposal = whole(
        [f"{line},{end}" for line, end in zip((head, *rows), more, strict=True)], "license_counts"
    )
    right = head.split(",")[expected] if isinstance(expected, int) else expected
    assert proposal.columns["vendor_customer_id"] == right
    if right == "TODO":
        options = next(q.options for q in proposal.questions if q.key[-1] == "vendor_customer_id")
        assert options[-2:] == ("Site Code", "End Customer")


def test_a_list_of_people_is_no_list_of_clients(whole: Whole) -> None:
    rows = ["Ada,Alder,10 Oak Street,ada@alder.test", "Ben,Birch,2 Elm Street,ben@birch.test"]
    people = whole(["First name,Company,Address,User principal name", *rows], None)
    companies = whole(["First name,Company,Address,Email", *rows], None)
    assert (companies.dataset, companies.is_certain) == ("clients", True)
    assert not people.is_certain


def test_a_bill_with_billing_cycles_but_no_start_is_no_agreement(whole: Whole) -> None:
    rows = ["Alder,M365,5,10.00,50.00,Monthly,EUR", "Birch,M365,3,10.00,30.00,Annual,EUR"]
    bill = "Customer,Product,Quantity,Price,Amount,Billing Cycle,Currency"
    assert whole([bill, *rows], None).dataset != "agreements"
    started = [f"{bill},Effective Date", *(f"{row},2026-01-01" for row in rows)]
    assert whole(started, None).dataset == "agreements"


def test_of_several_quantities_the_one_that_makes_the_amount(whole: Whole) -> None:
    head = "Customer ID,SKU,Included Quantity,Overage Quantity,Total Quantity,Unit Price,Extended Price"
    rows = ("k1,S1,5,2,7,2.10,14.70", "k2,S1,3,0,3,2.10,6.30")
    assert money(whole([head, *rows])) == (
        signed("Total Quantity", "Extended Price"),
        "Unit Price",
        "Extended Price",
    )
    wrong = [row.replace("14.70", "15.00") for row in rows]
    assert "quantity" in asked(whole([head, *wrong]))


@pytest.mark.parametrize(
    ("rows", "amount"),
    [
        (("P1,2,5.00", "P1,3,5.00", "P1,9,5.00"), {"product_of": ["Quantity", "Price"]}),
        (("P1,2,10.00", "P1,3,15.00", "P1,9,45.00"), "Price"),
        (("P1,2,5.00", "P2,3,5.00", "P3,9,7.00"), "TODO"),  # each product once: it may be either
    ],
)
def test_a_price_is_no_amount_by_its_name_alone(whole: Whole, rows: tuple[str, ...], amount: Any) -> None:
    head = "Invoice,Customer,Item,Quantity,Price,Cost,Currency"
    proposal = whole([head, *(f"R1,A,{row},1.00,EUR" for row in rows)], "invoice_lines")
    assert proposal.columns["amount"] == amount


def test_a_price_of_one_unit_beside_a_discount_leaves_the_amount_open(whole: Whole) -> None:
    head = "Invoice,Customer,Item,Quantity,Cost,Price,Discount Percent,Currency"
    rows = ("R1,A,P1,2,1.00,5.00,0,EUR", "R1,A,P1,3,1.00,5.00,10,EUR", "R2,A,P1,9,1.00,5.00,0,EUR")
    proposal = whole([head, *rows], "invoice_lines")
    assert (proposal.columns["unit_price"], proposal.columns["amount"]) == ("Price", "TODO")


def test_a_column_for_each_product_is_no_list_of_clients(whole: Whole) -> None:
    rows = ("Alder,5f01,27,3,0", "Birch,5f02,41,0,9")
    proposal = whole(["companyName,companyId,endpointUsage,mailUsage,patchUsage", *rows], None)
    assert proposal.dataset == "license_counts"
    assert {"sku_id", "entitled_quantity"} <= asked(proposal)
    plain = whole(["companyName,companyId,endpointUsage", *(row.rsplit(",", 2)[0] for row in rows)], None)
    assert plain.dataset == "license_counts" and "sku_id" in asked(plain)


def test_money_under_the_code_of_a_currency_is_the_amount_in_it(whole: Whole) -> None:
    lines = ["Customer ID,SKU,Quantity,USD", "k1,S1,2,$12.00", "k2,S1,3,$8.57"]
    proposal = whole(lines)
    assert (proposal.columns["amount"], proposal.columns["currency"]) == ("USD", {"constant": "USD"})
    unnamed = whole([lines[0].replace("USD", "Amount"), *lines[1:]])
    assert "currency" in asked(unnamed)  # a dollar sign does not say which dollar


def test_a_customers_id_and_name_are_offered_where_no_heading_says_so(whole: Whole) -> None:
    head = "toReference,toName,vendorName,SKU,Quantity,Unit Cost,Amount"
    rows = ("X1,Alder,Microsoft,S1,2,5.00,10.00", "X2,Birch,Microsoft,S1,3,5.00,15.00")
    options = next(q.options for q in whole([head, *rows]).questions if q.key[-1] == "vendor_customer_id")
    both = {"columns": {"vendor_customer_id": "toReference", "vendor_customer_name": "toName"}}
    assert both in options


@pytest.mark.parametrize(
    ("head", "expected"), [("Item MPN,Product ID", "Item MPN"), ("SkuId,Product ID", "TODO")]
)
def test_a_part_number_that_is_finer_is_the_sku(whole: Whole, head: str, expected: str) -> None:
    rows = ("M1,P1", "M2,P1", "M3,P2", "M1,P1")
    lines = [f"Customer ID,{head},Quantity,Unit Cost,Amount", *(f"k1,{row},2,5.00,10.00" for row in rows)]
    assert whole(lines).columns["sku_id"] == expected


def test_a_plan_is_what_is_counted(whole: Whole) -> None:
    lines = ["Company Name,Company ID,Plan,Seats Used", "Alder,k1,Business,5", "Birch,k2,Enterprise,7"]
    assert whole(lines, "license_counts").columns["sku_id"] == "Plan"


@pytest.mark.parametrize(("ids", "expected"), [("k1 k2 k3 k4", "Customer ID"), ("x x x x", "TODO")])
def test_what_is_the_same_beside_many_names_is_no_id_of_customers(
    whole: Whole, ids: str, expected: str
) -> None:
    rows = [f"{one},Client {at},S1,5" for at, one in enumerate(ids.split())]
    proposal = whole(["Customer ID,Customer Name,SKU,Licensed Seats", *rows], "license_counts")
    assert proposal.columns["vendor_customer_id"] == expected
