"""What a quantity and a price are counted in, and tax inside money.

Belongs here: numbers beside the quantity, prices of a hundred, two units of measure, columns and headings
that say that tax is in. Does not: other money (``test_last_look``).
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.profiling.small_files import Whole, asked

_AGREED = "Agreement,Company ID,Product ID,Quantity,Price,Start Date,Currency"
_SOLD = "Invoice,Client ID,Item,Line Type,Qty,Unit Price,Amount,Currency,From,To"


def _agreed(more: str, *texts: str) -> list[str]:
    rows = (f"A{at},C1,P{at},{at + 4},5.00,2025-01-01,EUR,{text}" for at, text in enumerate(texts))
    return [f"{_AGREED},{more}", *rows]


def _sold(more: str, *texts: str, head: str = _SOLD) -> list[str]:
    rows = (f"R{at},K{at},A,Recurring,2,5.50,11.00,EUR,2026-10-01,2026-10-31" for at in range(len(texts)))
    return [f"{head},{more}", *(f"{row},{text}" for row, text in zip(rows, texts, strict=True))]


@pytest.mark.parametrize(
    ("heading", "numbers", "is_asked"),
    [
        ("Less Included", ("2", "0"), True),
        ("Freimenge", ("2", "0"), True),
        ("Unités incluses", ("2", "0"), True),
        ("Less Included", ("0", "0"), False),  # it changes nothing
        ("Minimum Quantity", ("10", "1"), True),  # 4 is less than 10
        ("Minimum Quantity", ("1", "1"), False),
        ("Min Qty", ("10", "1"), True),
        ("Min", ("300", "20"), False),  # minutes
        ("Commitment", ("12", "12"), False),  # months
        ("Tax Included", ("2", "1"), False),
        ("Available Discs", ("2", "1"), False),
    ],
)
def test_a_number_beside_the_quantity_that_changes_it(
    whole: Whole, heading: str, numbers: tuple[str, str], is_asked: bool
) -> None:
    assert ("quantity" in asked(whole(_agreed(heading, *numbers), "agreements"))) == is_asked


def test_a_quantity_that_the_money_proves_is_not_asked(whole: Whole) -> None:
    assert "quantity" not in asked(whole(_sold("Included", "1", "2"), "invoice_lines"))


@pytest.mark.parametrize("heading", ["Preiseinheit", "Per", "Price Unit", "Prix par"])
def test_a_price_of_a_hundred_is_a_question(whole: Whole, heading: str) -> None:
    found = whole(_agreed(heading, "100", "1"), "agreements")
    divided = {"heading": "Price", "divided_by": heading}
    assert found.options["columns", "unit_price"] == (divided, "Price")


def test_a_price_of_one_unit_is_not_asked(whole: Whole) -> None:
    assert "unit_price" not in asked(whole(_agreed("Preiseinheit", "1", "1"), "agreements"))


def test_a_price_of_a_hundred_is_proved_by_the_amount(whole: Whole) -> None:
    head = "Rechnung;Kundennr;Artikelnr;Art;Menge;Preis;Preiseinheit;Betrag;Währung;Von;Bis"
    rows = [
        "R1;K1;A1;Abo;500;4,50;100;22,50;EUR;01.10.2026;31.10.2026",  # 500 × 4.50 ÷ 100
        "R1;K2;B1;Abo;12;26,40;1;316,80;EUR;01.10.2026;31.10.2026",
    ]
    found = whole([head, *rows])
    assert found.columns["unit_cost"] == {"heading": "Preis", "divided_by": "Preiseinheit"}
    assert (found.columns["amount"], found.questions) == ("Betrag", [])
    wrong = [row.replace("22,50", "22,60") for row in rows]
    assert {"amount", "unit_cost"} <= asked(whole([head, *wrong]))


def _counted(*units: str) -> list[str]:
    return ["Customer ID,SKU,UoM,Purchased", *(f"K{at},S1,{unit},{at + 2}" for at, unit in enumerate(units))]


def test_one_sku_in_two_units_of_measure_is_told_apart_by_both(whole: Whole) -> None:
    joined = ({"joined": ["SKU", "UoM"]}, "SKU")
    assert whole(_counted("TB", "GB"), "license_counts").options["columns", "sku_id"] == joined
    assert asked(whole(_counted("User", "Users"), "license_counts")) == set()
    two = [line.replace("S1,GB", "S2,GB") for line in _counted("TB", "GB")]
    assert asked(whole(two, "license_counts")) == set()


def test_a_client_is_billed_for_one_product_in_two_units(whole: Whole) -> None:
    lines = _sold("Mengeneinheit", "Stück", "Paket")
    assert asked(whole(lines, "invoice_lines")) == {"quantity"}


def test_usage_has_as_many_units_as_it_likes(whole: Whole) -> None:
    head = "Invoice,Customer ID,SKU,Charge Type,Quantity,Price,Amount,Currency,From,To,Unit"
    rows = [
        f"I1,K{at},S1,Usage,2,5.50,11.00,EUR,2026-10-01,2026-10-31,{unit}"
        for at, unit in enumerate(("GB", "Hrs"))
    ]
    assert "sku_id" not in asked(whole([head, *rows]))
    paid = [row.replace("Usage", "Subscription") for row in rows]
    assert "sku_id" in asked(whole([head, *paid]))


@pytest.mark.parametrize(
    ("heading", "texts", "is_asked"),
    [
        ("Amounts Are", ("Tax Inclusive", "Tax Exclusive"), True),
        ("Preise", ("inkl. MwSt.", "inkl. MwSt."), True),
        ("Montants", ("TTC", "HT"), True),
        ("Prices include tax", ("Yes", "No"), True),
        ("Amounts Are", ("Tax Exclusive", "No Tax"), False),
        ("Prices include tax", ("No", "No"), False),
        ("Bundle", ("Included", ""), False),  # nothing of money or tax
    ],
)
def test_a_column_that_says_that_tax_is_in(
    whole: Whole, heading: str, texts: tuple[str, str], is_asked: bool
) -> None:
    found = asked(whole(_sold(heading, *texts), "invoice_lines"))
    assert found & {"amount", "unit_price"} == ({"amount", "unit_price"} if is_asked else set())


@pytest.mark.parametrize(
    ("price", "amount", "expected"),
    [
        ("Unit Price (inc GST)", "Total (inc GST)", {"unit_price", "amount"}),
        ("Einzelpreis inkl. MwSt.", "Betrag", {"unit_price"}),
        ("Prezzo", "Importo IVA inclusa", {"amount"}),
        ("Unit Price (ex GST)", "Total (ex GST)", set()),
        ("Einzelpreis", "Betrag zzgl. MwSt.", set()),
    ],
)
@pytest.mark.parametrize("dataset", ["invoice_lines", "vendor_charges"])
def test_money_whose_heading_says_that_tax_is_in(
    whole: Whole, price: str, amount: str, expected: set[str], dataset: str
) -> None:
    head = _SOLD.replace("Unit Price", price).replace("Amount", amount)
    if dataset == "vendor_charges":
        head = head.replace("Client ID", "Customer ID").replace("Item", "SKU")
        expected = {name.replace("unit_price", "unit_cost") for name in expected}
    found: Any = asked(whole(_sold("Note", "a", "b", head=head), dataset))
    assert found & {"amount", "unit_price", "unit_cost"} == expected
