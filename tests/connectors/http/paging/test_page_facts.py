"""What a page says of the next one: link headers, totals, cursors and tokens.

Belongs here: how it is read, and what is refused. Does not: whole walks (``test_paginators``).
"""

from __future__ import annotations

import re
from typing import Any

import pytest

from connectors.http.errors import FetchError, Inconsistent, Malformed, OutOfBounds
from connectors.http.paging.base import Paginator, Request
from connectors.http.paging.linked import ContinuationToken, LinkHeader, NextUrl, Token, forward_only
from connectors.http.paging.numbered import AfterId, OnePage, OneRecord, PageNumber
from connectors.testing.server import Asked, Reply, serving
from tests.connectors.http.paging.styles import (
    SIZE,
    STYLES,
    THREE,
    by_link,
    ids,
    number_in,
    numbers,
    walked,
)
from tests.connectors.http.wire import opened


@pytest.mark.parametrize(
    "header",
    [
        '<{0}>; rel="next"',
        "<{0}>; rel=next",
        "<{0}>;rel='next'",
        '<{0}>; REL="Next"',
        '<{0}> ; rel = "next"',
        '<{0}>; rel="prev next"',
        '<{0}>; title="a, b; c=d <e>"; rel="next"',
        '</first?a=1,2>; rel="first", <{0}>; rel="next"',
        '<{0}>; rel="next", </last>; rel="last"',
        '<{0};v=1?x=1>; rel="next"',
        '<{0}>; title="rel=\\"prev\\""; rel="next"',
        '</x>; title="rel=next", <{0}>; rel=next; x',
        '<{0}>; type="a=b"; rel="next"',
        ',<{0}>; rel="next",',
    ],
)
def test_a_link_header_is_read_as_the_standard_says(header: str) -> None:
    """RFC 8288: whatever other parameters there are, a next page that is overlooked is a short walk."""

    def app(asked: Asked) -> Reply:
        is_first = asked.path == "/items"
        return Reply.json(
            ids(1 if is_first else 2), headers={"Link": header.format("/more")} if is_first else {}
        )

    with serving(app) as server:
        assert numbers(walked(server, LinkHeader(), "")) == [[1], [2]]
        assert server.asked[1].path.split(";")[0] == "/more"


@pytest.mark.parametrize(
    "header",
    [
        '</first>; rel="first"',
        '</x>; rel="nexthop"',
        '</x>; rel="prev"; title="next"',
        '</x>; title="a; rel=next"',
        "",
    ],
)
def test_a_link_header_without_a_next_page_is_the_end(header: str) -> None:
    with serving(lambda asked: Reply.json(ids(1), headers={"Link": header})) as server:
        assert numbers(walked(server, LinkHeader(), "")) == [[1]]


@pytest.mark.parametrize("header", ["/items?page=2; rel=next", "<broken", "next", '>; rel="next"'])
def test_a_link_header_that_cannot_be_read_is_an_error_and_not_the_end(header: str) -> None:
    with (
        serving(lambda asked: Reply.json(ids(1), headers={"Link": header})) as server,
        pytest.raises(Malformed, match="Link"),
    ):
        walked(server, LinkHeader(), "")


def test_a_link_header_that_leads_nowhere_is_an_error() -> None:
    with (
        serving(lambda asked: Reply.json(ids(1), headers={"Link": '<>; rel="next"'})) as server,
        pytest.raises(Inconsistent, match="points back"),
    ):
        walked(server, LinkHeader(), "")


def test_a_count_asked_for_first_is_the_total_of_every_page() -> None:
    """A proxy that takes the Link header away would make a short walk of it."""

    def app(asked: Asked) -> Reply:
        return (
            Reply.json({"count": 7})
            if asked.path == "/items/count"
            else by_link(THREE, lambda n: f"?page={n}")(asked)
        )

    with serving(app) as server, opened(server.url) as client:
        pages = list(
            forward_only(SIZE, "/count").pages(
                client, Request(f"{server.url}/items", {"conditions": "a=1"}), ""
            )
        )
        assert [page.total for page in pages] == [7, 7, 7]
        assert [(asked.path, asked.query.get("conditions")) for asked in server.asked] == [
            ("/items/count", "a=1"),
            ("/items", "a=1"),
            ("/items", None),
            ("/items", None),
        ]
        assert [asked.headers.get("pagination-type") for asked in server.asked] == [None] + [
            "forward-only"
        ] * 3


# --- what an answer says of itself


@pytest.mark.parametrize(
    "paginator",
    [
        PageNumber(3, total="total"),
        Token("next", "cursor", 3, "limit", total="total"),
        NextUrl("next", total="total"),
        ContinuationToken(total="total"),
    ],
    ids=repr,
)
@pytest.mark.parametrize("total", [-1, "x", 1.5, True, [], {}, "", "٣"])
def test_a_total_that_is_no_count_is_an_error(paginator: Paginator, total: object) -> None:
    with (
        serving(lambda asked: Reply.json({"items": ids(1), "total": total})) as server,
        pytest.raises(Malformed, match="total"),
    ):
        walked(server, paginator)


@pytest.mark.parametrize("total", [None, "7", 7])
def test_a_total_is_handed_on_as_it_is_stated(total: object) -> None:
    with (
        serving(lambda asked: Reply.json({"items": ids(1), "total": total})) as server,
        opened(server.url) as client,
    ):
        (page,) = NextUrl("next", total="total").pages(client, Request(server.url), "items")
    assert page.total == (None if total is None else 7)


def test_a_page_other_than_the_one_asked_for_is_an_error() -> None:
    with (
        serving(lambda asked: Reply.json({"items": ids(1), "number": 1, "count": 9})) as server,
        pytest.raises(Inconsistent, match="asked for page 2 and sent page 1"),
    ):
        walked(server, PageNumber(1, number="number", page_count="count"))


def test_a_count_of_pages_that_moves_is_an_error() -> None:
    """Two pages are left of three: what stood on the third has moved up, past the page that was read."""
    with (
        serving(number_in(THREE, 1, count=lambda number: 3 if number == 1 else 2)) as server,
        pytest.raises(Inconsistent),
    ):
        walked(server, PageNumber(SIZE, page_count="count"))


@pytest.mark.parametrize("ids_sent", [[1, 3, 2], [2, 1], [1, 1], ["a"], [None], [-1], [1.5], [True], [[]]])
def test_ids_that_do_not_rise_are_an_error_where_the_last_one_leads_on(ids_sent: list[Any]) -> None:
    with (
        serving(lambda asked: Reply.json([{"id": each} for each in ids_sent])) as server,
        pytest.raises((Inconsistent, Malformed)),
    ):
        walked(server, AfterId("id", 5), "")


@pytest.mark.parametrize(
    ("link", "error"), [(5, None), (True, Malformed), (["x"], Malformed), ({"x": 1}, Malformed)]
)
def test_a_cursor_is_a_text_or_a_number(link: object, error: type[FetchError] | None) -> None:
    def app(asked: Asked) -> Reply:
        return Reply.json({"items": ids(1), "next": link if "cursor" not in asked.query else None})

    with serving(app) as server:
        if error:
            with pytest.raises(error):
                walked(server, Token("next", "cursor", 1, "limit"))
        else:
            assert len(walked(server, Token("next", "cursor", 1, "limit"))) == 2
            assert server.asked[1].query["cursor"] == "5"


@pytest.mark.parametrize("link", [True, ["x"], {"x": 1}])
def test_a_next_page_that_is_no_address_is_an_error(link: object) -> None:
    with (
        serving(lambda asked: Reply.json({"items": ids(1), "next": link})) as server,
        pytest.raises(Malformed),
    ):
        walked(server, NextUrl("next"))


@pytest.mark.parametrize(
    "following",
    [
        {},
        {"uri": "/x"},
        {"headers": None},
        {"headers": []},
        {"headers": [{"key": "other", "value": "x"}]},
        "x",
        ["x"],
        {"headers": [{"key": "MS-ContinuationToken", "value": ""}]},
        {"headers": [{"key": "MS-ContinuationToken"}]},
        {"headers": [{"key": "MS-ContinuationToken", "value": "a\r\nx: y"}]},
        {"headers": [{"key": "MS-ContinuationToken", "value": "tökén"}]},
    ],
)
def test_a_next_page_without_a_usable_token_is_an_error(following: object) -> None:
    with serving(lambda asked: Reply.json({"items": ids(1), "links": {"next": following}})) as server:
        with pytest.raises((Malformed, OutOfBounds)):
            walked(server, ContinuationToken())
        assert len(server.asked) == 1


@pytest.mark.parametrize("more", ["next", "@odata.nextLink", "paging.next"])
def test_a_second_page_of_what_has_only_one_is_an_error(more: str) -> None:
    body: dict[str, Any] = {"items": ids(1), "next": "/x", "@odata.nextLink": "/x", "paging": {"next": "/x"}}
    with serving(lambda asked: Reply.json(body)) as server, pytest.raises(Inconsistent):
        walked(server, OnePage(more))


@pytest.mark.parametrize("value", [None, "", False])
def test_one_page_is_one_page(value: object) -> None:
    with serving(lambda asked: Reply.json({"items": ids(1), "next": value})) as server:
        assert numbers(walked(server, OnePage("next"))) == [[1]]
        assert len(server.asked) == 1


def test_one_record_is_the_answer_itself_and_must_be_one() -> None:
    with serving(lambda asked: Reply.json({"id": 5} if asked.query else {"message": "gone"})) as server:
        assert walked(server, OneRecord(), "", {"x": "1"}) == [[{"id": "5"}]]
        with pytest.raises(Malformed, match=re.escape('without id: "gone"')):
            walked(server, OneRecord(), "")


@pytest.mark.parametrize("name", STYLES)
@pytest.mark.parametrize(
    "body", [{"error": "busy"}, {"items": None}, {"items": {}}, None, "items", [[]], {"data": []}], ids=repr
)
def test_an_answer_without_its_list_is_an_error_and_not_an_empty_page(name: str, body: Any) -> None:
    style = STYLES[name]
    if isinstance(body, list) and not style.records:
        body = {}
    with serving(lambda asked: Reply.json(body)) as server, pytest.raises(Malformed, match="list"):
        walked(server, style.paginator, style.records, style.params)
