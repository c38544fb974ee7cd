"""Products under headings of accounting programs and portals, and what only looks like a product.

Belongs here: one small file for each. Does not: codes told by their texts (``rows/test_codes_and_names``).
"""

from __future__ import annotations

import pytest

from tests.profiling.small_files import HEAD, ROW, Whole, asked

_LINES = "N° pièce;Date pièce;Code client;{};Désignation;Qté;PU HT;Montant HT;Date d'échéance;Du;Au;Devise"
_ROWS = (
    "FA1;01/10/2026;C1;M365;Microsoft 365;12;22,00;264,00;31/10/2026;01/10/2026;31/10/2026;EUR",
    "FA1;01/10/2026;C1;BKUP;Sauvegarde;1;45,00;45,00;31/10/2026;01/10/2026;31/10/2026;EUR",
    "FA2;01/10/2026;C2;M365;Microsoft 365;7;22,00;154,00;31/10/2026;01/10/2026;31/10/2026;EUR",
    "FA2;01/10/2026;C2;AVIR;Antivirus;7;2,00;14,00;31/10/2026;01/10/2026;31/10/2026;EUR",
)


@pytest.mark.parametrize("heading", ["Réf. article", "Ref.ª", "Référence", "Code article"])
def test_a_reference_is_the_product_of_french_and_portuguese_lines(whole: Whole, heading: str) -> None:
    found = whole([_LINES.format(heading), *_ROWS], None)
    assert (found.dataset, found.is_certain) == ("invoice_lines", True)
    assert found.columns["product_code"] == heading
    assert found.columns["invoice_id"] == "N° pièce" and found.columns["invoice_date"] == "Date pièce"
    assert asked(found) == {"charge_category"}


def test_agreements_take_the_code_beside_the_only_names_of_products(whole: Whole) -> None:
    head = "Contrat;Client;Référence;Désignation;Qté;Prix mensuel;Devise;Début;Fin"
    rows = [
        f"V{at % 2};Client {at % 2};{code};{name};2;{at}9,50;EUR;2025-0{at}-01;2026-12-31"
        for at, (code, name) in enumerate(
            (("M1", "Office"), ("M2", "Sauvegarde"), ("M3", "Antivirus"), ("M1", "Office")), start=1
        )
    ]
    assert whole([head, *rows], "agreements").columns["product_code"] == "Référence"


def test_a_column_of_units_says_nothing_of_the_category(whole: Whole) -> None:
    head = HEAD.replace(",Type", "")
    row = ROW.replace(",Subscription", "")
    found = whole(
        [f"{head},Qty,Unit,Unit Cost,Amount", f"{row},2,seat,5.50,11.00", f"{row},3,seat,5.50,16.50"]
    )
    assert found.columns["charge_category"] == {"constant": "recurring"}


def test_net_is_the_money_before_tax(whole: Whole) -> None:
    head = HEAD.replace(",To", ",To,Qty,Unit Price (£),Net (£),VAT (£),Gross (£)")
    found = whole([head, f"{ROW},2,5.50,11.00,2.20,13.20", f"{ROW},3,5.50,16.50,3.30,19.80"])
    assert (found.columns["unit_cost"], found.columns["amount"]) == ("Unit Price (£)", "Net (£)")
    assert asked(found) == set()


@pytest.mark.parametrize(
    ("heading", "is_asked"), [("License Type", True), ("Plan", True), ("SKU", False), ("Product", False)]
)
def test_a_plan_that_a_customer_has_twice_is_asked_beside_what_tells_it_apart(
    whole: Whole, heading: str, is_asked: bool
) -> None:
    rows = ("b1,Endpoint,Monthly,30,27", "b2,Endpoint,Monthly,12,12", "b2,Patches,Monthly,12,4")
    found = whole([f"Company ID,Add-on,{heading},Total Seats,Used Seats", *rows], "license_counts")
    assert ("sku_id" in asked(found)) == is_asked
    if is_asked:
        joined = {"joined": [heading, "Add-on"], "by": ":"}
        assert found.options["columns", "sku_id"] == ("Add-on", joined, heading)


@pytest.mark.parametrize("heading", ["Item No", "Item #", "Artikel-Nr", "Produktnr."])
def test_a_number_of_items_is_the_product_and_not_the_line(whole: Whole, heading: str) -> None:
    head = HEAD.replace("SKU", heading)
    lines = [ROW.replace("S1", f"{at}") for at in (701, 702, 703)]
    found = whole([f"{head},Qty,Unit Cost,Amount", *(f"{line},2,5.50,11.00" for line in lines)])
    assert found.columns["sku_id"] == heading and found.columns["line_id"] == {"made_of": "content"}
