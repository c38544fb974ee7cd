"""From page to page: every way of paging against a server that pages like that, honest and not.

Belongs here: which pages are asked for, and where it ends. Does not: what a walk makes of the pages
(``test_walk``).
"""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.http.errors import Inconsistent
from tests.connectors.http.paging.styles import STYLES, THREE, ids, numbers, read


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
