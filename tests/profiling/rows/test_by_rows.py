"""Columns under headings that no list names, told by the rows; where two could be meant, asked.

Belongs here: customers, products, periods, amounts, categories and datasets that rows give away. Does not:
known headings (``test_kinds_of_exports``), whole exports.
"""

from __future__ import annotations

from typing import Any

import pytest

from mbr_pipeline.profiling.proposal import Proposal
from tests.profiling.small_files import Whole, asked

_BILL = "Invoice,SKU,Quantity,Unit Cost,Amount,Currency,From,To"
_CHARGE = "I1,S1,2,5.00,10.00,EUR,2026-10-01,2026-10-31"


def _bill(whole: Whole, heading: str, *texts: str) -> Proposal:
    return whole([f"{_BILL},{heading}", *(f"{_CHARGE},{text}" for text in texts)])


def _options(proposal: Proposal, column: str) -> tuple[Any, ...]:
    return next(q.options for q in proposal.questions if q.key[-1] == column)


@pytest.mark.parametrize(
    ("heading", "texts", "expected"),
    [
        ("Afnamepunt", ("Alder B.V.", "Birch N.V.", "Alder B.V."), "Afnamepunt"),
        ("Afnamepunt", ("Alder", "Birch", "Alder"), "TODO"),  # anything may be called so
        ("Afnamepunt", ("Alder B.V.", "Alder B.V.", "Alder B.V."), "TODO"),  # one in every row tells nothing
        ("Hersteller", ("Alder GmbH", "Birch AG", "Alder GmbH"), "TODO"),  # who makes it
        ("Herstellername", ("Alder GmbH", "Birch AG", "Alder GmbH"), "TODO"),
        ("Linked Company", ("Alder", "Birch", "Alder"), "Linked Company"),
        ("Linked Company Name", ("Alder", "Birch", "Alder"), "Linked Company Name"),
        ("Parent Company", ("Alder", "Birch", "Alder"), "TODO"),  # of another
        ("Company Size", ("small", "large", "small"), "TODO"),
    ],
)
def test_companies_or_a_heading_that_ends_with_one_are_the_customers(
    whole: Whole, heading: str, texts: tuple[str, ...], expected: str
) -> None:
    assert _bill(whole, heading, *texts).columns["vendor_customer_id"] == expected


def test_a_company_that_is_another_for_each_product_makes_it(whole: Whole) -> None:
    def customer(*companies: str) -> Any:
        skus = ("S1", "S2", "S1", "S3")
        rows = [_CHARGE.replace("S1", sku) + f",{name}" for sku, name in zip(skus, companies, strict=True)]
        return whole([f"{_BILL},Place", *rows]).columns["vendor_customer_id"]

    assert customer("Alder Ltd", "Birch Ltd", "Alder Ltd", "Birch Ltd") == "TODO"
    assert customer("Alder Ltd", "Birch Ltd", "Birch Ltd", "Birch Ltd") == "Place"


def test_two_columns_of_companies_are_a_question_with_both(whole: Whole) -> None:
    texts = ("Alder Ltd,Cedar LLC", "Birch Ltd,Fir Inc", "Alder Ltd,Fir Inc")
    assert _options(_bill(whole, "Site,Place", *texts), "vendor_customer_id")[-2:] == ("Site", "Place")
    assert _bill(whole, "Site,Manufacturer", *texts).columns["vendor_customer_id"] == "Site"


def test_an_id_beside_companies_is_a_question(whole: Whole) -> None:
    texts = ("Alder Ltd,77001", "Birch Ltd,77002", "Alder Ltd,77001")
    found = _bill(whole, "Site,Zone", *texts)
    assert _options(found, "vendor_customer_id")[-2:] == ("Zone", "Site")


def test_who_is_named_in_one_of_each_two_rows_is_the_customer(whole: Whole) -> None:
    rows = [
        f"{payer},{site},S{at},{price},EUR,2026-10-01,2026-10-31"
        for at, site in enumerate(("Alder", "Birch", "Alder"))
        for payer, price in (("Northgate", "4.00"), (site, "9.00"))
    ]
    found = whole(["Charged,Site,SKU,Price,Currency,From,To", *rows])
    assert found.columns["vendor_customer_id"] == "Site"
    assert "where" in asked(found)


_INVOICES = "Invoice,Item Code,Qty,Unit Price,Amount,Currency,From,To"


@pytest.mark.parametrize(
    ("heading", "texts", "expected"),
    [
        ("Relation", ("Alder", "Alder", "Birch", "Cedar", "Alder", "Fir"), "Relation"),
        ("Order", ("Alder", "Alder", "Birch", "Cedar", "Alder", "Fir"), "TODO"),
        ("Relation", ("Alder", "Birch", "Birch", "Cedar", "Alder", "Fir"), "TODO"),  # two in one invoice
        ("Relation", ("Ann", "Ann", "Ann", "Ann", "Ann", "Bob"), "TODO"),  # who wrote them
        ("Relation", ("Alder", "Alder", "Birch", "Cedar", "Elm", "Fir"), "TODO"),  # another in every invoice
    ],
)
def test_what_every_invoice_has_one_of_and_several_share_is_the_client(
    whole: Whole, heading: str, texts: tuple[str, ...], expected: str
) -> None:
    numbers = ("R1", "R1", "R2", "R3", "R4", "R5")
    rows = [
        f"{number},A,2,5.00,10.00,EUR,2026-10-01,2026-10-31,{text}"
        for number, text in zip(numbers, texts, strict=True)
    ]
    found = whole([f"{_INVOICES},{heading}", *rows], "invoice_lines")
    assert found.columns["client_id"] == expected


_SHARED = (
    ("K1", "Backup", "Spain", "1", "3.00"),
    ("K1", "Server", "Spain", "1", "7.50"),
    ("K2", "Backup", "Italy", "1", "3.00"),
    ("K2", "Server", "Italy", "1", "7.50"),
    ("K3", "Backup", "Spain", "1", "3.00"),
    ("K3", "Server", "Italy", "1", "3.87"),
)


def _shared(whole: Whole, head: str, *columns: int) -> Proposal:
    rows = [
        ",".join(("I1", "EUR", "2026-10-01", "2026-10-31", *(row[at] for at in columns))) for row in _SHARED
    ]
    return whole([f"Invoice,Currency,From,To,{head}", *rows])


def test_what_customers_share_and_what_decides_the_price_is_the_product(whole: Whole) -> None:
    named = "Customer ID,{},{},Quantity,Amount"
    assert _shared(whole, named.format("Kennwort", "Ort"), 0, 1, 2, 3, 4).columns["sku_id"] == "Kennwort"
    assert _shared(whole, "Customer ID,Ort,Quantity,Amount", 0, 2, 3, 4).columns["sku_id"] == "TODO"
    twice = _shared(whole, "Customer ID,Kennwort,Einheit,Quantity,Amount", 0, 1, 1, 3, 4)
    assert _options(twice, "sku_id") == ("Kennwort", "Einheit")  # a unit does so, too
    assert _shared(whole, "Kennwort,Quantity,Amount", 1, 3, 4).columns["sku_id"] == "TODO"  # no customer


def test_a_unit_beside_a_description_that_decides_the_price_too_is_no_product(whole: Whole) -> None:
    rows = [f"R{at},{row[0]},{row[1]},{row[1][:3]},1,{row[4]}" for at, row in enumerate(_SHARED)]
    found = whole(["Invoice,Customer ID,Description,Einheit,Quantity,Amount", *rows], "invoice_lines")
    assert found.columns["product_code"] == "TODO"
    alone = [f"{row},{at}" for at, row in enumerate(rows)]
    alone = [",".join((*row.split(",")[:2], f"Line {row[-1]}", *row.split(",")[3:6])) for row in alone]
    found = whole(["Invoice,Customer ID,Description,Einheit,Quantity,Amount", *alone], "invoice_lines")
    assert found.columns["product_code"] == "Einheit"


def test_a_price_for_each_second_shows_the_product_too(whole: Whole) -> None:
    rows = [
        f"I1,EUR,2026-10-01,2026-10-31,{customer},{zone},{seconds},{money}"
        for customer, zone, seconds, money in (
            ("K1", "Z1", 100, "0.20"), ("K1", "Z2", 100, "1.50"), ("K2", "Z1", 300, "0.60"),
            ("K2", "Z2", 40, "0.60"), ("K3", "Z1", 250, "0.50"), ("K3", "Z2", 60, "0.90"),
        )
    ]  # fmt: skip
    found = whole(["Invoice,Currency,From,To,Customer ID,Zone,Sekunden,Amount", *rows])
    assert found.columns["sku_id"] == "Zone"


_NO_DAYS = "Invoice,Customer ID,SKU,Quantity,Unit Cost,Amount,Currency"
_ONE = "I1,K1,S1,2,5.00,10.00,EUR"


def _period(whole: Whole, heads: str, *cells: str) -> tuple[Any, Any]:
    found = whole([f"{_NO_DAYS},{heads}", *(f"{_ONE},{text}" for text in cells)])
    return found.columns["charge_period_start"], found.columns["charge_period_end"]


def test_two_dates_in_every_cell_are_the_period(whole: Whole) -> None:
    start, end = _period(whole, "Concept", "Plan (01/10/2026 - 31/10/2026)", "Plan (14/10/2026 - 31/10/2026)")
    assert start == {"heading": "Concept", "dates": "DD/MM/YYYY", "range": "start"}
    assert end == {"heading": "Concept", "dates": "DD/MM/YYYY", "range": "end", "take": "day_after"}
    assert _period(whole, "Concept", "01/10/2026 - 31/10/2026", "Plan") == ("TODO", "TODO")
    assert _period(whole, "Concept", "01/10/2026 - 30/09/2027", "01/10/2026 - 30/09/2027") == ("TODO", "TODO")
    assert _period(whole, "Concept", "01/10/2026 - 05/10/2026", "02/10/2026 - 04/10/2026") == ("TODO", "TODO")


def test_two_columns_of_whole_and_partial_months_are_the_period(whole: Whole) -> None:
    rows = ("2026-10-01,2026-10-31", "2026-10-14,2026-10-31")
    start, end = _period(whole, "Von_wann,Bis_wann", *rows)
    assert (start, end) == ("Von_wann", {"heading": "Bis_wann", "take": "day_after"})
    assert _period(whole, "Signed,Due", *rows)[0] == "TODO"  # 30 days to pay
    assert _period(whole, "Von_wann,Bis_wann", rows[0], rows[0])[0] == "TODO"  # may be of the document
    assert _period(whole, "Von_wann,Bis_wann", rows[0], "2026-09-14,2026-10-31")[0] == "TODO"


def test_the_moment_at_which_something_is_measured_is_the_day_of_a_line(whole: Whole) -> None:
    rows = ("2026-10-01 08:02:11,62", "2026-10-02 11:47:55,301")
    assert _period(whole, "Moment,Sekunden", *rows) == ("Moment", {"heading": "Moment", "take": "day_after"})
    assert _period(whole, "Moment,Zahl", *rows)[0] == "TODO"  # nothing measured
    assert _period(whole, "Created,Sekunden", *rows)[0] == "TODO"
    assert _period(whole, "Moment,Sekunden", rows[0], "2026-09-02 11:47:55,301")[0] == "TODO"
    days = ("2026-10-01 00:00:00,62", "2026-10-02 00:00:00,301")
    assert _period(whole, "Moment,Sekunden", *days)[0] == "TODO"  # no time of day


def test_money_that_grows_with_what_is_measured_is_of_a_row(whole: Whole) -> None:
    calls = (
        (184, "0.0368"),
        (62, "0.0124"),
        (1204, "0.2408"),
        (33, "0.0066"),
        (905, "0.1810"),
        (12, "0.0024"),
    )
    head = "Invoice,Customer ID,SKU,Currency,Sekunden,Price"
    found = whole([head, *(f"I1,K1,S1,EUR,{seconds},{price}" for seconds, price in calls)])
    assert (found.columns["amount"], found.columns["unit_cost"]) == ("Price", {"made_of": "amount"})
    other = whole([head, *(f"I1,K1,S1,EUR,{at},{price}" for at, (_, price) in enumerate(calls, 1))])
    assert other.columns["amount"] == "TODO"


def test_texts_with_the_words_of_one_category_each_tell_it(whole: Whole) -> None:
    found = _bill(whole, "Customer ID,Mode", "K1,Monthly subscription", "K1,Pay-As-You-Go resources")
    values = {"Monthly subscription": "recurring", "Pay-As-You-Go resources": "usage"}
    assert found.columns["charge_category"] == {"heading": "Mode", "values": values}
    both = _bill(whole, "Customer ID,Mode", "K1,Monthly subscription refund", "K1,Pay-As-You-Go resources")
    assert both.columns["charge_category"] == "TODO"
    one = _bill(whole, "Customer ID,Mode", "K1,Monthly subscription", "K1,Yearly subscription")
    assert one.columns["charge_category"] == "TODO"  # no column of kinds: all are of one


def test_rows_that_are_measured_make_a_bill_and_names_that_hardly_repeat_a_list_of_clients(
    whole: Whole,
) -> None:
    calls = ["Moment,Ziel,Sekunden,Preis"]
    calls += [f"2026-10-{day:02d} 08:{day}:11,Z1,{day * 7},{day * 7}.1400" for day in range(10, 14)]
    found = whole(calls, None)
    assert (found.dataset, found.is_certain) == ("vendor_charges", True)
    names = [f"{at},Company {at}" for at in range(7)]
    found = whole(["Number,Company Name", *names, "8,Company 1"], None)
    assert (found.dataset, found.is_certain) == ("clients", True)
    found = whole(["Number,Company Name", *names[:3], *names[:3]], None)
    assert not found.is_certain
