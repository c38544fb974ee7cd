"""Every figure on the pages of open months equals what `mbr sql` answers to a query written here: with
findings to do, decisions that wait for a second person, and decisions that no run knows yet (contract §12).

Belongs here: what those pages say beside what they share with closed months (``expected``); what was decided
comes from the ledger's entries. Does not: closed and blocked months.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from mbr_pipeline.transform.dbt_client import Transformer
from tests.conftest import MadeOnce
from tests.serve.browsing import Visitor, served
from tests.serve.figures import expected, expected_clients
from tests.serve.figures.books import (
    HERE,
    MSP,
    NAME,
    PERIOD,
    Books,
    Figures,
    Row,
    money,
    paid,
    plural,
    published_texts,
    with_cost,
)
from tests.serve.figures.files import DROP, hold_files
from tests.serve.figures.findings import hold_findings
from tests.serve.figures.holding import hold
from tests.serve.figures.trends import hold_trends
from tests.serve.figures.worlds import PASSWORD, decide_in_part
from tests.support.launching import Launcher


@pytest.fixture(scope="module")
def root(made_once: MadeOnce, closed_demo: Path, transformer: Transformer) -> Path:
    """The demo, October of northwind decided in part, run again, and decided on."""

    def make(folder: Path) -> None:
        copy = Path(shutil.copytree(closed_demo, folder / "demo"))
        launcher = Launcher(copy, transformer)
        decide_in_part(copy, lambda: launcher.close_month(MSP, PERIOD))

    return made_once("open demo with decisions", make) / "demo"


@pytest.fixture(scope="module")
def visitor(root: Path) -> Iterator[Visitor]:
    """The clerk."""
    with served(root, user="") as (_, address):
        yield Visitor.signed_in(address, "clerk1", PASSWORD)


@pytest.fixture(scope="module")
def owner(root: Path) -> Iterator[Visitor]:
    """The second person."""
    with served(root, user="") as (_, address):
        yield Visitor.signed_in(address, "owner1", PASSWORD)


def _decided(books: Books) -> list[Row]:
    """The bodies of the entries that decide findings, with who and when."""
    kinds = ("approve", "waive", "dispute", "defer")
    return [
        {**entry["body"], "entry_id": entry["entry_id"]}
        for entry in books.entries()
        if entry["kind"] in kinds
    ]


def _to_do(books: Books) -> str:
    """The condition of findings that nobody has decided in force, by a run or since."""
    ids = "', '".join(row["exception_id"] for row in _decided(books) if not row["pending"])
    return f"status = 'open' and exception_id not in ('{ids}')"


_NEW = "exception_code = 'VENDOR_PRICE_CHANGE'"
"""What was decided after the run."""


def test_the_board(visitor: Visitor, books: Books, published: set[str]) -> None:
    figures = [
        *expected.on_board(Books(books.root, MSP, "2026-08"), NAME),
        *expected.on_board(Books(books.root, MSP, "2026-09"), NAME),
        *expected.on_board(books, NAME),
    ]
    hold(visitor, "/?q=northwind", figures, published)
    assert f'<a href="{HERE}">Something changed since the last run' in visitor.page
    assert f'<a href="/m/{MSP}/2026-09/worklist">Decide what holds clients' in visitor.page


def test_the_month(visitor: Visitor, books: Books, published: set[str]) -> None:
    [sums] = books.sql(
        "select sum(client_refund) as refund, sum(vendor_claim) as vendor_claim, sum(client_recoverable) +"
        " sum(vendor_liability) + sum(stranded) as others from fct_exceptions where $here and status = 'open'"
    )
    assert Decimal(sums["others"]) == 0
    figures = [
        *expected.on_overview(books),
        ("dd Open money, USD", f"Refund {Decimal(sums['refund']):,.2f}"),
        ("dd Open money, USD", f"Vendor claim {Decimal(sums['vendor_claim']):,.2f}"),
    ]
    hold(visitor, HERE, figures, published)


@pytest.mark.parametrize("show", ["todo", "decided", "all"])
def test_the_worklist(visitor: Visitor, books: Books, published: set[str], show: str) -> None:
    to_do = _to_do(books)
    decided = f"(status = 'decided' or {_NEW})"
    conditions = {"todo": to_do, "decided": decided, "all": "true"}
    counted = {
        name: books.one(f"select count(*) from fct_exceptions where $here and {each}")
        for name, each in conditions.items()
    }
    new = books.one(f"select count(*) from fct_exceptions where $here and {_NEW}")
    figures = [
        ("nav", "To do {todo} Decided {decided} All {all}".format(**counted)),
        ("form", f"{new} findings were decided since the last run: decisions count from the next run on."),
        ("summary", f"You last disputed {new} findings, UTC: take it back"),
        ("button", f"Take back {new} decisions"),
        ("label", f"all {counted[show]}"),
        *expected.choices(books),
        *expected.findings(books, conditions[show]),
    ]
    hold(visitor, f"{HERE}/worklist?show={show}", figures, published | {"clerk1"})


def test_the_worklist_by_client(visitor: Visitor, books: Books, published: set[str]) -> None:
    names = expected.client_names(books)
    groups: Figures = [
        (
            "Findings |  | Choose",
            f"{names.get(row['client_id'], 'not mapped to a client')} {plural(row['n'], 'finding')}"
            f" {with_cost(row)}".strip(),
        )
        for row in books.sql(
            "select client_id, count(*) as n, sum(client_recoverable) as client_recoverable,"
            " sum(client_refund) as client_refund, sum(vendor_claim) as vendor_claim,"
            " sum(vendor_liability) as vendor_liability, sum(stranded) as stranded,"
            f" sum(priced_at_cost) as priced_at_cost from fct_exceptions where $here and {_to_do(books)}"
            " group by 1"
        )
    ]
    assert len(groups) == 3
    assert visitor.get(f"{HERE}/worklist?by=client").status_code == 200
    rows = expected.findings(books, _to_do(books))
    new = books.one(f"select count(*) from fct_exceptions where $here and {_NEW}")
    figures = [
        ("nav", "To do 3 Decided 5 All 9"),
        ("form", f"{new} findings were decided since the last run: decisions count from the next run on."),
        ("summary", f"You last disputed {new} findings, UTC: take it back"),
        ("button", f"Take back {new} decisions"),
        ("label", "all 3"),
        *expected.choices(books),
        *groups,
        *rows,
    ]
    hold(visitor, f"{HERE}/worklist?by=client", figures, published | {"clerk1"})


def test_every_finding(visitor: Visitor, books: Books, published: set[str]) -> None:
    new = books.one(f"select count(*) from fct_exceptions where $here and {_NEW}")
    beside = (f"You last disputed {new} findings, UTC: take it back", f"Take back {new} decisions")
    hold_findings(visitor, books, published | {"clerk1"}, *beside)


def test_the_decisions(visitor: Visitor, owner: Visitor, books: Books, published: set[str]) -> None:
    rows = _decided(books)
    assert len(rows) == 6
    now = {row["exception_id"]: row for row in books.sql("select * from fct_exceptions where $here")}
    figures: Figures = [("h2", "Waits for a second person (1)")]
    for row in rows:
        at = f"{'waiting' if row['pending'] else 'others'} | {row['exception_id']} | "
        for column, impacts in (("Money seen", row["seen"]), ("Money now", now[row["exception_id"]])):
            # no finding of these has money in two directions
            figures.append((at + column, money(impacts).rpartition(" USD")[0] + " USD"))
    said = ("p", "clerk1 has not the role approver, which confirm needs.")
    hold(visitor, f"{HERE}/decisions", [said, *figures], published | {"clerk1"})
    hold(owner, f"{HERE}/decisions", figures, published | {"clerk1"})


def test_the_mapping(visitor: Visitor, books: Books, published: set[str]) -> None:
    hold(visitor, f"{HERE}/mapping", expected.mapping(books), published)


def test_the_files(visitor: Visitor, books: Books) -> None:
    hold_files(visitor, books, DROP)


def test_the_clients(visitor: Visitor, books: Books, published: set[str]) -> None:
    hold(
        visitor,
        f"{HERE}/clients",
        expected_clients.client_rows(books, expected_clients.ready(books)),
        published,
    )


def test_every_client(visitor: Visitor, books: Books, published: set[str]) -> None:
    for bridge in books.sql("select * from fct_variance_bridge where $here order by client_id"):
        client_id = bridge["client_id"]
        figures, drawn = expected_clients.one_client(books, bridge)
        figures += expected_clients.ready_lines(books, client_id)
        assert hold(visitor, f"{HERE}/clients/{client_id}", figures, published) == [drawn], client_id


def test_the_close_that_waits_for_a_second_person(
    visitor: Visitor, books: Books, published: set[str]
) -> None:
    [waiting] = [row["entry_id"] for row in _decided(books) if row["pending"]]
    held = expected.clients_by_verdict(books)["HOLD"]
    figures = [
        (
            "li",
            f"✗ No decision waits for a second person : no {waiting} wait for a second person: `mbr decide"
            " confirm` or `refuse` them first To the decisions that wait",
        ),
        (
            "li",
            f"! Every client may be invoiced : no {held} clients on hold: decide what holds them , or leave"
            " them out below.",
        ),
    ]
    hold(visitor, f"{HERE}/close", figures, published)


def test_the_close_that_may_leave_out_who_is_held(owner: Visitor, root: Path) -> None:
    books = Books(root, MSP, "2026-09")
    names = expected.client_names(books)
    rows = books.sql("select * from fct_client_gate where $here and verdict = 'HOLD' order by client_id")
    [ready] = books.sql(
        "select count(*) as n, sum(amount) as total, count(*) filter (change <> 'unchanged') as changed"
        " from fct_invoice_lines_ready where $here"
    )
    figures: Figures = [
        ("p", f"At a terminal: {expected.at_a_terminal(books)}"),
        (
            "li",
            f"! Every client may be invoiced : no {len(rows)} clients on hold: decide what holds them , or"
            " leave them out below.",
        ),
        (
            "div",
            f"Ready to invoice {paid(ready['total'])} {plural(ready['n'], 'line')},"
            f" {ready['changed']} changed",
        ),
        ("label", f"Leave out all {len(rows)} of them"),
        ("button", "Close DATE as version 1"),
    ]
    for row in rows:
        at = f"Clients on hold | {names[row['client_id']]} {row['client_id']} look | "
        figures += [
            (f"{at}Held", paid(row["held_amount"])),
            (f"{at}Open", f"{row['open_exceptions']}"),
            (f"{at}Why", expected_clients.why_held(books, row["client_id"])),
        ]
    hold(owner, f"{books.here}/close", figures, published_texts(books))


def test_the_close_pack(visitor: Visitor, books: Books, published: set[str]) -> None:
    clients = expected.clients_by_verdict(books)
    may_go = plural(clients["PASS"], "client")
    figures = [
        ("p", f"Invoices may go for {may_go}; {plural(clients['HOLD'], 'client')} are held"),
        ("dd Clients", f"{clients['PASS']} may go, {clients['HOLD']} held"),
        (
            "dd Ready to invoice",
            paid(books.one("select sum(amount) from fct_invoice_lines_ready where $here")),
        ),
        ("dd Coverage", expected.coverage(books)),
        *expected.facts_of_pack(books),
        *expected.codes_of_pack(books),
        ("p", f"Head of the chain: (entry {len(books.entries())}, DATE)"),
    ]
    hold(visitor, f"{HERE}/pack", figures, published | {"clerk1"})


def test_the_trends(visitor: Visitor, books: Books, published: set[str]) -> None:
    hold_trends(visitor, books, published, "client")
