"""Seats of portals, and the money of a bill that has its client's beside it.

Belongs here: small files whose headings are known, and what the rows say of them. Does not: counts that no
list names (``doubts/test_ids_and_counts``), whose money a single column is (``test_asking_money``).
"""

from __future__ import annotations

import pytest

from tests.profiling.small_files import Proposed, Whole, asked, money, signed

_SEATS = ("t1,Acme,S1,Office,30,{}", "t2,Bolt,S1,Office,17,{}", "t2,Bolt,S2,Backup,5,{}")


def _seats(whole: Whole, entitled: str, other: str, *cells: str) -> object:
    rows = [row.format(cell) for row, cell in zip(_SEATS, cells or ("28", "17", "3"), strict=True)]
    found = whole([f"Tenant ID,Customer,SKU,Product,{entitled},{other}", *rows], None)
    assert found.dataset == "license_counts" and found.is_certain
    return found.columns["entitled_quantity"], found.columns.get("assigned_quantity"), asked(found)


@pytest.mark.parametrize(
    ("entitled", "assigned"),
    [
        ("Total licenses", "Assigned"),
        ("Prepaid units", "Consumed units"),
        ("Acquired", "Assigned"),
        ("Licenses owned", "Licenses assigned"),
        ("Lizenzen", "Belegt"),
        ("Gesamt", "Zugewiesen"),
        ("Totaal", "Toegewezen"),
        ("Seats", "Protected endpoints"),
        ("Lizenzen gesamt", "Davon vergeben"),
        ("Subscribed", "Active"),
        ("Licencias adquiridas", "Licencias en uso"),
        ("Licences souscrites", "Licences consommées"),
    ],
)
def test_seats_bought_and_in_use_as_portals_call_them(whole: Whole, entitled: str, assigned: str) -> None:
    assert _seats(whole, entitled, assigned) == (entitled, assigned, set())


@pytest.mark.parametrize("heading", ["Available", "Verfügbar", "Disponibles"])
def test_a_total_beside_what_is_left_of_it_is_of_seats(whole: Whole, heading: str) -> None:
    assert _seats(whole, "Total", heading, "2", "0", "2") == ("Total", None, set())


def test_a_column_that_is_no_less_than_the_seats_in_use_is_an_answer(whole: Whole) -> None:
    rows = [row.format(cell) for row, cell in zip(_SEATS, ("28", "17", "3"), strict=True)]
    found = whole(["Tenant ID,Customer,SKU,Product,Allotment,Assigned", *rows], "license_counts")
    assert found.columns["entitled_quantity"] == "TODO"
    assert found.options["columns", "entitled_quantity"][0] == "Allotment"


@pytest.mark.parametrize(
    ("net", "gross"),
    [("Nett", "Gross"), ("Totaal excl. btw", "Totaal incl. btw"), ("Net Total", "Invoice Total")],
)
def test_totals_with_and_without_tax_are_one_question(whole: Whole, net: str, gross: str) -> None:
    rows = ["I1,2026-10-01,100.00,121.00,EUR", "I2,2026-10-01,50.00,60.50,EUR"]
    found = whole([f"Invoice Number,Invoice Date,{net},{gross},Currency", *rows], None)
    assert found.dataset == "vendor_invoices" and asked(found) == {"invoice_total"}
    assert set(found.options["columns", "invoice_total"]) == {net, gross}


def test_a_buying_price_beside_the_clients_money_is_what_the_msp_pays(proposed: Proposed) -> None:
    rows = ("2,4.50,6.00,12.00", "3,4.50,6.00,18.00")
    found = proposed("Qty,Buy Price,Sell Price,Sell Total", *rows)
    assert money(found) == ("Qty", "Buy Price", {"product_of": ["Qty", "Buy Price"]})
    # a total that nobody's name is on may be the bill's own
    open_total = proposed("Qty,Buy Price,Sell Price,Total", *rows)
    assert {"unit_cost", "amount"} <= asked(open_total)
    assert {"product_of": ["Qty", "Buy Price"]} in open_total.options["columns", "amount"]
    # one that is more than the client's is of all units
    of_all = proposed("Qty,Buy Price,Sell Price,Sell Total", "2,9.00,6.00,12.00", "3,13.50,6.00,18.00")
    assert {"unit_cost", "amount"} <= asked(of_all)
    own = proposed("Qty,Buy Price,Buy Total,Sell Price,Sell Total", "2,4.50,9.00,6.00,12.00")
    assert money(own) == (signed("Qty", "Buy Total"), "Buy Price", "Buy Total")


def test_a_cost_beside_the_clients_money_is_of_one_unit_or_of_all(proposed: Proposed) -> None:
    head = "Qty,Cost,Sell Price,Sell Total"
    told = proposed(head, "2,4.50,6.00,12.00", "3,4.50,6.00,18.00", "5,4.50,6.00,30.00")
    assert money(told) == ("Qty", "Cost", {"product_of": ["Qty", "Cost"]})
    assert {"unit_cost", "amount"} <= asked(proposed(head, "2,9.00,6.00,12.00"))


def test_a_price_of_three_in_three_rows_is_no_number_of_rows(proposed: Proposed) -> None:
    found = proposed("Qty,Unit Cost,Amount", "2,3.00,6.00", "4,3.00,12.00", "5,3.00,15.00")
    assert money(found) == (signed("Qty", "Amount"), "Unit Cost", "Amount")
    counted = proposed("Qty,Results,Amount", "2,3,6.00", "4,3,12.00", "5,3,15.00")
    assert "Results" not in str(counted.columns)


def test_tot_is_a_total_or_a_last_day_as_its_cells_say(whole: Whole) -> None:
    head = "Factuur,Klantnummer,Artikelcode,Soort,Aantal,Prijs,{},Valuta,Van,{}"
    rows = [f"F1,K{at},S1,Abonnement,{at},18.70,{at}8.70,EUR,2026-10-01,2026-10-31" for at in (1,)]
    found = whole([head.format("Tot.", "T/m"), *rows], "vendor_charges")
    assert (found.columns["amount"], asked(found)) == ("Tot.", set())
    found = whole([head.format("Totaal", "Tot"), *rows], "vendor_charges")
    assert (found.columns["amount"], asked(found)) == ("Totaal", set())
    assert found.columns["charge_period_end"] == {"heading": "Tot", "take": "day_after"}
