"""Rows that may not count: drafts, void invoices, lines of tax, what is out of use.

Belongs here: when it is asked. Does not: other kinds that rows show (``test_kinds_of_rows``).
"""

from __future__ import annotations

import pytest

from tests.profiling.small_files import Whole, asked

_INVOICES = "Invoice,Customer,Item,From,To,Currency,Qty,Rate,Amount"


def _lines(*rows: str) -> list[str]:
    dates = "2026-10-01,2026-10-31,EUR"
    return [_INVOICES, *(f"{row[: row.index('|')]},{dates},{row[row.index('|') + 1 :]}" for row in rows)]


@pytest.mark.parametrize(
    ("more", "texts", "is_asked"),
    [
        ("Invoice Status", ("Paid", "Draft"), True),
        ("Invoice Status", ("Paid", "void"), True),
        ("Processing Type", ("Charge", "Tax"), True),
        ("Invoice Status", ("Paid", "Overdue"), False),  # both are issued
        ("Invoice Status", ("Draft", "Void"), True),  # nothing else is there: which of the two
        ("Invoice Status", ("Draft", "Draft"), False),  # a file of drafts is what is about to go out
        ("Tax Type", ("GST", "none"), False),  # a rate of tax beside a line, not a line of tax
    ],
)
def test_drafts_void_invoices_and_lines_of_tax_are_a_question(
    whole: Whole, more: str, texts: tuple[str, str], is_asked: bool
) -> None:
    lines = _lines("R1,A,M365|5,10.00,50.00", "R2,B,Backup|3,10.00,30.00")
    lines = [f"{line},{text}" for line, text in zip(lines, (more, *texts), strict=True)]
    proposal = whole(lines, "invoice_lines")
    assert ("where" in asked(proposal)) == is_asked
    options = [question.options for question in proposal.questions if question.key == ("where",)]
    only = tuple({"only": {more: [text]}} for text in texts)
    assert options == ([only if texts[0] == "Draft" else only[:1]] if is_asked else [])


@pytest.mark.parametrize(
    ("more", "texts", "kept"),
    [
        ("isinactive", ("false", "true"), ["false"]),
        ("Paused", ("", "Yes"), [""]),
        ("Is Active", ("1", "0"), ["1"]),
        ("Taxable", ("false", "true"), None),
        ("Billable", ("Yes", "No"), None),  # there, at no price: a word of the price says so
        ("isinactive", ("false", "false"), None),
    ],
)
def test_rows_that_a_column_calls_out_of_use_are_a_question(
    whole: Whole, more: str, texts: tuple[str, str], kept: list[str] | None
) -> None:
    head = f"Agreement,Company ID,Product ID,Quantity,Price,Start Date,Currency,{more}"
    rows = [f"A1,C1,P{at},2,5.00,2025-01-01,EUR,{text}" for at, text in enumerate(texts)]
    proposal = whole([head, *rows], "agreements")
    options = [question.options for question in proposal.questions if question.key == ("where",)]
    assert options == ([({"only": {more: kept}},)] if kept else [])
