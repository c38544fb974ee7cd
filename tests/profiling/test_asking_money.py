"""Two columns of money or quantity are decided by the rows, or asked: never chosen silently.

Belongs here: quantity, price, amount, totals. Does not: dates, categories, rows (``test_asking``).
"""

from __future__ import annotations

import pytest

from tests.profiling.small_files import HEAD, ROW, Proposed, Whole, asked, money, signed


def test_the_price_is_the_one_for_which_the_product_is_the_amount(proposed: Proposed) -> None:
    found = proposed(
        "Quantity,UnitPrice,EffectiveUnitPrice,Amount", "10,18.60,18.60,186.00", "10,18.60,9.60,96.00"
    )
    assert money(found) == (signed("Quantity", "Amount"), "EffectiveUnitPrice", "Amount")
    assert found.questions == []


def test_two_prices_that_are_equal_in_all_rows_are_a_question(proposed: Proposed) -> None:
    found = proposed("Quantity,UnitPrice,EffectiveUnitPrice,Amount", "10,18.60,18.60,186.00")
    assert asked(found) == {"unit_cost"}
    assert {q.options for q in found.questions} == {("UnitPrice", "EffectiveUnitPrice")}


def test_two_quantities_that_are_equal_in_all_rows_are_a_question(proposed: Proposed) -> None:
    found = proposed("Quantity,BillableQuantity,Unit Price,Amount", "10,10,2.50,25.00")
    assert asked(found) == {"quantity"}
    assert money(proposed("Quantity,BillableQuantity,Unit Price,Amount", "10,8,2.50,20.00"))[0] == signed(
        "BillableQuantity", "Amount"
    )


@pytest.mark.parametrize(
    ("dataset", "price", "amount"),
    [("vendor_charges", "cost", "cost_total"), ("invoice_lines", "price", "sub_total")],
)
def test_the_dataset_decides_between_what_the_client_and_the_msp_pays(
    proposed: Proposed, dataset: str, price: str, amount: str
) -> None:
    found = proposed(
        "qty,price,cost,sub_total,cost_total",
        "10,22.00,18.60,220.00,186.00",
        "4,23.50,18.60,94.00,74.40",
        dataset=dataset,
    )
    assert money(found)[1:] == (price, amount)


def test_a_second_price_and_amount_of_unknown_names_are_a_question(proposed: Proposed) -> None:
    found = proposed(
        "qty,price,inkoop,subtotal,inkooptotaal", "10,22.00,18.60,220.00,186.00", "4,23.50,18.60,94.00,74.40"
    )
    assert asked(found) == {"unit_cost", "amount"}


@pytest.mark.parametrize("beside", ["Margin", "Unit Cost"])
def test_money_that_multiplies_beside_a_cost_or_a_margin_is_a_question(
    proposed: Proposed, beside: str
) -> None:
    found = proposed(f"Qty,Price,{beside},Amount", "10,22.00,18.60,220.00", "2,22.50,18.60,45.00")
    assert asked(found) == {"unit_cost", "amount"}


def test_an_amount_of_an_unknown_name_is_tested_too(proposed: Proposed) -> None:
    assert money(proposed("Seats,Unit Price,Extended", "34,1.25,42.50", "5,1.25,6.25"))[2] == "Extended"
    assert "amount" in asked(proposed("Seats,Unit Price,Extended", "34,1.25,40.00", "5,1.25,6.25"))


def test_a_price_that_only_somebody_else_pays_is_no_cost(proposed: Proposed) -> None:
    found = proposed("Qty,Retail Price,Amount", "10,22.00,186.00")
    assert "unit_cost" in asked(found)


def test_a_duration_makes_the_cost_the_quotient(proposed: Proposed) -> None:
    found = proposed("Quantity,Unit Price,Duration,Net Price", "10,18.00,1.00,180.00", "4,18.00,0.52,37.44")
    assert money(found) == (signed("Quantity", "Net Price"), {"made_of": "amount"}, "Net Price")
    assert found.questions == []


def test_a_product_that_is_not_the_amount_is_a_question(proposed: Proposed) -> None:
    found = proposed("Quantity,Unit Price,Amount", "10,18.00,180.00", "4,18.00,70.00")
    assert {"unit_cost", "amount"} <= asked(found)
    assert "1 of 2 rows, first 4 × 18.00 against 70.00" in found.column_why["unit_cost"]


def test_an_empty_column_is_no_amount(proposed: Proposed) -> None:
    found = proposed("Quantity,Unit Price,Total", "3,50.00,", "12,22.00,")
    assert money(found)[2] == {"product_of": ["Quantity", "Unit Price"]}
    assert "amount" in asked(proposed("Quantity,Unit Price,Discount,Total", "3,50.00,5,", "12,22.00,,"))


def test_an_amount_with_tax_is_not_taken_for_the_one_without(proposed: Proposed) -> None:
    rows = ("10,2.50,25.00,2.00,27.00", "4,2.50,10.00,0.80,10.80")
    assert money(proposed("Quantity,Unit Price,Subtotal,Tax,Total", *rows))[2] == "Subtotal"
    without = proposed("Quantity,Unit Price,Subtotal,Tax,Total", "10,2.50,25.00,0,25.00")
    assert money(without)[2] == "Subtotal"


def test_a_total_decides_between_two_columns_of_money_and_else_they_are_a_question(
    proposed: Proposed, whole: Whole
) -> None:
    headings = "Usage amount,Charge,Amount"
    rows = ("10,60.001,60.00", "5,40.004,40.00")
    assert "amount" in asked(proposed(headings, *rows))
    lines = [f"{HEAD},{headings}", *(f"{ROW},{row}" for row in rows), "Total,,,,,,,,,,100.00"]
    found = whole(lines)
    assert (found.columns["amount"], found.words["totals"]) == ("Amount", ["Total"])


def test_a_total_that_says_another_sum_is_a_question(whole: Whole) -> None:
    lines = [
        f"{HEAD},Qty,Unit Cost,Amount",
        f"{ROW},10,2.50,25.00",
        f"{ROW},4,2.50,10.00",
        "Total,,,,,,,,,,36.00",
    ]
    assert "amount" in asked(whole(lines))
    assert "amount" not in asked(whole([*lines[:-1], "Total,,,,,,,,,,35.00"]))


def test_a_refund_with_a_plain_quantity_takes_units_away(proposed: Proposed) -> None:
    found = proposed("Quantity,Unit Price,Amount", "10,9.60,-96.00", "12,9.60,115.20")
    assert money(found)[0] == signed("Quantity", "Amount")


def test_whole_numbers_without_a_price_may_be_cents(proposed: Proposed) -> None:
    assert asked(proposed("Qty,Amount", "10,18600", "4,7440")) == {"amount"}
    assert asked(proposed("Qty,Amount", "10,186.00", "4,74.40")) == set()
