"""What a file does not decide is asked: never a silent choice between two columns, dates or meanings.

Belongs here: small files, each of which leaves one thing open or decides it by its rows. Does not: whole
exports (``test_public_exports``), cases of the field (``test_field_files``).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mbr_pipeline.profiling.proposal import Proposal
from mbr_pipeline.profiling.propose import propose

Proposed = Callable[..., Proposal]
Whole = Callable[..., Proposal]
HEAD = "Invoice,Customer ID,SKU,Type,Subscription ID,Currency,From,To"
ROW = "I1,K1,S1,Subscription,x1,EUR,2026-10-01,2026-10-31"


@pytest.fixture
def proposed(tmp_path: Path) -> Proposed:
    def _proposed(
        headings: str, *rows: str, dataset: str | None = "vendor_charges", name: str = "f.csv"
    ) -> Proposal:
        lines = [f"{HEAD},{headings}", *(f"{ROW},{row}" for row in rows)]
        (tmp_path / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
        return propose(tmp_path / name, dataset)

    return _proposed


@pytest.fixture
def whole(tmp_path: Path) -> Whole:
    def _whole(lines: list[str], dataset: str | None = "vendor_charges") -> Proposal:
        (tmp_path / "whole.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
        return propose(tmp_path / "whole.csv", dataset)

    return _whole


def asked(proposal: Proposal) -> set[str]:
    return {question.key[-1] for question in proposal.questions}


def money(proposal: Proposal) -> tuple[Any, ...]:
    columns = proposal.columns
    price = "unit_cost" if "unit_cost" in columns else "unit_price"
    return columns["quantity"], columns[price], columns["amount"]


def signed(quantity: str, amount: str) -> dict[str, str]:
    return {"heading": quantity, "sign_of": amount}


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


@pytest.mark.parametrize(
    ("start", "end", "form"),
    [
        ("03/04/2026", "05/04/2026", None),
        ("10/1/2026", "10/31/2026", "M/D/YYYY"),
        ("01/10/2026", "31/10/2026", "DD/MM/YYYY"),
        ("05/10/2026", "06/09/2026", "MM/DD/YYYY"),  # the other way it would end before it starts
        ("10/1/2026 12:00:00 AM", "10/31/2026 11:59:59 PM", "M/D/YYYY"),
    ],
)
def test_the_order_of_day_and_month_is_shown_by_a_row_or_asked(
    tmp_path: Path, start: str, end: str, form: str | None
) -> None:
    head, row = HEAD, ROW.replace("2026-10-01", start).replace("2026-10-31", end)
    (tmp_path / "f.csv").write_text(f"{head},Qty,Unit Cost,Amount\n{row},2,3.50,7.00\n", encoding="utf-8")
    found = propose(tmp_path / "f.csv", "vendor_charges")
    assert found.words["dates"] == (form or "TODO")


def test_a_period_longer_than_a_month_may_be_that_of_the_commitment(tmp_path: Path) -> None:
    row = ROW.replace("2026-10-31", "2027-09-30")
    (tmp_path / "f.csv").write_text(f"{HEAD},Qty,Unit Cost,Amount\n{row},2,3.50,7.00\n", encoding="utf-8")
    assert {"charge_period_start", "charge_period_end"} <= asked(
        propose(tmp_path / "f.csv", "vendor_charges")
    )


def test_the_headings_are_the_line_as_wide_as_the_table(whole: Whole) -> None:
    above = ["Invoice number,4711", "Currency,USD", "Due,soon", "To,you", "From,us", "Of,them", "By,it"]
    lines = [*above, f"{HEAD},Qty,Unit Cost,Amount", f"{ROW},2,3.50,7.00"]
    assert whole(lines).words["header_row"] == "8"


def test_two_types_of_charge_are_a_question(proposed: Proposed) -> None:
    found = proposed(
        "Cost type,Credit type,Qty,Unit Cost,Amount", "Usage,,2,3.50,7.00", "Usage,PROMO,1,-1.50,-1.50"
    )
    assert {"charge_category", "charge_type"} & asked(found)


def test_a_licence_type_beside_a_meter_is_usage_and_alone_a_question(whole: Whole) -> None:
    lines = [
        f"{HEAD.replace('Type', 'ChargeType')},Qty,Unit Cost,Amount",
        f"{ROW.replace('Subscription', 'new')},2,3.50,7.00",
    ]
    assert "new" in asked(whole(lines))


def test_invoice_lines_without_a_category_are_not_all_recurring(whole: Whole) -> None:
    lines = [
        "Invoice No,Customer,Item,Qty,Rate,Amount,Currency",
        "I1,A,M365,2,3.50,7.00,EUR",
        "I2,B,Labour,1,90.00,90.00,EUR",
    ]
    assert "charge_category" in asked(whole(lines, "invoice_lines"))


@pytest.mark.parametrize(
    ("rows", "is_asked"),
    [(("1,M365,22.00,Monthly",), False), (("1,M365,22.00,Monthly", "2,BKP,396.00,Annual"), True)],
)
def test_a_price_per_year_is_not_silently_one_of_a_month(
    tmp_path: Path, rows: tuple[str, ...], is_asked: bool
) -> None:
    head = "Addition ID,Product,Unit Price,Billing Cycle,Agreement ID,Company,Qty,Currency,Effective Date"
    lines = [head, *(f"{row},7,Fabrikam,1,EUR,2026-01-01" for row in rows)]
    (tmp_path / "a.csv").write_text("\n".join(lines), encoding="utf-8")
    found = propose(tmp_path / "a.csv", "agreements")
    assert ("unit_price" in asked(found)) == is_asked
    months = {"Monthly": "1", "Annual": "12"} if is_asked else {"Monthly": "1"}
    words = {"heading": "Unit Price", "per": {"Billing Cycle": months}}
    assert words in (found.columns["unit_price"], *found.options.get(("columns", "unit_price"), ()))


def test_a_file_that_may_be_two_datasets_is_a_question(proposed: Proposed, whole: Whole) -> None:
    found = proposed("Qty,Unit Price,Amount", "2,3.50,7.00", dataset=None)
    assert found.is_certain == (("dataset",) not in {question.key for question in found.questions})
    lines = ["Description,Count,Unit Price", "PBX,1,99.00", "Extensions,5,15.00"]
    assert whole(lines, None).questions[0].key == ("dataset",)


def test_rows_of_a_status_that_is_not_active_are_a_question(whole: Whole) -> None:
    lines = ["Customer ID,SKU,Quantity,Status", "K1,S1,10,Active", "K2,S1,4,Cancelled"]
    assert asked(whole(lines, "license_counts")) == {"where"}
    found = whole(lines[:2], "license_counts")
    assert (found.questions, found.words["where"]) == ([], {"only": {"Status": ["Active"]}})


def test_whole_numbers_without_a_price_may_be_cents(proposed: Proposed) -> None:
    assert asked(proposed("Qty,Amount", "10,18600", "4,7440")) == {"amount"}
    assert asked(proposed("Qty,Amount", "10,186.00", "4,74.40")) == set()


def test_sections_and_their_totals_are_no_lines(whole: Whole) -> None:
    lines = [
        ",Num,Product/Service,Qty,Sales price,Amount",
        "Client A,,,,,",
        ",1001,M365,12,22.00,264.00",
        ",1001,Backup,1,90.00,90.00",
        "Total for Client A,,,,,354.00",
        "Client B,,,,,",
        ",1002,M365,2,22.00,44.00",
        "Total for Client B,,,,,44.00",
        "TOTAL,,,,,398.00",
    ]
    found = whole(lines, "invoice_lines")
    assert found.words["totals"] == ["Total for*", "TOTAL"]
    assert money(found) == ("Qty", "Sales price", "Amount")
    assert {"sections", "client_id"} <= asked(found)


def test_an_answer_can_be_put_where_the_question_says(proposed: Proposed) -> None:
    found = proposed("Quantity,UnitPrice,EffectiveUnitPrice,Amount", "10,18.60,18.60,186.00")
    (question,) = found.questions
    assert (question.key, question.options[0]) == (("columns", "unit_cost"), "UnitPrice")
    found.columns[question.key[1]] = question.options[0]
    assert found.questions == []


FRENCH = "N° facture;N° client;Réf;Type;N° abonnement;Devise;Du;Au;Qté;PU HT;Montant HT"
GERMAN = (
    "Rechnungsnr.;Kundennr.;Artikelnr.;Art;Abo-Nr.;Währung;Leistung von;Leistung bis;Menge;E-Preis;Betrag"
)
SPANISH = (
    "Nº factura;Código cliente;Código artículo;Tipo;ID suscripción;Moneda;Desde;Hasta;Cantidad;"
    "Precio unitario;Importe"
)
ENGLISH = (
    "INVOICE NUMBER;customer id;Sku;Charge\u00a0Type;SubscriptionId;currency;Start Date;End Date;QTY;"
    "Unit_Price;AMOUNT"
)


@pytest.mark.parametrize("headings", [FRENCH, GERMAN, SPANISH, ENGLISH])
def test_headings_are_known_in_four_languages(tmp_path: Path, headings: str) -> None:
    row = "F1;{};S1;Subscription;x1;EUR;01/10/2026;31/10/2026;{};1,50;{}"
    lines = [headings, row.format("K1", 2, "3,00"), row.format("K2", 4, "6,00")]
    (tmp_path / "f.csv").write_text("\n".join(lines), encoding="utf-8")
    found = propose(tmp_path / "f.csv", "vendor_charges")
    assert found.questions == []
    given = headings.split(";")
    names = ("invoice_id", "vendor_customer_id", "sku_id", "unit_cost", "amount")
    assert [found.columns[name] for name in names] == [given[at] for at in (0, 1, 2, 9, 10)]
