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
