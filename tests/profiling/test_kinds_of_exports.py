"""What files of the same kind have in common, each kind in a few lines: proposed right, or asked.

Belongs here: kinds that exports of documents showed. Does not: whole exports
(``test_exports_from_documentation``).
"""

from __future__ import annotations

import pytest

from mbr_pipeline.profiling.headings import score
from mbr_pipeline.profiling.styles import date_forms
from mbr_pipeline.profiling.words.concepts import concepts_of
from mbr_pipeline.profiling.words.roles import is_count, money_role
from mbr_pipeline.profiling.words.synonyms import HEADINGS
from tests.profiling.small_files import Proposed, Whole, asked, money, signed


@pytest.mark.parametrize(
    ("heading", "column"),
    [
        ("Customer Code", "vendor_customer_id"),
        ("Kundencode", "vendor_customer_id"),
        ("Código del cliente", "vendor_customer_id"),
        ("Leistung Start", "charge_period_start"),
        ("Fecha final*", "charge_period_end"),
        ("Pos Bezeichnung", "sku_name"),
        ("Line Description", "sku_name"),
    ],
)
def test_a_heading_is_known_by_what_its_words_mean(heading: str, column: str) -> None:
    assert score(heading, HEADINGS["vendor_charges"][column])[0] > 97


def test_the_code_of_an_account_is_no_customer() -> None:
    assert concepts_of("account code") == frozenset()
    assert score("AccountCode", HEADINGS["invoice_lines"]["client_id"])[0] == 0


def test_a_price_that_is_cut_to_the_cent_before_it_is_multiplied_is_the_price(proposed: Proposed) -> None:
    # 10.787 is cut to 10.78: ten are 107.80, although 10 × 10.787 is 107.87
    proposal = proposed("Quantity,Effective Unit Price,Subtotal", "10,10.787,107.80", "3,2.00,6.00")
    assert money(proposal) == (signed("Quantity", "Subtotal"), "Effective Unit Price", "Subtotal")


def test_a_discount_in_some_rows_does_not_hide_the_amount(proposed: Proposed) -> None:
    proposal = proposed("Qty,Rate,Discount,Line Amount", "2,10.00,,20.00", "3,10.00,10,27.00")
    assert money(proposal) == (signed("Qty", "Line Amount"), {"made_of": "amount"}, "Line Amount")


def test_the_msps_money_is_told_from_its_clients_by_words(proposed: Proposed) -> None:
    headings = "Quantity,Unit Sales Price,Unit Cost Price,Total Sales,Total Cost,Margin Amount"
    proposal = proposed(headings, "2,13.90,10.45,27.80,20.90,6.90", "3,6.50,3.10,19.50,9.30,10.20")
    assert money(proposal) == (signed("Quantity", "Total Cost"), "Unit Cost Price", "Total Cost")


@pytest.mark.parametrize(
    ("heading", "role"),
    [
        ("prix dachat unitaire ht", ("price", 1)),
        ("montant de vente ht", ("amount", -1)),
        ("precio mensual", ("price", 0)),
        ("total licenses", None),
        ("success rate 24 hours", None),
        ("margin amount", None),
    ],
)
def test_words_of_money(heading: str, role: tuple[str, int] | None) -> None:
    assert money_role(heading) == role


def test_seats_are_those_of_now() -> None:
    assert [is_count(text) for text in ("licensed seats", "this month count", "utilisateurs ce mois")] == [
        True
    ] * 3
    assert not any(
        map(is_count, ("last month count", "result count", "devices last month", "available seats"))
    )


_INVOICES = "Invoice,Customer,Item,From,To,Currency,Qty,Rate,Amount"


def _lines(*rows: str) -> list[str]:
    dates = "2026-10-01,2026-10-31,EUR"
    return [_INVOICES, *(f"{row[: row.index('|')]},{dates},{row[row.index('|') + 1 :]}" for row in rows)]


def test_an_invoice_below_zero_gives_back_seats(whole: Whole) -> None:
    proposal = whole(_lines("R1,A,M365|5,10.00,50.00", "C1,B,M365|3,-10.00,-30.00"), "invoice_lines")
    assert proposal.columns["quantity"] == signed("Qty", "Amount")


def test_a_line_below_zero_among_others_may_be_a_discount(whole: Whole) -> None:
    proposal = whole(_lines("R1,A,M365|5,10.00,50.00", "R1,A,Loyalty|1,-7.00,-7.00"), "invoice_lines")
    assert "quantity" in asked(proposal)


def test_a_column_that_says_how_many_rows_there_are_counts_no_seats(whole: Whole) -> None:
    rows = [f"C{at},Mail,{at + 3},4" for at in range(4)]
    proposal = whole(["Customer Code,Product SKU,This Month Count,Count", *rows], "license_counts")
    assert proposal.columns["entitled_quantity"] == "This Month Count"


def test_thousands_of_seats_are_no_fractions(whole: Whole) -> None:
    lines = ["Tenant ID,SKU,Protected devices", 't1,EPP,"1,126"', "t2,EPP,614"]
    proposal = whole(lines, "license_counts")
    assert (proposal.words["decimals"], proposal.words["thousands"]) == (".", ",")


_AGREEMENTS = "Agreement,Company ID,Product ID,Quantity,Price,Start Date,Currency"


def _agreement(more: str, *rows: str) -> list[str]:
    return [f"{_AGREEMENTS},{more}", *(f"A1,C1,P{at},2,{row}" for at, row in enumerate(rows))]


def test_an_agreements_end_is_never_passed_over(whole: Whole) -> None:
    lines = _agreement("Stopped", "5.00,2025-01-01,EUR,", "6.00,2025-01-01,EUR,2026-10-31")
    assert "effective_end" in asked(whole(lines, "agreements"))
    assert (
        "effective_end"
        not in whole(_agreement("Created", "5.00,2025-01-01,EUR,2024-12-30"), "agreements").columns
    )


def test_rows_that_are_not_billed_are_free_whatever_their_column_is_called(whole: Whole) -> None:
    proposal = whole(
        _agreement("Mode", "5.00,2025-01-01,EUR,Billable", "6.00,2025-01-01,EUR,No Charge"), "agreements"
    )
    free, paid = {"Mode": ["No Charge"]}, {"Mode": ["Billable"]}
    assert proposal.columns["unit_price"] == {"heading": "Price", "zero_if": free, "as_written_if": paid}


@pytest.mark.parametrize("more", ["Intervalo", "Descuento %"])
def test_a_cycle_or_a_discount_beside_a_price_is_a_question(whole: Whole, more: str) -> None:
    text = "q" if more == "Intervalo" else "10"
    lines = _agreement(more, f"5.00,2025-01-01,EUR,{text}", f"6.00,2025-01-01,EUR,{text}")
    assert whole(lines, "agreements").columns["unit_price"] == "TODO"


def test_an_amount_alone_is_of_one_unit_or_of_all(whole: Whole) -> None:
    lines = ["Vertragsnummer;Kundennr;Artikelnummer;Anzahl;Betrag", "V1;K1;A1;2;38,53"]
    options = next(q.options for q in whole(lines, "agreements").questions if q.key[-1] == "unit_price")
    assert options == ("Betrag", {"heading": "Betrag", "divided_by": "Anzahl"})


def test_no_dataset_without_money_is_certain_beside_decimals(whole: Whole) -> None:
    lines = ["Customer ID,SKU,Licensed Seats,Whatever", "k1,s1,5,12.50", "k2,s1,7,17.50"]
    assert ("dataset",) in {question.key for question in whole(lines, None).questions}


def test_with_dots_the_day_comes_first() -> None:
    assert date_forms(["02.11.2026"]) == ["DD.MM.YYYY"]
    assert date_forms(["11.13.2026"]) == ["MM.DD.YYYY"]


def test_a_heading_with_another_word_is_no_typing_error() -> None:
    customers = HEADINGS["vendor_charges"]["vendor_customer_id"]
    assert score("Tenant Kind", customers)[0] == 0
    assert score("Custmoer Number", customers)[0] > 0


def test_usage_is_counted_unless_it_is_measured_or_a_day() -> None:
    assert is_count("total usage") and money_role("total usage") is None
    assert not any(map(is_count, ("usage start", "usage name", "storage usage gb")))
