"""Every way of paging, each with a server that pages like that.

Belongs here: servers and walks over them. Does not: expectations.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from connectors.http.paging.base import Paginator, Request
from connectors.http.paging.linked import ContinuationToken, LinkHeader, NextUrl, Token, forward_only
from connectors.http.paging.numbered import AfterId, PageNumber
from connectors.http.paging.selected import Select
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
    params: Mapping[str, str] = field(default_factory=dict)


def number_in(pages: Pages, first: int, param: str = "page", **stated: Callable[[int], Any]) -> App:
    def app(asked: Asked) -> Reply:
        number = int(asked.query[param])
        items = pages[number - first] if 0 <= number - first < len(pages) else []
        return Reply.json({"items": items, **{name: value(number) for name, value in stated.items()}})

    return app


def _all(pages: Pages) -> int:
    return sum(map(len, pages))


def by_link(pages: Pages, link: Callable[[int], str]) -> App:
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


def next_url(pages: Pages) -> App:
    def app(asked: Asked) -> Reply:
        number = int(asked.query.get("$skip", "0"))
        following = (
            {"@odata.nextLink": f"http://{asked.headers['host']}/items?$skip={number + 1}"}
            if number + 1 < len(pages)
            else {}
        )
        return Reply.json({"items": pages[number] if pages else [], **following})

    return app


def continued(pages: Pages) -> App:
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


def _selected(pages: Pages) -> App:
    def app(asked: Asked) -> Reply:
        start = int(asked.query["query"].split()[7])
        starts = [1 + sum(map(len, pages[:number])) for number in range(len(pages))]
        return Reply.json({"items": pages[starts.index(start)] if start in starts else []})

    return app


STYLES = {
    "number, first empty page": Style(
        PageNumber(SIZE),
        lambda pages: number_in(pages, 1),
        ("page=1&pageSize=3", "page=2&pageSize=3", "page=3&pageSize=3", "page=4&pageSize=3"),
    ),
    "number, total": Style(
        PageNumber(SIZE, first=0, page_param="n", size_param="size", total="total"),
        lambda pages: number_in(pages, 0, "n", total=lambda number: _all(pages)),
        ("n=0&size=3", "n=1&size=3", "n=2&size=3"),
    ),
    "number, count of pages": Style(
        PageNumber(SIZE, page_count="count", number="number"),
        lambda pages: number_in(pages, 1, count=lambda number: len(pages), number=lambda number: number),
        ("page=1&pageSize=3", "page=2&pageSize=3", "page=3&pageSize=3"),
    ),
    "link header, absolute": Style(
        LinkHeader({"per": "3"}),
        lambda pages: of_host(
            lambda host: by_link(pages, lambda number: f"http://{host}/items?page={number}")
        ),
        ("per=3", "page=2", "page=3"),
        "",
    ),
    "link header, path": Style(
        forward_only(SIZE),
        lambda pages: by_link(pages, lambda n: f"/items?page={n}"),
        ("pageSize=3", "page=2", "page=3"),
        "",
    ),
    "link header, query": Style(
        LinkHeader(),
        lambda pages: by_link(pages, lambda n: f"?page={n}&x=a,b;c"),
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
    "next url": Style(NextUrl("@odata.nextLink"), next_url, ("", "$skip=1", "$skip=2")),
    "select": Style(
        Select(SIZE, "id"),
        _selected,
        tuple(f"query=select * from x orderby id startposition {n} maxresults 3" for n in (1, 4, 7, 8)),
        params={"query": "from x"},
    ),
    "continuation token": Style(
        ContinuationToken(), continued, ("", "seekOperation=Next", "seekOperation=Next")
    ),
}


def of_host(make: Callable[[str], App]) -> App:
    return lambda asked: make(asked.headers["host"])(asked)


def walked(
    server: FakeServer, paginator: Paginator, records: str = "items", params: Mapping[str, str] | None = None
) -> list[list[Any]]:
    with opened(server.url) as client:
        request = Request(f"{server.url}/items", params or {}, {"x-ours": "1"})
        return [page.records for page in paginator.pages(client, request, records)]


def read(style: Style, pages: Pages) -> tuple[list[list[Any]], list[Asked]]:
    with serving(style.app(pages)) as server:
        return walked(server, style.paginator, style.records, style.params), server.asked


def numbers(pages: Sequence[Sequence[Any]]) -> list[list[int]]:
    return [[int(record["id"]) for record in page] for page in pages]
