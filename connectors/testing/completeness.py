"""What a fetch must hold against the vendor's own words: totals, promised fields, and the month.

What belongs here: the demands that fall on one part of a declaration, ``total``, ``required`` or ``belongs``,
so that a source that leaves it out fails. What does not: misbehaviour that hits every source alike
(``hostile``), and the other demands (``conformance``).

What a vendor promises stands in its fake, which is written from the vendor's document, and never in the
declaration: what is forgotten there would be forgotten here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import ClassVar

import pytest

from connectors.fetch_feed import facts
from connectors.http.errors import Inconsistent, Malformed
from connectors.spec import SourceSpec
from connectors.testing.fetching import FIRST, TODAY, fetch, ordered
from connectors.testing.server import Asked, Reply
from connectors.testing.tampering import Tamper, changed, json_of, nodes, records_of, with_total, without
from connectors.testing.vendor import Books, FakeVendor

Heard = dict[str, list[tuple[str, Reply]]]
"""Honest answers by route, each with its path."""


class OnRoute:
    """A fake vendor of whose answers on one route one is tampered with: the ``which``-th that the tampering
    changes. ``struck`` tells whether it came to that, ``heard`` are the honest answers.
    """

    def __init__(
        self, vendor: FakeVendor, route: str = "", tamper: Tamper = lambda reply: reply, which: int = 0
    ) -> None:
        """Name the route by the pattern that the vendor has for it."""
        self.vendor, self._route, self._tamper, self._left = vendor, route, tamper, which
        self.struck = False
        self.heard: Heard = defaultdict(list)

    def __call__(self, asked: Asked) -> Reply:
        """Answer a request."""
        reply, route = self.vendor(asked), self.vendor.route(asked)
        if route and not self.vendor.is_token_request(asked):
            self.heard[route].append((asked.path, reply))
        if self.struck or not route or route != self._route or not _changes(self._tamper, reply):
            return reply
        self.struck = not self._left
        self._left -= 1
        return self._tamper(reply) if self.struck else reply


def _changes(tamper: Tamper, reply: Reply) -> bool:
    return tamper(reply).body != reply.body


def _lost(reply: Reply) -> Reply:
    return changed(lambda records: records.pop())(reply) if records_of(reply) else reply


class Completeness:
    """What falls on a total, a promised field or the month of a source.

    Attributes:
        beside: Canonical records of the months around the books', which must not come out. Where the source
            delivers ``vendor_invoices``, those of the last day before and the first day after are among them.
    """

    spec: ClassVar[SourceSpec]
    vendor: ClassVar[type[FakeVendor]]
    books: ClassVar[Books]
    beside: ClassVar[Books] = {}

    def _heard(self, folder: Path) -> dict[str, Heard]:
        """Return what an honest vendor answers, by dataset and route."""
        heard: dict[str, Heard] = {}
        for dataset in self.spec.datasets:
            app = OnRoute(self.vendor(self.books))
            fetch(self.spec, app.vendor, dataset, folder, app)
            heard[dataset] = app.heard
        return heard

    def _expect_refused(
        self, dataset: str, route: str, which: int, tamper: Tamper, folder: Path, what: str
    ) -> None:
        """Spoil one answer of a walk whose requests are not repeated: the walk must end, and say that the
        answer was at fault.
        """
        app = OnRoute(self.vendor(self.books), route, tamper, which)
        with pytest.raises((Malformed, Inconsistent)):
            fetch(self.spec, app.vendor, dataset, folder, app, attempts=1)
            pytest.fail(f"{dataset} was fetched from {route} {what}")

    def test_every_total_is_held_against_what_arrived(self, tmp_path: Path) -> None:
        """A total off by one, and a record lost under it, end the fetch: in every answer of every route."""
        names = self.vendor.totals
        counted = set()
        for dataset, heard in self._heard(tmp_path).items():
            for route, answers in heard.items():
                _expect_named(route, answers, names)
                if route not in names:
                    continue
                counted.add(route)
                more = with_total(1, names[route])
                assert any(_changes(more, reply) for _, reply in answers), (
                    f"{dataset}: {route} is not counted"
                )
                for what, tamper in (
                    ("with a total of one more", more),
                    ("with a total of one less", with_total(-1, names[route])),
                    ("that lost a record", _lost),
                ):
                    for which in range(sum(_changes(tamper, reply) for _, reply in answers)):
                        self._expect_refused(dataset, route, which, tamper, tmp_path, what)
        assert counted == names.keys(), "a route with a total was never walked"

    def test_every_promised_field_is_demanded(self, tmp_path: Path) -> None:
        """A record without a field that the vendor's document promises ends the fetch: it is another
        document, or half of one.
        """
        every = self._heard(tmp_path)
        for heard in every.values():
            sent = {
                route for route, answers in heard.items() if any(records_of(reply) for _, reply in answers)
            }
            silent = sent - self.vendor.promised.keys()
            assert not silent, f"the fake vendor says nothing of what records of {silent} have"
        for route, fields in self.vendor.promised.items():
            for field in fields:
                tamper, struck = without(field), 0
                for dataset, heard in every.items():
                    for which in range(sum(_changes(tamper, reply) for _, reply in heard.get(route, ()))):
                        self._expect_refused(dataset, route, which, tamper, tmp_path, f"without {field}")
                        struck += 1
                assert struck, f"no answer of {route} has the promised {field}"

    def test_other_months_stay_out(self, tmp_path: Path) -> None:
        """What is dated on the day before or after the month is not of it, whatever the vendor filters."""
        every = {name: [*self.books.get(name, ()), *self.beside.get(name, ())] for name in self.books}
        if any(feed.dataset == "vendor_invoices" for feed in self.spec.feeds):
            known = facts(self.spec.complete(self.vendor({}).settings("http://localhost")), FIRST, TODAY)
            edges = {str(date.fromisoformat(known["dated_start"]) - timedelta(1)), known["dated_end"]}
            dated = {row["invoice_date"] for row in self.beside.get("vendor_invoices", ())}
            assert edges <= dated, f"the books beside the month need invoices of {sorted(edges)}"
        for dataset in self.spec.datasets if self.beside else ():
            _, rows = fetch(self.spec, self.vendor(every), dataset, tmp_path)
            assert ordered(rows) == ordered(self.books[dataset]), dataset


def _expect_named(route: str, answers: list[tuple[str, Reply]], names: Mapping[str, str]) -> None:
    """Refuse a fake vendor that states a total which its ``totals`` do not name: a number beside the records
    of several pages that counts them all.
    """
    for path in dict.fromkeys(path for path, _ in answers):
        pages = [reply for where, reply in answers if where == path and records_of(reply)]
        sizes = [len(records_of(page) or ()) for page in pages]
        if len(pages) < 2 or sum(sizes) in sizes:
            continue
        unnamed = set.intersection(*(_numbers(page, sum(sizes)) for page in pages)) - {names.get(route)}
        assert not unnamed, f"{route} counts its records as {unnamed}: say so in the vendor's totals"


def _numbers(page: Reply, whole: int) -> set[str]:
    beside = (node for node in nodes(json_of(page)) if isinstance(node, dict))
    return {name for node in beside for name, value in node.items() if value == whole and type(value) is int}
