"""ConnectWise PSA: credits, credit memos and consolidated invoices.

Belongs here: what a line counts as by the kind of its invoice. Does not: months and prices
(``test_invoices``, ``test_prorated``).
"""

from __future__ import annotations

from pathlib import Path

import pytest

from connectors.sources.connectwise import CONNECTWISE
from connectors.testing.fetching import fetch
from connectors.testing.vendors.connectwise import FakeConnectWise
from tests.connectors.sources.connectwise.books import (
    BOOKS,
    OCTOBER,
    PRORATED,
    Patch,
    landed,
    line,
    october,
    of,
    on_retry,
    shown,
)


def test_what_stands_beside_the_lines_is_counted(tmp_path: Path) -> None:
    fetched, _ = fetch(CONNECTWISE, FakeConnectWise(BOOKS), "invoice_lines", tmp_path)
    assert (
        fetched.counts["additions of products"].rows,
        fetched.counts["additions of products"].reported,
    ) == (5, 5)


# --- credits, credit memos, consolidated invoices


@pytest.mark.parametrize("product", [line(2, -28, -56), line(2, 28, -56), line(-2, 28, -56)])
def test_a_recurring_credit_takes_seats_away_however_it_is_written(product: Patch, tmp_path: Path) -> None:
    rows = landed(tmp_path, "invoice_lines", {("products", 7005): product})
    assert shown(rows) == {"": ("-2", "28", "-56", *OCTOBER, "")}
    # one_time lines are as the vendor writes them
    rows = landed(tmp_path, "invoice_lines", {("products", 7006): product})
    assert shown(rows, "7006")[""][:3] == tuple(f"{value:g}" for value in product.values())


CREDIT_MEMO = {"type": "CreditMemo", "agreement": None}


def test_an_agreement_s_products_on_a_credit_memo_take_their_seats_away(tmp_path: Path) -> None:
    patches: dict[tuple[str, int], Patch] = {
        ("invoices", 3302): CREDIT_MEMO,
        ("products", 7005): line(-2, 28, -56),
    }
    row = of(landed(tmp_path, "invoice_lines", patches), "invoice_line_id", "7005")
    assert (row["charge_category"], row["quantity"], row["amount"]) == ("recurring", "-2", "-56")
    (remark,) = on_retry(tmp_path, patches)
    assert (
        remark
        == "1 records are of credit memos, which ConnectWise ties to no month's invoices: they count in the"
        " month of their memo"
    )
    patches[("agreements", 502)] = {"billingCycle": {"id": 3, "name": "Quarterly"}}
    assert shown(landed(tmp_path, "invoice_lines", patches)) == {
        "": ("-2", "9.3333333333", "-56", "2026-10-01", "2027-01-01", "")
    }
    row = of(landed(tmp_path, "invoice_lines", patches, credit_memos="one_time"), "invoice_line_id", "7005")
    assert (row["charge_category"], row["quantity"], row["unit_price"]) == ("one_time", "-2", "28")


@pytest.mark.parametrize("patch", [{"agreement": None}, {"ticket": {"id": 3}}, {"salesOrder": {"id": 3}}])
def test_other_products_on_a_credit_memo_are_one_time(patch: Patch, tmp_path: Path) -> None:
    patches: dict[tuple[str, int], Patch] = {("invoices", 3302): CREDIT_MEMO, ("products", 7005): patch}
    assert (
        of(landed(tmp_path, "invoice_lines", patches), "invoice_line_id", "7005")["charge_category"]
        == "one_time"
    )
    assert on_retry(tmp_path, patches) == []


CONSOLIDATED = {"type": "Consolidated", "agreement": None}


def test_an_agreement_s_products_on_a_consolidated_invoice_are_recurring(tmp_path: Path) -> None:
    added, product, wanted = PRORATED["since the cycle before"]
    patches = october(added, product, invoices={**CONSOLIDATED, "subtotal": 67.46})
    rows = landed(tmp_path, "invoice_lines", patches)
    assert shown(rows) == wanted
    assert {row["charge_category"] for row in rows if row["invoice_id"] == "3302"} == {
        "recurring"
    }  # -before too
    assert on_retry(tmp_path, patches) == []


def test_a_product_without_agreement_on_a_consolidated_invoice_is_one_time_and_people_are_told(
    tmp_path: Path,
) -> None:
    patches: dict[tuple[str, int], Patch] = {
        ("invoices", 3302): CONSOLIDATED,
        ("products", 7005): {"agreement": None},
    }
    assert (
        of(landed(tmp_path, "invoice_lines", patches), "invoice_line_id", "7005")["charge_category"]
        == "one_time"
    )
    assert on_retry(tmp_path, patches) == [
        "1 records stand on Consolidated invoices, name no agreement, and count as one_time"
    ]
    patches[("products", 7005)]["ticket"] = {"id": 3}
    assert on_retry(tmp_path, patches) == []


def test_nothing_of_a_consolidated_invoice_is_counted_twice(tmp_path: Path) -> None:
    """Invoice 3303 gathers the other two: its subtotal is theirs, and their products name them."""
    patches: dict[tuple[str, int], Patch] = {
        ("invoices", 3303): {**CONSOLIDATED, "subtotal": 1166.75},
        ("products", 7006): {"invoice": {"id": 3302}, "extPrice": 0, "quantity": 0},
    }
    rows = landed(tmp_path, "invoice_lines", patches)
    assert sorted(row["invoice_line_id"] for row in rows) == [
        "3301-rest",
        "7001",
        "7002",
        "7003",
        "7004",
        "7005",
        "7006",
    ]
    (remark,) = on_retry(tmp_path, patches)
    assert remark.startswith("1 records are consolidated invoices whose products do not make their subtotal")


def test_an_agreement_s_invoice_that_names_no_agreement_goes_by_that_of_its_products(tmp_path: Path) -> None:
    patches: dict[tuple[str, int], Patch] = {
        ("invoices", 3302): {"agreement": None},
        ("agreements", 502): {"billingCycle": {"id": 3, "name": "Quarterly"}},
    }
    assert shown(landed(tmp_path, "invoice_lines", patches)) == {
        "": ("2.5", "9.3333333333", "70", "2026-10-01", "2027-01-01", "")
    }
    assert on_retry(tmp_path, patches) == []
    patches[("products", 7005)] = {"agreement": None}
    row = of(landed(tmp_path, "invoice_lines", patches), "invoice_line_id", "7005")
    assert (row["charge_category"], row["unit_price"]) == ("one_time", "28")
    assert on_retry(tmp_path, patches) == [
        "1 records stand on Agreement invoices, name no agreement, and count as one_time"
    ]
