"""Rows that are sums of other rows: levels, parents, one row for all, parts of bundles.

Belongs here: when it is asked which rows are read, and what the answers make of a file. Does not: rows that
are half empty and called a total (``test_kinds_of_rows``), rows that a column takes back
(``test_rows_taken_back``).
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.profiling.small_files import Whole

_BILL = "Invoice,Level,Customer ID,SKU,Type,Quantity,Price,Amount,Currency,From,To"
_COUNTS = "Customer ID,SKU,Purchased Seats,Used Seats"


def _ways(proposal: Any) -> tuple[Any, ...]:
    """The answers to which rows are read."""
    return next((q.options for q in proposal.questions if q.key == ("where",)), ())


def _lines(*rows: str) -> list[str]:
    return [f"R1,{row},EUR,2026-10-01,2026-10-31" for row in rows]


def test_a_level_that_is_the_sum_of_another_is_a_question(whole: Whole) -> None:
    rows = _lines(
        "Tenant,K1,ALL,Subscription,1,71.50,71.50",
        "Seat,K1,A1,Subscription,3,10.50,31.50",  # 31.50 + 40.00 = 71.50
        "Seat,K1,B1,Subscription,4,10.00,40.00",
        "Tenant,K2,ALL,Subscription,1,63.00,63.00",
        "Seat,K2,A1,Subscription,6,10.50,63.00",
    )
    ways = ({"only": {"Level": [text]}} for text in ("Seat", "Tenant", "*"))
    assert _ways(whole([_BILL, *rows])) == tuple(ways)


def test_a_level_without_a_name_that_says_so_is_found_by_its_sums(whole: Whole) -> None:
    rows = [
        "R1;Kunde;K1;X0;1;71,50;71,50;EUR;01.10.2026;31.10.2026",
        "R1;Posten;K1;A1;3;10,50;31,50;EUR;01.10.2026;31.10.2026",
        "R1;Posten;K1;B1;4;10,00;40,00;EUR;01.10.2026;31.10.2026",
        "R1;Kunde;K2;X0;1;63,00;63,00;EUR;01.10.2026;31.10.2026",
        "R1;Posten;K2;A1;6;10,50;63,00;EUR;01.10.2026;31.10.2026",
    ]
    head = "Rechnung;Bezug;Kundennr;Artikelnr;Menge;Einzelpreis;Betrag;Währung;Von;Bis"
    assert _ways(whole([head, *rows]))[0] == {"only": {"Bezug": ["Posten"]}}


def test_texts_that_add_up_to_nothing_are_no_levels(whole: Whole) -> None:
    rows = _lines(
        "Tenant,K1,X1,Subscription,1,71.40,71.40",  # a cent in ten less than the two below
        "Seat,K1,A1,Subscription,3,10.50,31.50",
        "Seat,K1,B1,Subscription,4,10.00,40.00",
        "Tenant,K2,X1,Subscription,1,63.00,63.00",
        "Seat,K2,A1,Subscription,6,10.50,63.00",
    )
    assert _ways(whole([_BILL, *rows])) == ()


def test_one_level_of_three_is_the_sum_of_the_next(whole: Whole) -> None:
    rows = [
        "Northgate,Partner,A,47,40",
        "Maple,Customer,A,30,28",  # 30 + 17 = 47
        "Maple East,Unit,A,12,11",
        "Birch,Customer,A,17,12",
        "Northgate,Partner,B,6,6",
        "Maple,Customer,B,4,4",  # 4 + 2 = 6
        "Birch,Customer,B,2,2",
    ]
    found = _ways(whole(["Customer ID,Kind,SKU,Purchased Seats,Used Seats", *rows], "license_counts"))
    listed = (["Customer"], ["Partner"], ["Customer", "Unit"], ["*"])
    assert found == tuple({"only": {"Kind": texts}} for texts in listed)


@pytest.mark.parametrize(("second", "is_asked"), [(5, True), (4, False)])
def test_a_customer_that_is_the_sum_of_those_that_name_it(whole: Whole, second: int, is_asked: bool) -> None:
    rows = [
        "Gruppe Nord,,Backup,9",
        "Filiale A,Gruppe Nord,Backup,4",
        f"Filiale B,Gruppe Nord,Backup,{second}",
    ]
    found = _ways(
        whole(["Mandant,Übergeordnet,Produkt,Lizenzen", *rows, "Eiche,,Backup,7"], "license_counts")
    )
    leaves, top = {"skip": {"Mandant": ["Gruppe Nord"]}}, {"only": {"Übergeordnet": [""]}}
    assert found == ((leaves, top, {"only": {"Übergeordnet": ["*"]}}) if is_asked else ())


@pytest.mark.parametrize(
    ("rows", "last", "is_asked"),
    [
        (("K1,A,12,11", "K2,A,6,6"), "ALL,A,18,17", True),
        (("K1,A,12,11", "K2,A,6,6"), "Alle Kunden,A,18,17", True),
        (("K1,A,12,11", "K2,A,6,6"), "ALL,A,19,16", False),  # no sum
        (("K1,A,12,11", "K2,A,6,6"), "K3,A,18,10", False),  # two small numbers, by chance
        (("K1,A,12,9", "K2,A,6,5"), "K3,A,18,14", False),
        (("K1,A,12,9", "K2,A,6,5", "K3,A,3,1"), "K4,A,21,15", True),  # of three, and both numbers
        (("K1,A,12,9", "K2,A,6,5", "K3,A,3,1"), "K4,A,21,14", False),  # one of two numbers
        (("K1,A,12,9", "K2,A,6,5", "K1,B,3,1", "K2,B,4,1"), "K3,A,18,14", False),  # of one product of two
    ],
)
def test_a_row_for_all_customers(whole: Whole, rows: tuple[str, ...], last: str, is_asked: bool) -> None:
    name = last.split(",")[0]
    ways = ({"skip": {"Customer ID": [name]}}, {"only": {"Customer ID": ["*"]}})
    assert _ways(whole([_COUNTS, *rows, last], "license_counts")) == (ways if is_asked else ())


def test_sums_between_the_lines_are_told_by_what_no_line_has(whole: Whole) -> None:
    rows = _lines(
        "x,K1,A,Subscription,1,10.10,10.10",
        "x,K1,B,Subscription,1,20.20,20.20",
        "x,K1,C9,Subscription,1,30.30,30.30",  # 10.10 + 20.20
        "x,K2,A,Subscription,1,10.10,10.10",
        "x,K2,D,Subscription,1,5.05,5.05",
        "x,K2,C9,Subscription,1,15.15,15.15",  # 10.10 + 5.05
    )
    ways = ({"skip": {"SKU": ["C9"]}}, {"only": {"Invoice": ["*"]}})
    assert _ways(whole([_BILL, *rows])) == ways


@pytest.mark.parametrize("total", ["Total", "Gesamt"])
def test_a_total_of_a_wide_file_is_a_question_as_counts_too(whole: Whole, total: str) -> None:
    rows = ["Maple,London,18,4,22", "Maple,Leeds,12,0,12", "Birch,HQ,17,2,19", f"{total},,47,6,53"]
    for head in ("Customer,Site,Laptops,Servers,Total", "Customer,Site,Laptops,Servers,Phones"):
        found = whole([head, *rows], "license_counts")
        assert _ways(found)[0] == {"skip": {"Customer": [total]}}


def test_a_total_is_asked_about_however_many_customers_there_are(whole: Whole) -> None:
    rows = [f"K{at},A,{at},1" for at in range(10, 30)]
    found = whole([_COUNTS, *rows, "Total,A,999,1"], "license_counts")
    assert _ways(found) == ({"skip": {"Customer ID": ["Total"]}}, {"only": {"Customer ID": ["*"]}})


_SOLD = "Invoice,Customer,Item,Part of,Qty,Rate,Amount,Currency"


def test_parts_beside_their_whole_are_a_question(whole: Whole) -> None:
    rows = [
        "R1,K1,SEAT,,12,45.00,540.00,EUR",
        "R1,K1,M365,SEAT,12,30.00,360.00,EUR",  # 360 + 180 = 540
        "R1,K1,EDR,SEAT,12,15.00,180.00,EUR",
        "R2,K2,M365,,6,30.00,180.00,EUR",
    ]
    parts, bundle = {"skip": {"Part of": ["SEAT"]}}, {"skip": {"Item": ["SEAT"]}}
    ways = (parts, bundle, {"only": {"Part of": ["*"]}})
    assert _ways(whole([_SOLD, *rows], "invoice_lines")) == ways
    free = [row.replace("30.00,360.00", "0,0.00").replace("15.00,180.00", "0,0.00") for row in rows]
    assert _ways(whole([_SOLD, *free], "invoice_lines")) == ()  # parts without money
    other = [row.replace("15.00,180.00", "16.00,192.00") for row in rows]
    assert _ways(whole([_SOLD, *other], "invoice_lines")) == ()  # an add-on to a product, with its own money
    called = [_SOLD.replace("Part of", "Im Paket enthalten"), *other]
    assert len(_ways(whole(called, "invoice_lines"))) == 3


def test_one_row_of_a_bundle_that_is_the_sum_of_the_others(whole: Whole) -> None:
    rows = [
        "R1,K1,SET-1,Komfort,12,45.00,540.00,EUR",
        "R1,K1,M365,Komfort,12,30.00,360.00,EUR",
        "R1,K1,EDR,Komfort,12,15.00,180.00,EUR",
        "R2,K2,M365,,6,30.00,180.00,EUR",
    ]
    ways = ({"skip": {"Item": ["SET-1"]}}, {"only": {"Paket": ["*"]}})  # M365 is sold alone, too
    assert _ways(whole([_SOLD.replace("Part of", "Paket"), *rows], "invoice_lines")) == ways


@pytest.mark.parametrize("mark", [":", " / ", "\\"])
def test_customers_that_are_paths(whole: Whole, mark: str) -> None:
    rows = ["Ahorn,Backup,9", f"Ahorn{mark}Ost,Backup,4", f"Ahorn{mark}West,Backup,5", "Birke,Backup,7"]
    found = _ways(whole(["Kunde,Produkt,Lizenzen", *rows], "license_counts"))
    assert found == ({"skip": {"Kunde": ["Ahorn"]}}, {"only": {"Kunde": ["*"]}})


def test_a_product_that_stands_for_all_of_a_customers(whole: Whole) -> None:
    rows = _lines(
        "x,K1,A1,Subscription,3,10.50,31.50",
        "x,K1,B1,Subscription,4,10.00,40.00",
        "x,K1,Tous les produits,Subscription,1,71.50,71.50",
    )
    assert _ways(whole([_BILL, *rows]))[0] == {"skip": {"SKU": ["Tous les produits"]}}
    one = [row.replace("Tous les produits", "C1") for row in rows]  # 71.50 may be its price
    assert _ways(whole([_BILL, *one])) == ()


def test_a_last_bill_that_is_the_sum_of_all(whole: Whole) -> None:
    rows = ["B1,2026-10-01,100.50,EUR", "B2,2026-10-02,40.50,EUR", "B3,2026-10-03,10.50,EUR"]
    for total, is_asked in (("151.50", True), ("151.40", False)):
        found = whole(
            ["Bill Number,Bill Date,Total,Currency", *rows, f"X,2026-10-31,{total},EUR"], "vendor_invoices"
        )
        assert bool(_ways(found)) == is_asked
