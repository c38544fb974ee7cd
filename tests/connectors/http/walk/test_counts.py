"""A walk held against the number that the vendor states, and its errors.

Belongs here: totals, pages as they come, and that no error holds a secret. Does not: how a total is found
(``test_paginators``).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.http.endpoint import Count, Endpoint, Lookup
from connectors.http.errors import FetchError, Inconsistent, OutOfBounds
from connectors.http.paging.linked import LinkHeader, NextUrl
from connectors.http.paging.numbered import PageNumber
from connectors.http.walk import Walk
from connectors.testing.server import Reply, serving
from tests.connectors.http.walk.walking import CLIENTS, answering, paged, records
from tests.connectors.http.wire import everything_in, opened


def read_paged(
    pages: Sequence[Sequence[dict[str, Any]]], totals: Sequence[int | None]
) -> tuple[list[dict[str, Any]], Count]:
    endpoint = Endpoint("items", "/items", "items", key=("id",), paginator=NextUrl("next", total="total"))
    with serving(paged(pages, totals)) as server, opened(server.url) as client:
        walk = Walk(client, server.url, {})
        return list(walk.records(endpoint)), walk.counts["items"]


THREE = ([{"id": 1}, {"id": 2}], [{"id": 3}], [{"id": 4}])


def test_as_many_as_the_vendor_says_are_complete() -> None:
    rows, count = read_paged(THREE, [4, None, 4])
    assert (len(rows), count) == (4, Count(pages=3, rows=4, repeated=0, reported=4))


def test_a_total_counts_different_records() -> None:
    rows, count = read_paged(([{"id": 1}, {"id": 2}], [{"id": 2}, {"id": 3}]), [3, 3])
    assert (len(rows), count) == (3, Count(pages=2, rows=3, repeated=1, reported=3))


@pytest.mark.parametrize(
    "totals", [[5, 5, 5], [3, 3, 3], [0, 0, 0], [None, None, 5], [4, 4, 5], [5, 4, 4], [4, None, 3]]
)
def test_another_number_than_the_vendor_says_is_an_error(totals: list[int | None]) -> None:
    with pytest.raises(Inconsistent):
        read_paged(THREE, totals)


def test_a_record_that_comes_twice_does_not_stand_in_for_one_that_is_missing() -> None:
    with pytest.raises(Inconsistent, match="says there are 4 records and sent 3 different"):
        read_paged(([{"id": 1}, {"id": 2}], [{"id": 2}, {"id": 3}]), [4, 4])


def test_each_page_is_seen_as_it_comes() -> None:
    seen: list[tuple[str, int, int]] = []
    with serving(paged(THREE, [4, 4, 4])) as server, opened(server.url) as client:
        walk = Walk(client, server.url, {}, lambda name, count: seen.append((name, count.pages, count.rows)))
        list(walk.records(Endpoint("items", "/items", "items", paginator=NextUrl("next"))))
    assert seen == [("items", 1, 2), ("items", 2, 3), ("items", 3, 4)]


@settings(max_examples=40, deadline=None)
@given(
    items=st.lists(
        st.fixed_dictionaries({"n": st.integers(0, 2)}, optional={"id": st.integers(1, 50)}), max_size=12
    ),
    cuts=st.lists(st.integers(0, 12), max_size=4),
)
def test_any_split_of_records_into_pages_gives_the_same_records(
    items: list[dict[str, int]], cuts: list[int]
) -> None:
    """Equal ones that have no identity are numbered across pages, repeated ones dropped across pages."""
    known = {item["id"]: item for item in items if "id" in item}
    items = [known.get(item.get("id", 0), item) for item in items]  # the same id, the same content
    at = sorted({0, *(cut for cut in cuts if cut < len(items)), len(items)})
    pages = [items[start:end] for start, end in zip(at, at[1:], strict=False)] or [[]]
    split, split_count = read_paged(pages, [None] * len(pages))
    whole, whole_count = read_paged([items], [None])
    assert split == whole
    assert (split_count.rows, split_count.repeated) == (whole_count.rows, whole_count.repeated)
    seen = [json.dumps(row, sort_keys=True) for row in whole]
    assert len(set(seen)) == len(seen)  # no two rows are the same
    with_id = {item["id"] for item in items if "id" in item}
    assert len(whole) == len(with_id) + sum("id" not in item for item in items)


def test_a_vendor_that_does_not_know_pages_is_found_out() -> None:
    endpoint = Endpoint("items", "/items", key=("id",), paginator=PageNumber(2))
    with pytest.raises(Inconsistent):
        records(endpoint, {"/items": [{"id": 1}, {"id": 2}]})


# --- secrets


@pytest.mark.parametrize(
    "document",
    [
        [{"id": "canary-in-an-id", "n": 1}, {"id": "canary-in-an-id", "n": 2}],
        {"error": "canary-in-an-id"},
        b'{"canary-in-an-id": 1, "canary-in-an-id": 2}',
        [{"id": 1, "canary-in-an-id": {"x": 1}, "canary-in-an-id.x": 1}],
    ],
)
def test_no_error_of_a_walk_holds_a_secret(document: Any) -> None:
    """Nor does that of a parent's walk, or of one beside."""
    child = Endpoint("sites", "/sites/{client.id}", parent=CLIENTS)
    given = Endpoint("rooms", "/rooms", lookups=(Lookup("_clients", CLIENTS, same=("id", "id")),))
    documents = {"/clients": document, "/rooms": [{"id": 1}]}
    with serving(answering(documents)) as server, opened(server.url, secrets=["canary-in-an-id"]) as client:
        walk = Walk(client, server.url, {})
        for endpoint in (CLIENTS, child, given):
            with pytest.raises(FetchError) as caught:
                list(walk.records(endpoint))
            assert "canary" not in everything_in(caught.value)


def test_no_error_of_a_page_holds_a_secret() -> None:
    reply = Reply.json([{"id": 1}], headers={"Link": '<https://evil.example/canary-in-a-link>; rel="next"'})
    with serving(lambda asked: reply) as server, opened(server.url, secrets=["canary-in-a-link"]) as client:
        walk = Walk(client, server.url, {})
        endpoint = Endpoint("x", "/x", paginator=LinkHeader())
        with pytest.raises(OutOfBounds, match="evil.example") as caught:
            list(walk.records(endpoint))
        assert "canary" not in everything_in(caught.value)
