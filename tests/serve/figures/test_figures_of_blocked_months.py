"""Every figure on the pages of a blocked month equals a query over the tables of the blocked run: what is
missing, whom it holds, and the money of it (contract §12).

Belongs here: what those pages say. Does not: open and closed months. `mbr sql` knows published months alone:
the tables of a blocked run lie beside its report, and are asked where they lie. The second page of a bill of
284.40 GBP is missing: its lines sum to 262.70 GBP.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from tests.conftest import MadeOnce
from tests.serve.browsing import Visitor, served
from tests.serve.figures import expected, expected_clients
from tests.serve.figures.books import Books, Figures, Row, paid, texts
from tests.serve.figures.files import DROP, hold_files
from tests.serve.figures.findings import hold_findings
from tests.serve.figures.holding import hold


@dataclass(frozen=True)
class Blocked(Books):
    """A blocked month of it."""

    def sql(self, query: str) -> list[Row]:
        """Ask the tables of the blocked run."""
        msp = f"msp_id = '{self.msp_id}'"
        asked = query.replace("$here", f"{msp} and period = '{self.period}'").replace("$msp", msp)
        with duckdb.connect() as connection:
            for table in (self.root / "reports" / self.msp_id / self.period / "blocked").glob("*.parquet"):
                connection.execute(f"create view {table.stem} as from read_parquet('{table}')")
            answer = connection.execute(asked)
            names = [each[0] for each in answer.description or ()]
            return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]


@pytest.fixture(scope="module")
def root(made_once: MadeOnce, closed_demo: Path) -> Path:
    """The demo, October of harbour blocked."""
    return made_once("blocked demo", lambda folder: _copy(closed_demo, folder / "demo")) / "demo"


def _copy(demo: Path, to: Path) -> None:
    shutil.copytree(demo, to)


@pytest.fixture(scope="module")
def books(root: Path) -> Books:
    return Blocked(root, "harbour", "2026-10", "GBP")


@pytest.fixture(scope="module")
def visitor(root: Path) -> Iterator[Visitor]:
    with served(root) as (site, address):
        yield Visitor.by_link(site, address)


@pytest.fixture(scope="module")
def published(books: Books) -> set[str]:
    """Every text that a page may repeat word for word."""
    return texts(
        [
            *books.sql("select client_name from dim_client"),
            *books.sql("select product_name from dim_product"),
            *books.sql("select explanation from fct_exceptions"),
            *books.sql("select distinct scope from fct_control_totals"),
        ]
    )


def _held(books: Books) -> list[Row]:
    return books.sql("select * from fct_client_gate where $here and verdict = 'HOLD' order by client_id")


def test_the_board(visitor: Visitor, books: Books, published: set[str]) -> None:
    figures = expected.on_board(books, "Harbour Managed Services harbour")
    hold(visitor, "/?q=harbour&period=2026-10", figures, published)
    assert f'<a href="{books.here}#why">See why it is blocked' in visitor.page


def test_the_month_says_what_is_missing_and_how_much(
    visitor: Visitor, books: Books, published: set[str]
) -> None:
    [row] = books.sql("select * from fct_control_totals where $here and not passed")
    figures_of_bill = [row["expected"], row["actual"], row["difference"]]
    assert figures_of_bill == [Decimal("284.40"), Decimal("262.70"), Decimal("-21.70")]
    [unused] = books.sql("select sum(stranded) as sum from fct_exceptions where $here and status = 'open'")
    at = "controls | CONTROL_TOTAL_MISMATCH | "
    figures = [
        *expected.on_overview(books),
        ("dd Open money, GBP", f"Stranded {unused['sum']:,.2f}"),
        (f"{at}Expected", f"{row['expected']:,.2f}"),
        (f"{at}Found", f"{row['actual']:,.2f}"),
        (f"{at}Difference", f"{row['difference']:,.2f}"),
    ]
    hold(visitor, books.here, figures, published | {row["message"]})
    assert row["message"] in visitor.text


@pytest.mark.parametrize(
    ("show", "where"), [("todo", "status = 'open'"), ("decided", "status = 'decided'"), ("all", "true")]
)
def test_the_worklist(visitor: Visitor, books: Books, published: set[str], show: str, where: str) -> None:
    names = expected.client_names(books)
    counted = [
        books.one(f"select count(*) from fct_exceptions where $here and {each}")
        for each in ("status = 'open'", "status = 'decided'", "true")
    ]
    figures: Figures = [("nav", "To do {} Decided {} All {}".format(*counted)), *expected.choices(books)]
    if books.one(f"select count(*) from fct_exceptions where $here and {where}"):
        figures += expected.findings(books, where)
        figures.append(("label", f"all {counted[0]}"))
    if show == "todo":
        for row in _held(books):
            at = f"held | {names[row['client_id']]} {row['client_id']} | "
            figures.append((f"{at}Invoice lines held", paid(row["held_amount"], row["currency"])))
            figures.append(("button", f"Release… {row['client_id']}"))
    hold(visitor, f"{books.here}/worklist?show={show}", figures, published)
    assert "The gate blocked: nothing may go" in visitor.text


def test_every_finding(visitor: Visitor, books: Books, published: set[str]) -> None:
    hold_findings(visitor, books, published)


def test_the_files(visitor: Visitor, books: Books) -> None:
    hold_files(visitor, books, DROP)


def test_the_clients(visitor: Visitor, books: Books, published: set[str]) -> None:
    hold(visitor, f"{books.here}/clients", expected_clients.client_rows(books, {}), published)


def test_every_client(visitor: Visitor, books: Books, published: set[str]) -> None:
    bridges = books.sql("select * from fct_variance_bridge where $here order by client_id")
    assert len(bridges) == 12
    for bridge in bridges:
        figures, drawn = expected_clients.one_client(books, bridge)
        path = f"{books.here}/clients/{bridge['client_id']}"
        assert hold(visitor, path, figures, published) == [drawn], path


@pytest.mark.parametrize("name", ["decisions", "mapping", "close"])
def test_pages_that_have_nothing_to_count(
    visitor: Visitor, books: Books, published: set[str], name: str
) -> None:
    unmapped = books.one(
        "select count(*) from fct_exceptions where $here and exception_code like 'UNMAPPED_%'"
    )
    decided = books.one("select count(*) from fct_decisions where $here")
    assert (unmapped, decided) == (0, 0)
    hold(visitor, f"{books.here}/{name}", [], published)


def test_the_close_pack(visitor: Visitor, books: Books, published: set[str]) -> None:
    clients = expected.clients_by_verdict(books)
    figures = [
        ("dd Clients", f"{clients['PASS']} would pass, {clients['HOLD']} held"),
        *expected.facts_of_pack(books),
        *expected.codes_of_pack(books),
    ]
    hold(visitor, f"{books.here}/pack", figures, published)
