"""Headings of programs in other languages: who a client is, when it begins, what a month or a year costs.

Belongs here: names that gave way to weaker ones, and kinds of files by them. Does not: products
(``test_products_of_programs``).
"""

from __future__ import annotations

import pytest

from tests.profiling.small_files import HEAD, ROW, Whole, asked

_AGREED = "Contract ID;{};Product Code;Qty;{};Currency;Start Date;End Date"
_DAYS = "EUR;2025-03-01;2026-12-31"


@pytest.mark.parametrize("heading", ["N.º cliente", "Nº cliente", "N° client", "Debitor", "Cust. No."])
def test_a_number_of_clients_goes_before_their_name(whole: Whole, heading: str) -> None:
    rows = [f"C{at};20{at};Silva {at} Lda;S{at};2;22,50;{_DAYS}" for at in range(3)]
    found = whole([_AGREED.format(f"{heading};Cliente", "Unit Price"), *rows], "agreements")
    assert found.columns["client_id"] == heading


@pytest.mark.parametrize(
    ("heading", "months"), [("Jahrespreis", "12"), ("Jaarprijs", "12"), ("Quartalspreis", "3")]
)
def test_a_price_of_a_year_is_asked_and_not_the_decimal_mark(whole: Whole, heading: str, months: str) -> None:
    rows = [f"C{at};K{at};S1;{at + 2};240,00;{_DAYS}" for at in range(3)]
    found = whole([_AGREED.format("Client ID", heading), *rows], "agreements")
    assert asked(found) == {"unit_price"}
    divided = {"heading": heading, "per": {"Currency": {"EUR": months}}}
    assert divided in found.options["columns", "unit_price"]


def test_dutch_subscriptions_are_agreements(whole: Whole) -> None:
    head = "Abonnement;Debiteurnummer;Naam;Itemcode;Aantal;Prijs per maand;Begindatum;Einddatum"
    rows = ["A1;1001;Jansen;M1;12;22,00;01-01-2025;", "A2;1002;De Boer;M2;1;45,00;15-03-2025;"]
    found = whole([head, *rows], None)
    assert (found.dataset, found.is_certain) == ("agreements", True)
    assert found.columns["agreement_id"] == "Abonnement" and found.columns["client_id"] == "Debiteurnummer"
    assert found.columns["effective_start"] == "Begindatum"


def test_a_fee_that_multiplies_is_the_price_of_a_line(whole: Whole) -> None:
    found = whole([f"{HEAD},Canone,Quantità,Importo", f"{ROW},1.50,10,15.00", f"{ROW},1.50,4,6.00"])
    assert (found.columns["unit_cost"], found.columns["amount"]) == ("Canone", "Importo")


def test_one_invoice_for_several_customers_is_no_agreement(whole: Whole) -> None:
    head = (
        "Rechnungsnr.;Kundennr.;Vertragsnr.;Produkt;Abrechnungsart;Von;Bis;Anzahl;Einzelbetrag;Gesamtbetrag"
    )
    days = "01.10.2026;31.10.2026"
    rows = [f"R1;K{at};V{at};Mail;monatlich;{days};{at};4,00;{at * 4},00" for at in (1, 2, 3)]
    found = whole([head, *rows], None)
    assert (found.dataset, found.is_certain) == ("vendor_charges", True)


def test_a_list_of_users_is_of_seats_first(whole: Whole) -> None:
    rows = [f"Ann {at},ann{at}@acme.com,Business Premium,Sales" for at in range(4)]
    found = whole(["Display name,User principal name,Licenses,Department", *rows], None)
    assert found.candidates[0].dataset == "license_counts"


def test_a_service_that_is_another_in_every_row_is_asked_beside_what_customers_share(whole: Whole) -> None:
    head = "Numéro de facture;Code client;Service;Libellé;Quantité;Prix unitaire HT;Total HT;Début;Fin"
    days = "01/10/2026;31/10/2026"
    rows = [
        f"F1;C1;vps-1;VPS Value;1;6,00;6,00;{days}",
        f"F1;C2;ex-2;Hosted Exchange;12;3,00;36,00;{days}",
        f"F1;C2;vps-3;VPS Value;1;6,00;6,00;{days}",
    ]
    found = whole([head, *rows], "vendor_charges")
    assert found.options["columns", "sku_id"] == ("Service", "Libellé")


def test_costs_and_prices_of_open_lines_are_agreements_first(whole: Whole) -> None:
    head = "Agreement,Client ID,Product Code,Qty,Cost,Price,Margin,Currency,Start Date,Kündigung zum"
    rows = [
        "A1,K1,M1,12,18.70,22.00,15%,USD,2025-03-01,",
        "A2,K2,M2,7,9.70,12.00,15%,USD,2025-06-15,2026-12-31",
    ]
    found = whole([head, *rows], None)
    assert found.dataset == "agreements" and found.columns["unit_price"] == "Price"
    assert found.columns["effective_end"] == {"heading": "Kündigung zum", "take": "day_after"}


def test_the_sign_for_a_number_behind_a_word_is_one(whole: Whole) -> None:
    head = "Line #,Invoice #,Customer #,Customer,Item #,Type,Qty,Unit Cost,Amount,Currency,From,To"
    days = "EUR,2026-10-01,2026-10-31"
    rows = [f"{at},7001,50{at % 2},Acme {at % 2},80{at},Licence,2,5.50,11.00,{days}" for at in range(4)]
    columns = whole([head, *rows], "vendor_charges").columns
    assert (columns["line_id"], columns["invoice_id"]) == ("Line #", "Invoice #")
    assert (columns["vendor_customer_id"], columns["vendor_customer_name"]) == ("Customer #", "Customer")
    assert columns["sku_id"] == "Item #"
    seats = whole(["Tenant ID,SKU,Licenses #", "t1,S1,30", "t2,S1,17"], "license_counts")
    assert seats.columns["entitled_quantity"] == "Licenses #"
