"""Every figure on the pages of clients and of the close equals what
`mbr sql` answers to a query written here (contract §12).

Belongs here: what each page must say, from the published tables; of versions and people the
ledger's entries, of files the files. A figure that no query accounts for fails its page, as does one that is
missing. Does not: whether published figures are right (tests/worlds).
"""

from __future__ import annotations

import pytest
from requests import Response

from tests.serve.browsing import Visitor
from tests.serve.figures import expected, expected_clients
from tests.serve.figures.books import HERE, Books, amount, paid, plural
from tests.serve.figures.holding import hold


def test_the_clients(visitor: Visitor, books: Books, published: set[str]) -> None:
    hold(
        visitor,
        f"{HERE}/clients",
        expected_clients.client_rows(books, expected_clients.ready(books)),
        published,
    )


def test_every_client(visitor: Visitor, books: Books, published: set[str]) -> None:
    bridges = books.sql("select * from fct_variance_bridge where $here order by client_id")
    assert len(bridges) == 21
    for bridge in bridges:
        client_id = bridge["client_id"]
        figures, drawn = expected_clients.one_client(books, bridge)
        figures += expected_clients.ready_lines(books, client_id)
        assert hold(visitor, f"{HERE}/clients/{client_id}", figures, published) == [drawn], client_id


def test_the_close(visitor: Visitor, books: Books, published: set[str]) -> None:
    ready = books.one("select sum(amount) from fct_invoice_lines_ready_versions where $here and version = 1")
    [entry] = [each for each in books.entries() if each["kind"] == "close"]
    n = int(entry["body"]["version"])
    figures = [
        ("p", f"closed v{n}"),
        (f"versions | {n} | Version", f"{n}"),
        (f"versions | {n} | Ready to invoice", paid(ready)),
        (
            "p",
            f"For a late credit or an error. What is published stays version {n} until the month is run"
            f" again and passes; closing it then makes version {n + 1}.",
        ),
        (f"evidence | {n} | Version", f"{n}"),
        ("button", f"Make it , version {n}"),
    ]
    hold(visitor, f"{HERE}/close", figures, published | {"o1"})


def test_the_close_pack(visitor: Visitor, books: Books, published: set[str]) -> None:
    [clients] = books.sql(
        "select count(distinct client_id) filter (verdict <> 'HOLD') as may_go,"
        " count(distinct client_id) filter (verdict = 'PASS_WITH_WAIVER') as waived,"
        " count(distinct client_id) filter (verdict = 'HOLD') as held from fct_client_gate where $here"
    )
    ready = books.one("select sum(amount) from fct_invoice_lines_ready where $here")
    figures = [
        ("p", "Version 1, closed by DATE · evaluated DATE"),
        ("p", f"Invoices may go for {plural(clients['may_go'], 'client')}"),
        (
            "p",
            f"All controls passed and no client is held. {clients['waived']} of those that may go with a"
            " waived difference.",
        ),
        ("dd Clients", f"{clients['may_go']} may go ({clients['waived']} waived), {clients['held']} held"),
        ("dd Ready to invoice", paid(ready)),
        ("dd Coverage", expected.coverage(books)),
        *expected.facts_of_pack(books),
        *expected.codes_of_pack(books),
        ("p", f"Head of the chain: (entry {len(books.entries())}, DATE)"),
    ]
    hold(visitor, f"{HERE}/pack", figures, published | {"o1"})


class _Altered(Visitor):
    """Sees another text in place of one."""

    def __init__(self, visitor: Visitor, text: str, other: str) -> None:
        super().__init__(visitor.address)
        self.session, self._text, self._other = visitor.session, text, other

    def _kept(self, answer: Response) -> Response:
        super()._kept(answer)
        assert self._text in self.page
        self.page = self.page.replace(self._text, self._other, 1)
        return answer


def test_a_page_with_a_wrong_an_unknown_or_a_missing_figure_is_seen(
    visitor: Visitor, books: Books, published: set[str]
) -> None:
    ready = amount(
        books.one("select sum(amount) from fct_invoice_lines_ready where $here and client_id = 'C1009'")
    )
    for other, said in ((ready[:-1] + "9", "no query"), (f"{ready} of 7", "no query"), ("", "missing")):
        with pytest.raises(AssertionError, match=said):
            test_the_clients(_Altered(visitor, ready, other), books, published)
    test_the_clients(_Altered(visitor, "Clients", "Clients"), books, published)
