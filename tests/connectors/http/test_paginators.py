"""From page to page: every way of paging against a server that pages like that, honest and not.

Belongs here: which pages are asked for, and where it ends. Does not: what a walk makes of the pages
(``test_walk``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.http.errors import FetchError, Inconsistent, Malformed, OutOfBounds
from connectors.http.paging import base as paginator_base
from connectors.http.paging.base import Paginator, Request
from connectors.http.paging.linked import ContinuationToken, LinkHeader, NextUrl, Token, forward_only
from connectors.http.paging.numbered import AfterId, OnePage, OneRecord, PageNumber
from connectors.testing.server import App, Asked, FakeServer, Reply, serving
from tests.connectors.http.wire import opened

Pages = Sequence[Sequence[dict[str, Any]]]
SIZE = 3


def ids(*numbers: int) -> list[dict[str, Any]]:
    return [{"id": number} for number in numbers]


THREE = (ids(1, 2, 3), ids(4, 5, 6), ids(7))


@dataclass(frozen=True)
class Style:
    """A way of paging: our side, the vendor's side for given pages, and what must be asked for three pages,
    by hand.
    """

    paginator: Paginator
    app: Callable[[Pages], App]
    asked: tuple[str, ...]
    records: str = "items"


def _number(pages: Pages, first: int, param: str = "page", **stated: Callable[[int], Any]) -> App:
    def app(asked: Asked) -> Reply:
        number = int(asked.query[param])
        items = pages[number - first] if 0 <= number - first < len(pages) else []
        return Reply.json({"items": items, **{name: value(number) for name, value in stated.items()}})

    return app


def _all(pages: Pages) -> int:
    return sum(map(len, pages))


def _by_link(pages: Pages, link: Callable[[int], str]) -> App:
    def app(asked: Asked) -> Reply:
        number = int(asked.query.get("page", "1"))
        headers = (
            {"Link": f'<{link(number + 1)}>; rel="next", </items?page=1>; rel="first"'}
            if number < len(pages)
            else {}
        )
        return Reply.json(pages[number - 1] if pages else [], headers=headers)

    return app


def _after(pages: Pages) -> App:
    def app(asked: Asked) -> Reply:
        after = asked.query.get("after")
        starts = [str(page[-1]["id"]) for page in pages]
        number = starts.index(after) + 1 if after is not None else 0
        return Reply.json(pages[number] if number < len(pages) else [])

    return app


def _token(pages: Pages) -> App:
    def app(asked: Asked) -> Reply:
        number = int(asked.query.get("cursor", "page 0").removeprefix("page "))
        following = (
            {"next": f"page {number + 1}"}
            if number + 1 < len(pages)
            else {"next": ""}
            if len(pages) % 2
            else {}
        )
        return Reply.json({"items": pages[number] if pages else [], "paging": following})

    return app


def _next_url(pages: Pages) -> App:
    def app(asked: Asked) -> Reply:
        number = int(asked.query.get("$skip", "0"))
        following = (
            {"@odata.nextLink": f"http://{asked.headers['host']}/items?$skip={number + 1}"}
            if number + 1 < len(pages)
            else {}
        )
        return Reply.json({"items": pages[number] if pages else [], **following})

    return app


def _continued(pages: Pages) -> App:
    def app(asked: Asked) -> Reply:
        number = int(asked.headers.get("ms-continuationtoken", "0"))
        link = {
            "uri": "/items?seekOperation=Next",
            "headers": [
                {"key": "x", "value": "y"},
                {"key": "MS-ContinuationToken", "value": str(number + 1)},
            ],
        }
        following = {"links": {"next": link}} if number + 1 < len(pages) else {"links": {}}
        return Reply.json({"items": pages[number] if pages else [], **following})

    return app


STYLES = {
    "number, first empty page": Style(
        PageNumber(SIZE),
        lambda pages: _number(pages, 1),
        ("page=1&pageSize=3", "page=2&pageSize=3", "page=3&pageSize=3", "page=4&pageSize=3"),
    ),
    "number, total": Style(
        PageNumber(SIZE, first=0, page_param="n", size_param="size", total="total"),
        lambda pages: _number(pages, 0, "n", total=lambda number: _all(pages)),
        ("n=0&size=3", "n=1&size=3", "n=2&size=3"),
    ),
    "number, count of pages": Style(
        PageNumber(SIZE, page_count="count", number="number"),
        lambda pages: _number(pages, 1, count=lambda number: len(pages), number=lambda number: number),
        ("page=1&pageSize=3", "page=2&pageSize=3", "page=3&pageSize=3"),
    ),
    "link header, absolute": Style(
        LinkHeader({"per": "3"}),
        lambda pages: _of_host(
            lambda host: _by_link(pages, lambda number: f"http://{host}/items?page={number}")
        ),
        ("per=3", "page=2", "page=3"),
        "",
    ),
    "link header, path": Style(
        forward_only(SIZE),
        lambda pages: _by_link(pages, lambda n: f"/items?page={n}"),
        ("pageSize=3", "page=2", "page=3"),
        "",
    ),
    "link header, query": Style(
        LinkHeader(),
        lambda pages: _by_link(pages, lambda n: f"?page={n}&x=a,b;c"),
        ("", "page=2&x=a,b;c", "page=3&x=a,b;c"),
        "",
    ),
    "after id": Style(
        AfterId("id", SIZE),
        _after,
        ("pageSize=3", "pageSize=3&after=3", "pageSize=3&after=6", "pageSize=3&after=7"),
        "",
    ),
    "token": Style(
        Token("paging.next", "cursor", SIZE, "limit"),
        _token,
        ("limit=3", "limit=3&cursor=page 1", "limit=3&cursor=page 2"),
    ),
    "next url": Style(NextUrl("@odata.nextLink"), _next_url, ("", "$skip=1", "$skip=2")),
    "continuation token": Style(
        ContinuationToken(), _continued, ("", "seekOperation=Next", "seekOperation=Next")
    ),
}
FOLLOWS_LINKS = ["link header, absolute", "next url", "continuation token"]


def _of_host(make: Callable[[str], App]) -> App:
    return lambda asked: make(asked.headers["host"])(asked)


def walked(
    server: FakeServer, paginator: Paginator, records: str = "items", params: dict[str, str] | None = None
) -> list[list[Any]]:
    with opened(server.url) as client:
        request = Request(f"{server.url}/items", params or {}, {"x-ours": "1"})
        return [page.records for page in paginator.pages(client, request, records)]


def read(style: Style, pages: Pages) -> tuple[list[list[Any]], list[Asked]]:
    with serving(style.app(pages)) as server:
        return walked(server, style.paginator, style.records), server.asked


def numbers(pages: Sequence[Sequence[Any]]) -> list[list[int]]:
    return [[int(record["id"]) for record in page] for page in pages]


@pytest.mark.parametrize("name", STYLES)
def test_three_pages_are_asked_for_one_by_one_and_end(name: str) -> None:
    pages, asked = read(STYLES[name], THREE)
    assert [page for page in numbers(pages) if page] == [[1, 2, 3], [4, 5, 6], [7]]
    assert (
        tuple("&".join(f"{key}={value}" for key, value in each.query.items()) for each in asked)
        == STYLES[name].asked
    )
    assert all(each.headers["x-ours"] == "1" and each.path == "/items" for each in asked)


@pytest.mark.parametrize("name", STYLES)
def test_no_records_are_one_empty_page(name: str) -> None:
    pages, asked = read(STYLES[name], [])
    assert (pages, len(asked)) == ([[]], 1)


@pytest.mark.parametrize("name", STYLES)
@settings(max_examples=25, deadline=None)
@given(cuts=st.lists(st.integers(1, 4), min_size=1, max_size=6))
def test_however_records_are_split_into_pages_all_come_in_order(name: str, cuts: list[int]) -> None:
    """A short page in the middle is not the end, a full one at the end is not the middle."""
    pages, number = [], 0
    for cut in cuts:
        pages.append(ids(*range(number + 1, number + cut + 1)))
        number += cut
    found, _ = read(STYLES[name], pages)
    assert [number for page in numbers(found) for number in page] == list(range(1, number + 1))


@pytest.mark.parametrize("name", ["link header, path", "token", "next url", "continuation token"])
def test_an_empty_page_in_the_middle_is_not_the_end_where_the_vendor_says_there_is_more(name: str) -> None:
    pages, _ = read(STYLES[name], (ids(1), [], ids(2)))
    assert numbers(pages) == [[1], [], [2]]


@pytest.mark.parametrize("name", ["number, total", "number, count of pages"])
def test_an_empty_page_before_the_last_one_is_an_error_where_pages_are_counted(name: str) -> None:
    with pytest.raises(Inconsistent, match="empty page before its last"):
        read(STYLES[name], (ids(1, 2, 3), [], ids(4)))


# --- circles and ends that never come


def _circle(pages: Pages, back_to: int) -> dict[str, App]:
    """Vendors whose third page leads back."""

    def link(number: int) -> str:
        return f"/items?page={number if number < 4 else back_to}"

    return {
        "link header": _by_link([*pages, []], link),
        "token": lambda asked: Reply.json({"items": ids(1), "paging": {"next": "again"}}),
        "next url": lambda asked: Reply.json({"items": ids(1), "@odata.nextLink": f"/items?$skip={back_to}"}),
        "continuation token": lambda asked: Reply.json(
            {
                "items": ids(1),
                "links": {"next": {"headers": [{"key": "MS-ContinuationToken", "value": "again"}]}},
            }
        ),
        "number": lambda asked: Reply.json({"items": ids(1, 2, 3)}),  # the parameter is not known there
    }


OF_CIRCLE: dict[str, tuple[Paginator, str]] = {
    "link header": (LinkHeader(), ""),
    "token": (Token("paging.next", "cursor", SIZE, "limit"), "items"),
    "next url": (NextUrl("@odata.nextLink"), "items"),
    "continuation token": (ContinuationToken(), "items"),
    "number": (PageNumber(SIZE), "items"),
}


@pytest.mark.parametrize("back_to", [1, 2, 3])
@pytest.mark.parametrize("name", OF_CIRCLE)
def test_a_circle_is_an_error_and_soon(name: str, back_to: int) -> None:
    paginator, records = OF_CIRCLE[name]
    with serving(_circle(THREE, back_to)[name]) as server:
        with pytest.raises(Inconsistent):
            walked(server, paginator, records)
        assert len(server.asked) <= 5


def _endless(asked: Asked) -> Reply:
    """Always another page, never the same."""
    number = int(
        next(
            (value for name, value in asked.query.items() if name in ("page", "cursor", "after", "$skip")),
            "0",
        )
    )
    number = max(number, int(asked.headers.get("ms-continuationtoken", "0"))) + 1
    return Reply.json(
        {
            "items": ids(number),
            "paging": {"next": str(number)},
            "@odata.nextLink": f"/items?$skip={number}",
            "links": {"next": {"headers": [{"key": "MS-ContinuationToken", "value": str(number)}]}},
        },
        headers={"Link": f'</items?page={number}>; rel="next"'},
    )


@pytest.mark.parametrize(
    "paginator",
    [
        PageNumber(1),
        LinkHeader(),
        AfterId("id", 1),
        Token("paging.next", "cursor", 1, "limit"),
        NextUrl("@odata.nextLink"),
        ContinuationToken(),
    ],
    ids=lambda paginator: type(paginator).__name__,
)
def test_a_walk_without_end_is_ended(paginator: Paginator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paginator_base, "MOST_PAGES", 7)
    with serving(_endless) as server:
        with pytest.raises(Inconsistent, match="more than 7 pages"):
            walked(server, paginator, "items")
        assert 7 <= len(server.asked) <= 9


# --- links that lead astray


@pytest.mark.parametrize("name", FOLLOWS_LINKS)
@pytest.mark.parametrize(
    "form",
    [
        "{url}/items?page=2",
        "//{host}/items?page=2",
        "http://{ours}@{host}/items",
        "http://{host}\\@{ours}/items",
        "https://{ours}/items",
    ],
)
def test_a_link_to_another_origin_is_refused_and_nobody_is_asked(name: str, form: str) -> None:
    with serving(lambda asked: Reply.json([])) as other:
        host = other.url.removeprefix("http://")

        def app(asked: Asked) -> Reply:
            link = form.format(url=other.url, host=host, ours=asked.headers["host"])
            body = {"items": ids(1), "@odata.nextLink": link, "links": {"next": {"uri": link}}}
            return Reply.json(
                ids(1) if not STYLES[name].records else body, headers={"Link": f'<{link}>; rel="next"'}
            )

        with serving(app) as server:
            # Partner Center's links are not followed, only looked at: one without a scheme is none to it, but
            # then the token is missing
            is_looked_at = name != "continuation token" or not form.startswith("//")
            with pytest.raises(OutOfBounds if is_looked_at else Malformed):
                walked(server, STYLES[name].paginator, STYLES[name].records)
            assert len(server.asked) == 1
        assert other.asked == []


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
            else _by_link(THREE, lambda n: f"?page={n}")(asked)
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
        serving(_number(THREE, 1, count=lambda number: 3 if number == 1 else 2)) as server,
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
        walked(server, style.paginator, style.records)
