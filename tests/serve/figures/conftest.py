"""The closed demo with a month that was decided, its page and its books.

Belongs here: fixtures. Does not: expectations.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from mbr_pipeline.transform.dbt_client import Transformer
from tests.conftest import MadeOnce
from tests.serve.browsing import Visitor, served
from tests.serve.figures.books import MSP, PERIOD, Books, published_texts
from tests.serve.figures.worlds import decide_and_close
from tests.support.launching import Launcher


@pytest.fixture(scope="module")
def root(made_once: MadeOnce, closed_demo: Path, transformer: Transformer) -> Path:
    """The closed demo, October of northwind decided, run again and closed."""

    def make(folder: Path) -> None:
        copy = Path(shutil.copytree(closed_demo, folder / "demo"))
        launcher = Launcher(copy, transformer)
        decide_and_close(copy, lambda: launcher.close_month(MSP, PERIOD))

    return made_once("closed demo with decisions", make) / "demo"


@pytest.fixture(scope="module")
def books(root: Path) -> Books:
    """Its tables."""
    return Books(root, MSP, PERIOD)


@pytest.fixture(scope="module")
def visitor(root: Path) -> Iterator[Visitor]:
    with served(root, user="o1") as (site, address):
        yield Visitor.by_link(site, address)


@pytest.fixture(scope="module")
def published(books: Books) -> set[str]:
    """Every text that a page may repeat word for word."""
    return published_texts(books)
