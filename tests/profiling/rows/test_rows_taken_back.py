"""Rows that another column takes back: revisions, cancelled on a day, free of charge, billed to others.

Belongs here: when it is asked whether such rows count. Does not: a status and flags (``test_rows_left_out``).
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.profiling.small_files import Whole

_SOLD = "Invoice,Client ID,Item,Qty,Rate,Amount,Currency,Line Type"
_BILL = "Invoice,Customer ID,SKU,Type,Quantity,Price,Amount,Currency,From,To"


def _ways(proposal: Any) -> tuple[Any, ...]:
    """The answers to which rows are read."""
    return next((q.options for q in proposal.questions if q.key == ("where",)), ())


def _sold(more: str, *texts: str) -> list[str]:
    rows = ("R1,K1,A,2,5.00,10.00", "R1,K1,B,3,5.50,16.50", "R2,K2,A,4,5.00,20.00")
    return [
        f"{_SOLD},{more}",
        *(f"{row},EUR,Recurring,{text}" for row, text in zip(rows, texts, strict=True)),
    ]


def _billed(more: str, *texts: str) -> list[str]:
    rows = ("I1,K1,A,Subscription,2,5.00,10.00", "I1,K2,B,Subscription,3,5.50,16.50")
    both = zip(rows, texts, strict=True)
    return [f"{_BILL},{more}", *(f"{row},EUR,2026-10-01,2026-10-31,{text}" for row, text in both)]


@pytest.mark.parametrize(
    ("heading", "texts", "is_asked"),
    [
        ("Revision", ("1", "2", "1"), True),
        ("Rechnungsversion", ("1", "2", "1"), False),  # one word that no list has
        ("Versie", ("v1", "v2", "v1"), True),
        ("Revision", ("2", "2", "1"), False),  # each invoice has one
        ("Version", ("2019", "2022", "2019"), False),  # of a product
    ],
)
def test_an_invoice_in_several_revisions(
    whole: Whole, heading: str, texts: tuple[str, ...], is_asked: bool
) -> None:
    ways = ({"only": {heading: ["*"]}},)
    assert _ways(whole(_sold(heading, *texts), "invoice_lines")) == (ways if is_asked else ())


@pytest.mark.parametrize(
    ("heading", "text", "is_asked"),
    [
        ("Cancelled On", "2026-11-02", True),
        ("Storniert am", "2026-11-02", True),
        ("Remplacée par", "R7", True),
        ("Superseded By Invoice", "1007", True),
        ("Cancel By", "2026-11-02", False),  # until when it could be
        ("Cancellation Fee", "12.00", False),
        ("Delivered On", "2026-11-02", False),
    ],
)
def test_rows_that_a_day_or_a_number_cancels(whole: Whole, heading: str, text: str, is_asked: bool) -> None:
    ways = ({"only": {heading: [""]}}, {"only": {heading: ["*"]}})
    assert _ways(whole(_sold(heading, "", "", text), "invoice_lines")) == (ways if is_asked else ())


def test_a_bill_of_subscriptions_has_days_on_which_they_are_cancelled(whole: Whole) -> None:
    assert _ways(whole(_billed("Cancellation Date", "", "2026-10-20"))) == ()
    assert _ways(whole(_billed("Voided On", "", "2026-10-20")))[0] == {"only": {"Voided On": [""]}}


@pytest.mark.parametrize(
    ("heading", "text", "is_asked"),
    [
        ("Remark", "free of charge", True),
        ("Bemerkung", "wird nicht berechnet", True),
        ("Remarque", "Gratuit ce mois", True),
        ("Complimentary", "Yes", True),
        ("Remark", "Freedom plan", False),
    ],
)
def test_money_that_a_remark_calls_free(whole: Whole, heading: str, text: str, is_asked: bool) -> None:
    ways = ({"skip": {heading: [text]}}, {"only": {heading: ["*"]}})
    assert _ways(whole(_billed(heading, "", text))) == (ways if is_asked else ())
    free = [line.replace("3,5.50,16.50", "3,0.00,0.00") for line in _billed(heading, "", text)]
    assert _ways(whole(free)) == ()  # there is no money in it


def test_an_agreement_that_a_remark_calls_free_has_a_price_of_zero(whole: Whole) -> None:
    head = "Agreement,Company ID,Product ID,Quantity,Price,Start Date,Currency,Remark"
    rows = ["A1,C1,P1,2,5.00,2025-01-01,EUR,", "A1,C1,P2,2,6.00,2025-01-01,EUR,ohne Berechnung"]
    found = whole([head, *rows], "agreements")
    test = {"zero_if": {"Remark": ["ohne Berechnung"]}, "as_written_if": {"Remark": ["*"]}}
    assert found.options["columns", "unit_price"] == ({"heading": "Price", **test}, "Price")


@pytest.mark.parametrize(
    ("heading", "texts", "ours"),
    [
        ("Bill To", ("Partner", "End customer"), ["Partner"]),
        ("Rechnungsempfänger", ("Fachhändler", "Endkunde"), ["Fachhändler"]),
        ("Billed Direct", ("No", "Yes"), ["No"]),
        ("Bill To", ("Maple Ltd", "Birch Inc"), None),  # names of customers
        ("Ship To", ("Partner", "End customer"), None),
    ],
)
def test_lines_that_the_vendor_bills_to_somebody_else(
    whole: Whole, heading: str, texts: tuple[str, str], ours: list[str] | None
) -> None:
    ways = ({"only": {heading: ours}}, {"only": {heading: ["*"]}})
    assert _ways(whole(_billed(heading, *texts))) == (ways if ours else ())


def test_two_questions_of_rows_are_one_with_answers_to_both(whole: Whole) -> None:
    lines = [
        f"{line},{text}"
        for line, text in zip(
            _billed("Status", "Billed", "Void"), ("Bill To", "Partner", "Customer"), strict=True
        )
    ]
    found = whole(lines)
    both = {"only": {"Status": ["Billed"], "Bill To": ["Partner"]}}
    assert _ways(found) == (both, {"only": {"Status": ["Billed"], "Bill To": ["*"]}})
    assert "says Void" in found.why["where"] and "says Customer" in found.why["where"]
