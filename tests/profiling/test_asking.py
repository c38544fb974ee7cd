"""What a file does not decide is asked: never a silent choice between dates, meanings or datasets.

Belongs here: small files, each of which leaves one thing open or decides it. Does not: money
(``test_asking_money``), whole exports (``test_public_exports``), cases of the field (``test_field_files``).
"""

from __future__ import annotations

from pathlib import Path

import pytest

from mbr_pipeline.profiling.propose import propose
from tests.profiling.small_files import HEAD, ROW, Proposed, Whole, asked, money


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
