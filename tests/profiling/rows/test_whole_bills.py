"""What a whole file says of its rows: totals at its end, the invoice above it, words of two headings.

Belongs here: totals, signs, datasets, ends and counts that two columns or the file's ends tell. Does not: ids
(``test_codes_and_names``), single columns (``test_by_arithmetic``).
"""

from __future__ import annotations

from typing import Any

import pytest

from mbr_pipeline.profiling.proposal import Proposal
from tests.profiling.small_files import Whole, asked

_BILL = "Invoice,Customer ID,SKU,Quantity,Currency,From,To"
_DAYS = "EUR,2026-10-01,2026-10-31"


def _options(proposal: Proposal, column: str) -> tuple[Any, ...]:
    return next(q.options for q in proposal.questions if q.key[-1] == column)


@pytest.mark.parametrize(("tax", "whole_sum", "is_end"), [("4.00", "34.00", True), ("4.00", "30.00", False)])
def test_rows_between_two_totals_are_no_lines_if_they_make_the_last(
    whole: Whole, tax: str, whole_sum: str, is_end: bool
) -> None:
    lines = [f"{_BILL},Amount", f"I1,K1,S1,2,{_DAYS},10.00", f"I1,K2,S1,4,{_DAYS},20.00"]
    end = ["Subtotal,,,,,,,30.00", f"Sales tax (13%),,,,,,,{tax}", f"Total,,,,,,,{whole_sum}"]
    found = whole([*lines, *end])
    assert ("Sales tax (*" in found.words["totals"]) == is_end
    assert bool(asked(found) & {"where", "quantity"}) != is_end


def test_what_the_bills_total_adds_up_is_the_amount_though_a_line_is_of_half_a_month(whole: Whole) -> None:
    rows = [
        f"I1,K1,S1,2,{_DAYS},5.00,7.00,10.00,14.00",
        f"I1,K2,S1,4,{_DAYS},5.00,7.00,20.00,28.00",
        f"I1,K3,S1,2,{_DAYS},5.00,7.00,4.84,6.77",
    ]
    head = f"{_BILL},EK netto,UVP netto,EK gesamt,UVP gesamt"
    found = whole([head, *rows, "Summe,,,,,,,,,34.84,48.77"])
    assert (found.columns["amount"], found.columns["unit_cost"]) == ("EK gesamt", {"made_of": "amount"})
    other = [row.replace("5.00,7.00", "6.00,8.00") for row in rows]  # the price explains no row
    assert "amount" in asked(whole([head, *other, "Summe,,,,,,,,,34.84,48.77"]))


def test_an_amount_with_tax_where_it_is_not_quantity_times_price_is_asked(whole: Whole) -> None:
    head = f"{_BILL},Unit Cost,Tax,Total"
    rows = [f"I1,K{at},S1,2,{_DAYS},5.00,0.00,10.00" for at in (1, 2)]
    assert "amount" in asked(whole([head, *rows, f"I1,K3,S1,2,{_DAYS},5.00,1.00,11.00"]))
    half = whole([head, *rows, f"I1,K3,S1,2,{_DAYS},5.00,0.00,4.84"])
    assert (half.columns["amount"], half.columns["unit_cost"]) == ("Total", {"made_of": "amount"})


def test_a_total_counts_credit_notes_as_what_they_are(whole: Whole) -> None:
    head = "Kind,Invoice,Customer ID,Item Code,Qty,Price,Net,Currency,From,To"
    rows = [f"Invoice,R{at},K{at},A,4,5.00,20.00,{_DAYS}" for at in (1, 2)]
    rows.append(f"Credit note,R3,K1,A,1,5.00,5.00,{_DAYS}")
    found = whole([head, *rows, "Total,,,,,,35.00,,,"], "invoice_lines")
    test = {"negative_if": {"Kind": ["Credit note"]}, "as_written_if": {"Kind": ["Invoice"]}}
    assert found.columns["amount"] == {"heading": "Net", **test}
    assert "amount" in asked(whole([head, *rows, "Total,,,,,,45.00,,,"], "invoice_lines"))


def test_a_credit_for_something_cancelled_counts_and_a_cancelled_row_is_asked(whole: Whole) -> None:
    head = "Invoice,Customer ID,Service,Quantity,Unit Cost,Amount,Currency,From,To"
    line = f"I1,K1,Backup,2,5.00,10.00,{_DAYS}"
    credit = f"I1,K1,Credit - backup cancelled,1,-5.00,-5.00,{_DAYS}"
    assert "where" not in asked(whole([head, line, credit]))
    assert "where" in asked(whole([head, line, credit.replace("-5.00", "5.00")]))
    sorted_by = [f"{head},Kind", f"{line},Charge", f"{credit},Credit cancelled"]
    assert "where" in asked(whole(sorted_by))


def test_seats_in_use_are_never_more_than_those_bought(whole: Whole) -> None:
    head = "Customer ID,SKU,Purchased Seats,Seats In Use"
    found = whole([head, "K1,S1,25,22", "K2,S1,45,45"], "license_counts")
    assert found.columns["assigned_quantity"] == "Seats In Use"
    more = whole([head, "K1,S1,25,22", "K2,S1,45,46"], "license_counts")
    assert "assigned_quantity" not in more.columns


def test_user_licenses_are_no_used_licenses_with_a_typing_error(whole: Whole) -> None:
    head = "Customer ID,SKU,User Licenses,Active Users,Functional Accounts"
    found = whole([head, "K1,S1,25,22,4", "K2,S1,45,45,12"], "license_counts")
    assert found.columns["entitled_quantity"] == "User Licenses"
    assert found.columns["assigned_quantity"] == "Active Users"
    added = "Customer ID,SKU,Licenses,Active Users,Extra Licenses"
    assert "entitled_quantity" in asked(whole([added, "K1,S1,25,22,4", "K2,S1,45,45,12"], "license_counts"))
    typed = whole(["Customer ID,SKU,Purchased,Usad Licenses", "K1,S1,25,22"], "license_counts")
    assert typed.columns["assigned_quantity"] == "Usad Licenses"


def test_a_column_for_each_sku_is_offered_with_what_is_measured(whole: Whole) -> None:
    rows = ("K1,14,2,840.52", "K2,31,4,210.07")
    found = whole(["Customer ID,Workstations,Servers,Cloud storage (GB)", *rows], "license_counts")
    assert _options(found, "sku_id")[0]["unpivot"]["keep"] == ["Customer ID"]


def test_an_invoice_above_the_headings_for_several_customers_is_a_bill(whole: Whole) -> None:
    head = "Customer,SKU,Quantity,Amount,Start date,End date"
    lines = [f"{customer},S1,2,10.00,2026-10-01,2026-10-31" for customer in ("Alder", "Birch", "Cedar")]
    found = whole(["Invoice number,5041", head, *lines], None)
    assert (found.dataset, found.is_certain) == ("vendor_charges", True)
    assert not whole([head, *lines], None).is_certain


def test_one_invoice_to_one_customer_may_be_a_bill(whole: Whole) -> None:
    head = "Customer,Invoice Number,Invoice Date,Due Date,Item,Quantity,Price,Amount,Tax Amount,Ship To"
    lines = [f"Us,R1,2026-10-01,2026-10-31,S{at},2,5.00,10.00,0.00,Here" for at in range(3)]
    found = whole([head, *lines], None)
    assert (found.dataset, found.is_certain) == ("invoice_lines", False)
    two = [line.replace("Us,R1", f"C{at},R{at}") for at, line in enumerate(lines * 2)]
    assert whole([head, *two], None).is_certain


def test_a_list_of_clients_is_known_by_addresses_in_other_languages(whole: Whole) -> None:
    lines = [
        "Numéro compte,Intitulé,Adresse,Code postal,Ville,Téléphone",
        "C-1,Boulangerie Lefèvre,12 rue des Écoles,69003,Lyon,04 72 00 11 22",
        "C-2,Cabinet Moreau,3 place Bellecour,69002,Lyon,04 72 00 33 44",
    ]
    found = whole(lines, None)
    assert (found.dataset, found.is_certain) == ("clients", True)
    assert found.columns["client_name"] == "Intitulé"


def test_two_ends_of_an_agreement_are_a_question(whole: Whole) -> None:
    head = "Vertrag,Kunden-Nr.,Artikel,Menge,VK,Währung,Vertragsbeginn,Gekündigt zum"
    rows = ("V1,K1,A,5,2.50,EUR,2026-01-01,", "V2,K2,A,7,2.50,EUR,2026-02-01,2026-10-31")
    found = whole([f"{head},Laufzeitende", *(f"{row},2027-01-31" for row in rows)], "agreements")
    assert [o["heading"] for o in _options(found, "effective_end")] == ["Gekündigt zum", "Laufzeitende"]
    assert "effective_end" not in asked(
        whole([f"{head},Angelegt am", *(f"{row},2026-01-31" for row in rows)], "agreements")
    )


def test_a_month_in_words_is_the_period(whole: Whole) -> None:
    head = "Customer ID,SKU,Quantity,Amount,Currency,Month"
    found = whole([head, "K1,S1,2,10.00,EUR,October 2026", "K2,S1,1,5.00,EUR,October 2026"])
    assert found.columns["charge_period_start"] == {"heading": "Month", "take": "month_start"}
    assert found.words["dates"] == "MMMM YYYY"


def test_what_is_charged_one_time_is_known_however_it_is_written(whole: Whole) -> None:
    head = f"{_BILL},Amount,Charge Type"
    rows = (f"I1,K1,S1,2,{_DAYS},10.00,Recurring", f"I1,K1,S2,1,{_DAYS},90.00,One-Time")
    values = {"Recurring": "recurring", "One-Time": "one_time"}
    assert whole([head, *rows]).columns["charge_category"] == {"heading": "Charge Type", "values": values}
