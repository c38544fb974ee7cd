"""The number of a page in an address: hostile text is the first page, on every list.

Belongs here: reading the number. Does not: what lists show.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from mbr_pipeline.serve.pages import number_of
from tests.release.months import Month
from tests.serve.browsing import Visitor, served
from tests.support.small import PERIOD

# Python refuses to read a number of more than 4,300 digits
ODD = ("0", "-1", "1.5", "x", "", "٣", "9" * 5000)


@pytest.mark.parametrize("text", ODD)
def test_what_names_no_page_is_the_first(text: str) -> None:
    assert number_of(text) == 1


def test_a_number_is_itself() -> None:
    assert [number_of(text) for text in ("1", "2", "007")] == [1, 2, 7]


def test_no_list_fails_on_it(tmp_path: Path) -> None:
    with served(Month(tmp_path).root) as (site, address):
        visitor = Visitor.by_link(site, address)
        for name in ("worklist", "decisions", "clients", "mapping", "files/rejected"):
            for text in ODD:
                path = f"/m/acme/{PERIOD}/{name}?page={text}"
                assert visitor.get(path).status_code == 200, path
