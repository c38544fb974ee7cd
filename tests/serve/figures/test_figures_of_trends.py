"""Every figure on the page of trends, and in its pictures, equals what
`mbr sql` answers to a query written here (contract §12).

Belongs here: of whom the page is held. Does not: the queries (``trends``).
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.serve.browsing import Visitor
from tests.serve.figures.books import Books, published_texts
from tests.serve.figures.trends import BY, hold_trends


@pytest.mark.parametrize("by", list(BY))
def test_the_trends_of_an_msp_whose_newest_month_is_closed(
    visitor: Visitor, books: Books, published: set[str], by: str
) -> None:
    hold_trends(visitor, books, published, by)


def test_the_trends_of_an_msp_with_open_months_and_two_currencies(visitor: Visitor, root: Path) -> None:
    books = Books(root, "harbour", "2026-09", "GBP")
    hold_trends(visitor, books, published_texts(books), "client")
