"""Ids that a spreadsheet rounded, codes of the only product, names that are numbers, other counts.

Belongs here: doubts about single columns that name no money. Does not: numbers with unknown words
(``test_unknown_words``).
"""

from __future__ import annotations

from tests.profiling.small_files import Whole, asked


def test_an_id_that_a_spreadsheet_rounded_is_asked(whole: Whole) -> None:
    head = "Invoice,Kundennummer,Kunde,SKU,Qty,Price,Amount,Currency,From,To"
    row = "I1,{},Alder,S1,2,10.50,21.00,EUR,2026-10-01,2026-10-31"
    found = whole([head, row.format("4.00171E+12"), row.format("400")], "vendor_charges")
    assert "vendor_customer_id" in asked(found)
    assert "4.00171E+12" in found.column_why["vendor_customer_id"]
    plain = whole([head, row.format("4E12"), row.format("400")], "vendor_charges")
    assert "vendor_customer_id" not in asked(plain)


def test_a_column_called_a_code_is_asked_beside_the_name_of_the_only_product(whole: Whole) -> None:
    head = "Facture,Code client,Référence,Désignation,Qté,PU HT,Montant HT,Devise,Début,Fin"
    row = "F1,{},SV-20,Sauvegarde,2,10.50,21.00,EUR,2026-10-01,2026-10-31"
    found = whole([head, row.format("C1"), row.format("C2")], "vendor_charges")
    assert found.options["columns", "sku_id"] == ("Référence", "Désignation")


def test_whole_numbers_are_no_name_of_a_product(whole: Whole) -> None:
    found = whole(["tenant id,sku,lizenziert,in use", "t1,S1,30,28", "t2,S1,17,17"], "license_counts")
    assert "sku_name" not in found.columns
    assert (found.columns["entitled_quantity"], found.columns["assigned_quantity"]) == (
        "lizenziert",
        "in use",
    )


def test_a_number_of_something_is_another_count(whole: Whole) -> None:
    head = "Customer ID,SKU,Number of seats,Paid number of seats"
    found = whole([head, "K1,S1,12,11", "K2,S1,6,6"], "license_counts")
    assert "Paid number of seats" in found.options["columns", "entitled_quantity"]


def test_a_row_that_is_carried_over_is_a_total(whole: Whole) -> None:
    head = "Rechnung;Endkunde;Art.-Nr.;Bezeichnung;Menge;EP netto;Netto EUR"
    rows = [f"R1;{who};SO-1;Sicherung;2;10,50;21,00" for who in ("Ahorn", "Birke", "Zeder")]
    rows.append("R1;Birke;SO-2;Schutz;1;4,50;4,50")
    found = whole([head, *rows, ";;;Übertrag;;;67,50"], "vendor_charges")
    assert "Übertrag" in str(found.words["totals"]) and found.columns["sku_id"] == "Art.-Nr."


def test_an_id_that_tells_two_customers_of_one_name_apart_is_asked(whole: Whole) -> None:
    rows = ["{},Lind,S1,5", "{},Lind,S1,5", "{},Berg,S1,7", "{},Berg,S2,1"]
    for head, ids in (("Acct. #", "A1 A2 A3 A4"), ("Asiakasnro", "10071 10072 10073 10073")):
        lines = [row.format(each) for row, each in zip(rows, ids.split(), strict=True)]
        named = "Account #" if head == "Acct. #" else head
        found = whole([f"{named},Customer,SKU,Seats", *lines], "license_counts")
        assert found.options["columns", "vendor_customer_id"] == (named, "Customer")
    lines = [row.format(at) for at, row in enumerate(rows)]
    for head in ("Line No", "Users", "Site Code"):
        found = whole([f"{head},Customer,SKU,Seats", *lines], "license_counts")
        assert found.columns["vendor_customer_id"] == "Customer"


def test_two_ids_of_one_name_are_customers_under_short_headings(whole: Whole) -> None:
    for head in ("Cust ID", "Kd.-Nr.", "Cód. cliente"):
        found = whole([f"{head},Customer,SKU,Seats", "C1,Lind,S1,5", "C2,Lind,S1,5"], "license_counts")
        assert found.columns["vendor_customer_id"] == head


def test_a_day_that_is_called_otherwise_is_no_day_of_invoices(whole: Whole) -> None:
    head = "Invoice ID,Client ID,Item,Type,Qty,Rate,Amount,Currency,Period Start,Period End,{}"
    rows = [
        f"{number},101,{item},Recurring,10,20.00,200.00,USD,2026-10-01,2026-10-31,2026-11-14"
        for number, item in ((5001, "M365"), (5001, "BKP"), (5003, "M365"))
    ]
    for called, taken in (("Renews", None), ("Contract signed", None), ("Dato", None), ("Issued", "Issued")):
        found = whole([head.format(called), *rows], "invoice_lines")
        assert found.columns.get("invoice_date") == taken


def test_a_former_client_is_asked(whole: Whole) -> None:
    rows = ["101,Harbor,Klant", "102,Oak,Klant", "103,Tully,Voormalige klant"]
    assert "where" in asked(whole(["Company ID,Company Name,Type", *rows], "clients"))


def test_a_list_price_of_a_hundred_is_asked(whole: Whole) -> None:
    rows = ["M365;Microsoft 365;21,90;1", "SMS;Nachricht;7,50;100"]
    found = whole(["Artikelnummer;Bezeichnung;Preis;Preiseinheit", *rows], "products")
    words = {"heading": "Preis", "divided_by": "Preiseinheit"}
    assert found.options["columns", "default_unit_price"] == (words, "Preis")
