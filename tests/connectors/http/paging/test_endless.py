"""Pages without end, and links that lead away.

Belongs here: walks that have to be stopped. Does not: honest servers (``test_paginators``).
"""

from __future__ import annotations

import pytest

from connectors.http.errors import Inconsistent, Malformed, OutOfBounds
from connectors.http.paging import base as paginator_base
from connectors.http.paging.base import Paginator
from connectors.http.paging.linked import ContinuationToken, LinkHeader, NextUrl, Token
from connectors.http.paging.numbered import AfterId, PageNumber
from connectors.testing.server import App, Asked, Reply, serving
from tests.connectors.http.paging.styles import SIZE, STYLES, THREE, Pages, by_link, ids, walked

FOLLOWS_LINKS = ["link header, absolute", "next url", "continuation token"]


# --- circles and ends that never come


def _circle(pages: Pages, back_to: int) -> dict[str, App]:
    """Vendors whose third page leads back."""

    def link(number: int) -> str:
        return f"/items?page={number if number < 4 else back_to}"

    return {
        "link header": by_link([*pages, []], link),
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
                walked(server, STYLES[name].paginator, STYLES[name].records, STYLES[name].params)
            assert len(server.asked) == 1
        assert other.asked == []
