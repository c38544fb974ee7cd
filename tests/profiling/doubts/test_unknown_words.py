"""A heading with a word that may make a number another number is asked, unless the rows prove the number.

Belongs here: such words, and money that is called or shown to be other money by the whole file. Does not:
which column is chosen (``test_kinds_of_exports``).
"""

from __future__ import annotations

import pytest

from mbr_pipeline.profiling.doubts.unknown_words import unknown_word
from tests.profiling.small_files import HEAD, ROW, Whole, asked

_AGREEMENTS = "Agreement,Company ID,Product ID,Quantity,{},Start Date,Currency"


@pytest.mark.parametrize(
    ("kind", "heading", "word"),
    [
        ("price", "Halbjahrespreis netto", "halbjahrespreis"),
        ("price", "Fee per decade", "decade"),
        ("price", "Tarif p.a.", "p.a."),
        ("price", "Price/100", "100"),
        ("price", "Net price per device/month (EUR)", None),
        ("price", "Prix unitaire hors TVA", None),
        ("price", "Preis je Stück", None),
        ("price", "cost/unitPrice", None),
        ("amount", "Montant cumulé", "cumule"),
        ("amount", "Sum in millions", "millions"),
        ("amount", "Line amount excl. VAT (GBP)", None),
        ("count", "Licenses on trial", "on"),
        ("count", "Seats reserved", "reserved"),
        ("count", "Office 365 licences", None),
        ("count", "Licencas", None),
    ],
)
def test_a_word_is_known_where_it_changes_nothing(kind: str, heading: str, word: str | None) -> None:
    assert unknown_word(heading, kind) == word


def test_a_price_of_a_year_is_asked_with_its_twelfth_among_the_answers(whole: Whole) -> None:
    head = _AGREEMENTS.format("Yearly rate")
    rows = ["A1,C1,P1,2,120.00,2026-01-01,EUR", "A1,C2,P1,5,120.00,2026-01-01,EUR"]
    found = whole([head, *rows], "agreements")
    assert "unit_price" in asked(found)
    year = {"heading": "Yearly rate", "per": {"Currency": {"EUR": "12"}}}
    assert set(map(str, found.options["columns", "unit_price"])) == {"Yearly rate", str(year)}
    plain = whole([_AGREEMENTS.format("Rate"), *rows], "agreements")
    assert "unit_price" not in asked(plain)


def test_a_product_that_is_the_amount_proves_what_its_headings_do_not_say(whole: Whole) -> None:
    head, row = f"{HEAD},Agreed quantity,Blended price,Amount", ROW
    rows = [f"{row},2,10.50,21.00", f"{row.replace('K1', 'K2')},3,10.50,31.50"]
    assert not {"quantity", "unit_cost", "amount"} & asked(whole([head, *rows], "vendor_charges"))
    other = [f"{row},2,10.50,20.00", f"{row.replace('K1', 'K2')},3,10.50,30.00"]
    assert "quantity" in asked(whole([head, *other], "vendor_charges"))


def test_an_amount_that_is_made_of_what_is_asked_is_asked_too(whole: Whole) -> None:
    rows = [f"{ROW},2,1050", f"{ROW.replace('K1', 'K2')},3,1050"]
    found = whole([f"{HEAD},Quantity,Unit price (cents)", *rows], "vendor_charges")
    assert {"unit_cost", "amount"} <= asked(found)
    cents = {"heading": "Unit price (cents)", "implied_decimals": "2"}
    assert cents in found.options["columns", "unit_cost"]


def test_money_that_is_called_another_currency_than_its_rows_is_asked(whole: Whole) -> None:
    rows = [f"{ROW},2,10.50,21.00", f"{ROW.replace('K1', 'K2')},3,10.50,31.50"]
    found = whole([f"{HEAD},Quantity,Unit price CHF,Amount CHF", *rows], "vendor_charges")
    assert found.options["columns", "currency"] == ({"constant": "CHF"}, "Currency")
    same = [row.replace("EUR", "CHF") for row in rows]
    assert "currency" not in asked(whole([f"{HEAD},Quantity,Unit price CHF,Amount CHF", *same]))


def test_an_amount_that_is_the_same_whatever_the_units_is_asked(whole: Whole) -> None:
    rows = [f"{ROW.replace('K1', f'K{units}')},{units},4.20" for units in (2, 7, 31)]
    found = whole([f"{HEAD},Quantity,Amount", *rows], "vendor_charges")
    assert {"amount", "unit_cost"} <= asked(found)
    assert found.options["columns", "amount"] == ("Amount", {"product_of": ["Quantity", "Amount"]})
    grown = [f"{ROW.replace('K1', f'K{units}')},{units},{units * 3}.50" for units in (2, 7, 31)]
    assert "amount" not in asked(whole([f"{HEAD},Quantity,Amount", *grown], "vendor_charges"))


def test_a_file_that_is_called_a_credit_above_its_headings_is_asked_as_a_whole(whole: Whole) -> None:
    head = f"{HEAD},Quantity,Unit price,Amount"
    rows = [f"{ROW},2,10.50,21.00", f"{ROW.replace('K1', 'K2')},3,10.50,31.50"]
    found = whole(["Gutschrift 2026-77,,,,", head, *rows], "vendor_charges")
    assert "amount" in asked(found)
    [back, _] = found.options["columns", "amount"]
    test = {"negative_if": {"Currency": ["EUR"]}, "as_written_if": {"Currency": ["*"]}}
    assert back["columns"]["amount"] == {"heading": "Amount", **test}
    assert back["columns"]["quantity"] == {"heading": "Quantity", **test}
    assert "amount" not in asked(whole(["Rechnung 2026-77,,,,", head, *rows], "vendor_charges"))


def test_money_that_is_all_below_zero_is_asked(whole: Whole) -> None:
    head = f"{HEAD},Quantity,Unit price,Amount"
    rows = [f"{ROW},2,10.50,-21.00", f"{ROW.replace('K1', 'K2')},3,10.50,-31.50"]
    assert "amount" in asked(whole([head, *rows], "vendor_charges"))
    mixed = [*rows, f"{ROW.replace('K1', 'K3')},1,10.50,10.50"]
    assert "amount" not in asked(whole([head, *mixed], "vendor_charges"))
