"""Every figure on the pages of months, findings and files equals what
`mbr sql` answers to a query written here (contract §12).

Belongs here: what each page must say, from the published tables; of versions and people the
ledger's entries, of files the files. A figure that no query accounts for fails its page, as does one that is
missing. Does not: whether published figures are right (tests/worlds).
"""

from __future__ import annotations

import pytest

from tests.serve.browsing import Visitor
from tests.serve.figures import expected
from tests.serve.figures.books import HERE, MSP, NAME, Books, closed, paid
from tests.serve.figures.files import hold_files
from tests.serve.figures.findings import hold_findings
from tests.serve.figures.holding import hold


def test_the_board(visitor: Visitor, books: Books, published: set[str]) -> None:
    august, september = (Books(books.root, MSP, period) for period in ("2026-08", "2026-09"))
    ours = [
        *expected.on_board(august, NAME),
        *expected.on_board(september, NAME),
        *expected.on_board(books, NAME, version=1),
    ]
    hold(visitor, "/?q=northwind", ours, published)
    harbour = Books(books.root, "harbour", "2026-09")
    of_september = [
        *expected.on_board(september, NAME),
        *expected.on_board(harbour, "Harbour Managed Services harbour"),
    ]
    hold(visitor, "/?period=2026-09", of_september, published)


def test_the_month(visitor: Visitor, books: Books, published: set[str]) -> None:
    hold(visitor, HERE, [("p", "closed v1 passed"), *expected.on_overview(books)], published)


@pytest.mark.parametrize(
    ("show", "where"), [("todo", "status = 'open'"), ("decided", "status = 'decided'"), ("all", "true")]
)
def test_the_worklist(visitor: Visitor, books: Books, published: set[str], show: str, where: str) -> None:
    counted = [
        books.one(f"select count(*) from fct_exceptions where $here and {each}")
        for each in ("status = 'open'", "status = 'decided'", "true")
    ]
    figures = [
        ("nav", "To do {} Decided {} All {}".format(*counted)),
        ("p", closed(books)),
        *expected.choices(books),
        *expected.findings(books, where),
    ]
    hold(visitor, f"{HERE}/worklist?show={show}", figures, published)


def test_every_finding(visitor: Visitor, books: Books, published: set[str]) -> None:
    hold_findings(visitor, books, published, closed(books))


def test_the_decisions(visitor: Visitor, books: Books, published: set[str]) -> None:
    rows = books.sql("select * from fct_decisions where $here and exception_id is not null")
    assert len(rows) == 7
    figures = [
        ("p", f"{closed(books)}. Withdrawing still ends a waiver for months that are not closed."),
        *(
            (f"others | {row['exception_id']} | {column}", paid(row[name]))
            for row in rows
            for column, name in (("Money seen", "impact_seen"), ("Money now", "impact_now"))
        ),
    ]
    hold(visitor, f"{HERE}/decisions", figures, published)


def test_the_mapping(visitor: Visitor, books: Books, published: set[str]) -> None:
    said = f"{closed(books)}. What is listed here can be mapped in a month that is open."
    hold(visitor, f"{HERE}/mapping", [("p", said), *expected.mapping(books)], published)


def test_the_files(visitor: Visitor, books: Books) -> None:
    hold_files(visitor, books, f"{closed(books)}. No file can be landed here until then.")
