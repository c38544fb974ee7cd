"""Kinds of documents and of charges that no list knows: a document may give back what it names, and what is
metered is no licence.

Belongs here: files of a few rows each. Does not: credits that are called so (``test_asking_money``).
"""

from __future__ import annotations

import pytest

from tests.profiling.small_files import Whole, asked

_HEAD = "Number,{},Customer ID,SKU,Description,Qty,Price,Net,Currency,From,To"


def _lines(heading: str, *rows: tuple[str, str]) -> list[str]:
    days = "EUR,2026-10-01,2026-10-31"
    lines = [f"D{at},{kind},K{at},S1,Licence,1,{net},{net},{days}" for at, (kind, net) in enumerate(rows)]
    return [_HEAD.format(heading), *lines]


@pytest.mark.parametrize(
    ("heading", "kinds", "is_asked"),
    [
        ("Document Type", ("Invoice", "Invoice", "Cr.Memo"), True),
        ("Voucher Type", ("Sales", "Sales", "Sales Return Voucher"), True),
        ("Belegart", ("RE", "RE", "ST"), True),  # codes: those of the most rows are invoices
        ("Type de pièce", ("Facture", "Facture", "Annulation"), True),
        ("DocumentType", ("Invoice", "Sales invoice", "Invoice"), False),
        ("Delivery Type", ("Ground", "Ground", "Air"), False),  # of no document
        ("Invoice Type", ("OneTime", "OneTime", "Recurring"), False),  # all of them invoices
    ],
)
def test_a_kind_of_document_that_no_list_has_may_give_back(
    whole: Whole, heading: str, kinds: tuple[str, ...], is_asked: bool
) -> None:
    found = whole(_lines(heading, *((kind, f"{12 + at}.50") for at, kind in enumerate(kinds))))
    assert ("amount" in asked(found)) == is_asked


def test_a_document_whose_money_has_a_minus_says_so_itself(whole: Whole) -> None:
    found = whole(_lines("Document Type", ("Invoice", "12.50"), ("Invoice", "8.50"), ("Return", "-3.50")))
    assert found.columns["amount"] == "Net"


@pytest.mark.parametrize(
    ("headings", "category"),
    [
        ("Meter ID,Quantity", {"constant": "usage"}),
        ("Product,Consumed Quantity", "TODO"),
        ("Product,Quantity", {"constant": "recurring"}),
    ],
)
def test_what_is_metered_is_no_licence_though_a_subscription_stands_beside(
    whole: Whole, headings: str, category: object
) -> None:
    head = f"Invoice,Customer ID,Subscription ID,{headings},Unit Price,Amount,Currency,Start Date,End Date"
    days = "EUR,2026-10-01,2026-10-31"
    found = whole([head, f"I1,K1,a,m1,2,5.25,10.50,{days}", f"I1,K2,b,m2,3,1.25,3.75,{days}"])
    assert found.columns["charge_category"] == category
