"""What a person is told of a file: repeated headings, long cells, money with tax.

Belongs here: texts of questions and notes. Does not: when something is asked.
"""

from __future__ import annotations

from tests.profiling.small_files import Proposed, Whole, asked

_MOST = 2_000


def _texts(*lines: str) -> list[str]:
    head = "Invoice,Customer ID,SKU,Type,Qty,Unit Cost,Amount,Currency,From,To,Status"
    return [head, *lines]


def test_long_cells_are_cut_in_what_is_asked(whole: Whole) -> None:
    plain = "I2,K2,S1,Subscription,2,5.50,11.00,EUR,2026-10-01,2026-10-31,sent"
    for cell in ("2", "11.00", "EUR", "2026-10-01", "Subscription", "sent"):
        for long in ("9" * 5_000, "x" * 5_000, "draft " * 1_000):
            found = whole(_texts(plain.replace("I2,K2", "I1,K1").replace(cell, long.strip(), 1), plain))
            told = [q.text for q in found.questions] + list(found.column_why.values())
            assert max(map(len, told)) < 5_000, (cell, long[:9])
            assert not any(long.strip() in text for text in told)


def test_a_quantity_with_a_cell_that_is_no_number_is_named(whole: Whole) -> None:
    lines = _texts(
        "I1,K1,S1,Subscription,two,5.50,11.00,EUR,2026-10-01,2026-10-31,sent",
        "I2,K2,S1,Subscription,2,5.50,11.00,EUR,2026-10-01,2026-10-31,sent",
    )
    [question] = [q for q in whole(lines).questions if q.key[-1] == "quantity"]
    assert "“Qty” has cells that are no numbers, such as “two”" in question.text


def test_columns_of_one_heading_are_explained(whole: Whole) -> None:
    head = "Invoice,Customer ID,SKU,Type,Qty,Price,Amount,Amount,Currency,From,To"
    found = whole([head, "I1,K1,S1,Subscription,2,5.50,11.00,13.20,EUR,2026-10-01,2026-10-31"])
    assert "“Amount” is the heading of several columns: Amount#1 is the first of them" in found.notes
    assert "amount" in asked(found)


def test_what_to_do_about_money_with_tax_is_said(proposed: Proposed) -> None:
    for head, row in (
        ("Qty,Unit Price,Amount incl. VAT", "2,5.50,13.20"),
        ("Qty,Unit Price incl. VAT,Amount incl. VAT", "2,5.50,11.00"),
    ):
        [text] = [q.text for q in proposed(head, row).questions if q.key == ("columns", "amount")]
        assert "export the file with amounts before tax" in text, text
