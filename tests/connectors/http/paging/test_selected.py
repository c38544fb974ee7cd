"""Paging in a query language: what is counted, and what a page says of itself.

Belongs here: counts and positions. Does not: how pages follow each other (``test_paginators``).
"""

from __future__ import annotations

from typing import Any

import pytest

from connectors.http.errors import FetchError, Inconsistent, Malformed
from connectors.http.paging.base import Request
from connectors.http.paging.selected import Select
from connectors.testing.server import Asked, Reply, serving
from tests.connectors.http.paging.styles import ids
from tests.connectors.http.wire import opened

_WHAT = "from x where a >= '1'"
_COUNTED = Select(3, "id", total="count", position="from", held="held")


def read(answers: dict[str, Any]) -> list[tuple[list[Any], int | None]]:
    """The pages of a vendor that answers ``count``, and page by page from each position on."""

    def app(asked: Asked) -> Reply:
        statement = asked.query["query"]
        if statement == f"select count(*) {_WHAT}":
            return Reply.json(answers["count"])
        start = statement.removeprefix(f"select * {_WHAT} orderby id startposition ")
        return Reply.json(answers.get(start.removesuffix(" maxresults 3"), {"items": []}))

    with serving(app) as server, opened(server.url) as client:
        request = Request(f"{server.url}/query", {"query": _WHAT})
        return [(page.records, page.total) for page in _COUNTED.pages(client, request, "items")]


def test_every_page_is_given_the_count_that_was_asked_for_first() -> None:
    pages = read(
        {"count": {"count": 2}, "1": {"items": ids(1)}, "2": {"items": ids(2), "from": 2, "held": 1}}
    )
    assert [([record["id"] for record in records], total) for records, total in pages] == [
        (["1"], 2),
        (["2"], 2),
        ([], 2),
    ]


def test_a_count_of_none_is_held_against_a_page_all_the_same() -> None:
    assert read({"count": {"count": 0}}) == [([], 0)]
    assert read({"count": {"count": 0}, "1": {"items": [], "from": 0, "held": 0}}) == [([], 0)]
    assert [total for _, total in read({"count": {"count": 0}, "1": {"items": ids(1)}})] == [0, 0]


@pytest.mark.parametrize(
    ("answers", "error", "told"),
    [
        ({"count": {}}, Malformed, "answered without count"),
        ({"count": {"count": "many"}}, Malformed, "states count as something that is no count"),
        ({"count": {"error": "no"}}, Malformed, 'answered without count: "no"'),
        (
            {"count": {"count": 2}, "1": {"items": ids(1), "from": 2}},
            Inconsistent,
            "says from is 2 where it is 1",
        ),
        (
            {"count": {"count": 2}, "1": {"items": ids(1), "held": 2}},
            Inconsistent,
            "says held is 2 where it is 1",
        ),
        (
            {"count": {"count": 4}, "1": {"items": ids(1, 2)}, "3": {"items": ids(1, 2)}},
            Inconsistent,
            "sent the same page again from record 3 on",
        ),
    ],
)
def test_what_does_not_add_up_is_an_error(
    answers: dict[str, Any], error: type[FetchError], told: str
) -> None:
    with pytest.raises(error, match=told):
        read(answers)
