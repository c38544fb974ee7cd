"""The published month that pages of closing show, and who looks at them.

Belongs here: fixtures. Does not: expectations.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.release.months import Month
from tests.serve.browsing import Visitor, served
from tests.serve.close.closing import HERE, copied, published


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Month:
    return published(tmp_path_factory.mktemp("month"))


@pytest.fixture
def month(made: Month, tmp_path: Path) -> Month:
    return copied(made, tmp_path)


@pytest.fixture
def visitor(month: Month) -> Iterator[Visitor]:
    with served(month.root, user="owner1") as (site, address):
        made = Visitor.by_link(site, address)
        made.get(f"{HERE}/close")
        yield made
