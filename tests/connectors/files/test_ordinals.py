"""Which of several equal records a record is.

Belongs here: ``connectors.files.ordinals`` alone. Does not: the identifiers that readers make of it (their
own modules).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from connectors.files.ordinals import Ordinals


@pytest.fixture
def ordinals() -> Iterator[Ordinals]:
    with closing(Ordinals()) as found:
        yield found


def test_equal_contents_share_a_digest_and_are_counted_from_zero(ordinals: Ordinals) -> None:
    met = [ordinals.next(content) for content in (["a", "b"], ["c", None], ["a", "b"], ["a", "b"])]
    assert [ordinal for _, ordinal in met] == [0, 0, 1, 2]
    assert met[0][0] == met[2][0] == met[3][0] != met[1][0]


def test_contents_that_differ_only_in_where_a_value_ends_are_not_equal(ordinals: Ordinals) -> None:
    different = (
        ["ab", "c"],
        ["a", "bc"],
        ["abc", ""],
        ["abc", None],
        ["abc", "-"],
        ["1:a", "2"],
        ["a", "1:2"],
    )
    assert [ordinals.next(content)[1] for content in different] == [0] * len(different)


def test_another_file_is_counted_anew(ordinals: Ordinals) -> None:
    digest, _ = ordinals.next(["a"])
    with closing(Ordinals()) as other:
        assert other.next(["a"]) == (digest, 0)
