"""A published month to close in a browser, and who visits it.

Belongs here: fixtures. Does not: the month (``closing``) and the browser (``browsing``).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.release.months import Month
from tests.serve.browsing import Visitor, served
from tests.serve.closing import HERE, copied, published


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Month:
    """The month, made once for a module; never changed."""
    return published(tmp_path_factory.mktemp("month"))


@pytest.fixture
def month(made: Month, tmp_path: Path) -> Month:
    """A copy of it."""
    return copied(made, tmp_path)


@pytest.fixture
def visitor(month: Month) -> Iterator[Visitor]:
    """Whoever may do everything, on the page of its close."""
    with served(month.root, user="owner1") as (site, address):
        made = Visitor.by_link(site, address)
        made.get(f"{HERE}/close")
        yield made
