"""The closed demo with a month that was decided, its page and its books.

Belongs here: fixtures. Does not: expectations.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from mbr_pipeline.cli.close import command as close_command
from mbr_pipeline.cli.decide import command as decide_command
from mbr_pipeline.transform.dbt_client import Transformer
from tests.conftest import MadeOnce
from tests.serve.browsing import Visitor, served
from tests.serve.figures.books import MSP, PERIOD, Books, texts
from tests.support.launching import Launcher

_DECISIONS = (
    ("approve", "OVERBILLED_QUANTITY"),
    ("approve", "COST_PLUS_OVERBILLED"),
    ("waive", "SOLD_BELOW_COST", "--until", "2026-12", "--reason", "agreed until the new year"),
    ("dispute", "VENDOR_PRICE_CHANGE", "--reason", "the list says otherwise"),
    ("defer", "UNUSED_LICENSES", "--reason", "asked the client"),
)


def decide_and_close(root: Path, run: Callable[[], object]) -> None:
    """Decide what is open in the month, run it, and close it."""
    of = ["--workspace", str(root), "--msp", MSP, "--period", PERIOD]
    for action, code, *more in _DECISIONS:
        done = CliRunner().invoke(
            decide_command, [action, *of, "--code", code, *more], env={"MBR_ACTOR": "o1"}
        )
        assert done.exception is None, done.exception
    run()
    done = CliRunner().invoke(close_command, of, env={"MBR_ACTOR": "o1"})
    assert done.exception is None, done.exception


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
    return texts(
        [
            *books.sql("select client_name from dim_client where $here"),
            *books.sql("select product_name from dim_product where $here"),
            *books.sql("select distinct source from dim_source where $here"),
            *books.sql("select explanation from fct_exceptions where $here"),
            *books.sql("select description from fct_invoice_lines_ready where $here"),
            *books.sql("select distinct actor from fct_decisions where $here"),
            *books.sql("select distinct line_id from fct_line_dispositions where $here"),
            *books.sql("select distinct scope from fct_control_totals where $here"),
        ]
    )
