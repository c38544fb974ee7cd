"""Holding a page's figures against the expected ones.

Belongs here: the comparison. Does not: reading pages (``reading``), and what is expected.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from tests.serve.browsing import Visitor
from tests.serve.figures.reading import has_figure, said_on


def hold(
    visitor: Visitor, path: str, expected: Iterable[tuple[str, str]], published: set[str]
) -> list[list[str]]:
    """Hold all figures of a page against the expected ones; returns those of its pictures."""
    assert visitor.get(path).status_code == 200
    said = said_on(visitor.page)
    found = Counter(each for each in said.figures if each[1] not in published)
    wanted = Counter((place, text) for place, text in expected if has_figure(text) and text not in published)
    assert found - wanted == Counter(), f"{path}: no query accounts for {found - wanted}"
    assert wanted - found == Counter(), f"{path}: missing are {wanted - found}"
    strange = [text for text in said.words if not any(text in each for each in published)]
    assert strange == [], path
    return said.pictures
