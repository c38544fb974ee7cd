"""Pages by offset: what ends them.

Belongs here: ``Offset``. Does not: other ways of paging (``test_paginators``, ``test_page_facts``).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from connectors.http.errors import Inconsistent
from connectors.http.paging.numbered import Offset
from connectors.testing.server import Asked, Reply, serving
from tests.connectors.http.paging.styles import numbers, walked

BY_OFFSET = Offset(2, "links.next", total="totalCount")


def vendor(
    count: int, is_linked: Callable[[int], bool], total: Callable[[int], int | None]
) -> Callable[[Asked], Reply]:
    """A vendor of so many records; whether a page at an offset names the next, and which total it states."""

    def app(asked: Asked) -> Reply:
        start, size = int(asked.query["offset"]), int(asked.query["size"])
        found = [{"id": number} for number in range(start + 1, min(start + size, count) + 1)]
        links: dict[str, Any] = {"self": {"uri": "/items"}}
        if is_linked(start):
            links["next"] = {"uri": f"/items?offset={start + size}"}
        stated = total(len(found))
        counted = {} if stated is None else {"totalCount": stated}
        return Reply.json({"items": found, "links": links, **counted})

    return app


@pytest.mark.parametrize(
    ("count", "pages"),
    [(1, [[1]]), (2, [[1, 2], []]), (3, [[1, 2], [3]]), (4, [[1, 2], [3, 4], []]), (0, [[]])],
)
@pytest.mark.parametrize("total", [lambda found: found, lambda found: None], ids=["of the page", "none"])
def test_a_full_page_without_a_link_is_not_taken_for_the_end(
    count: int, pages: list[list[int]], total: Callable[[int], int | None]
) -> None:
    with serving(vendor(count, lambda start: False, total)) as server:
        assert numbers(walked(server, BY_OFFSET, "items")) == pages


def test_a_link_leads_on_from_a_page_that_is_not_full() -> None:
    def app(asked: Asked) -> Reply:
        start = int(asked.query["offset"])
        links = {"next": {"uri": "/items"}} if start < 2 else {}
        return Reply.json({"items": [{"id": start + 1}], "totalCount": 1, "links": links})

    with serving(app) as server:
        assert numbers(walked(server, BY_OFFSET, "items")) == [[1], [2], [3]]


def test_a_total_of_all_records_is_reached_without_links() -> None:
    with serving(vendor(3, lambda start: False, lambda found: 3)) as server:
        assert numbers(walked(server, BY_OFFSET, "items")) == [[1, 2], [3]]


def test_a_vendor_that_passes_the_offset_over_is_an_error_and_no_endless_walk() -> None:
    def app(asked: Asked) -> Reply:
        return Reply.json({"items": [{"id": 1}, {"id": 2}], "totalCount": 2, "links": {}})

    with serving(app) as server, pytest.raises(Inconsistent, match="sent the same records for offset 2"):
        walked(server, BY_OFFSET, "items")
