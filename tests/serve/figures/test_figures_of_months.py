"""Every figure on the pages of months, findings and files equals what
`mbr sql` answers to a query written here (contract §12).

Belongs here: what each page must say, from the published tables; of versions and people the
ledger's entries, of files the files. A figure that no query accounts for fails its page, as does one that is
missing. Does not: whether published figures are right (tests/worlds).
"""

from __future__ import annotations

import gzip
import re
from collections import Counter
from decimal import Decimal
from pathlib import Path

import openpyxl
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from mbr_pipeline.cli.explain import command as explain
from mbr_pipeline.exception_codes import meaning_of
from tests.serve.browsing import Visitor
from tests.serve.figures.books import (
    ALL_SUMS,
    DIRECTIONS,
    HERE,
    MSP,
    NAME,
    PERIOD,
    SUMS,
    Books,
    Figures,
    closed,
    money,
    plural,
    usd,
    with_cost,
)
from tests.serve.figures.holding import hold
from tests.serve.figures.reading import said_on


def _on_board(books: Books, name: str, period: str) -> Figures:
    at, there = f"p{period} | {name} | ", f"msp_id = '{books.msp_id}' and period = '{period}'"
    clients = {
        row["verdict"]: row["n"]
        for row in books.sql(
            f"select verdict, count(distinct client_id) as n from fct_client_gate where {there} group by 1"
        )
    }
    version = books.one(f"select max(version) from fct_client_gate_versions where {there}")
    counted = books.one(f"select count(*) from fct_exceptions where {there} and status = 'open'")
    of_money = books.sql(
        f"select currency, {SUMS} from fct_exceptions where {there} and status = 'open'"
        " and currency is not null group by 1 order by 1"
    )
    held = [
        row["client_id"]
        for row in books.sql(
            f"select distinct client_id from fct_client_gate where {there} and verdict = 'HOLD' order by 1"
        )
    ]
    named = ", ".join(held[:3]) + (f" and {len(held) - 3} more" if len(held) > 3 else "")
    month = f"--period DATE --msp {books.msp_id}"
    next_ = (
        f"decide what holds {plural(len(held), 'client')} ({named}) by mbr decide, then mbr run {month}; or"
        f" leave out: mbr close --msp {books.msp_id} --period DATE --except CLIENT --reason TEXT"
    )
    return [
        (f"{at}State", f"closed v{version}" if version else "open"),
        (f"{at}Pass", f"{clients.get('PASS', 0)}"),
        (f"{at}Waived", f"{clients.get('PASS_WITH_WAIVER', 0)}"),
        (f"{at}On hold", f"{len(held)}"),
        (f"{at}Open", f"{counted}"),
        (
            f"{at}Open money",
            " ".join(filter(None, (money(r).replace("USD", r["currency"]) for r in of_money))),
        ),
        (f"{at}Next", next_ if held else ""),
    ]


def test_the_board(visitor: Visitor, books: Books, published: set[str]) -> None:
    months = ("2026-08", "2026-09", PERIOD)
    expected = [each for period in months for each in _on_board(books, NAME, period)]
    hold(visitor, "/?q=northwind", expected, published)
    harbour = Books(books.root, "harbour", "2026-09")
    of_september = [
        *_on_board(books, NAME, "2026-09"),
        *_on_board(harbour, "Harbour Managed Services harbour", "2026-09"),
    ]
    hold(visitor, "/?period=2026-09", of_september, published)


def test_the_month(visitor: Visitor, books: Books, published: set[str]) -> None:
    clients = {
        row["verdict"]: row["n"]
        for row in books.sql(
            "select verdict, count(distinct client_id) as n from fct_client_gate where $here group by 1"
        )
    }
    opened = books.one("select count(*) from fct_exceptions where $here and status = 'open'")
    expected = [
        ("p", "closed v1 passed"),
        ("div", f"Worklist ({opened} open) Close and hand over"),
        ("dd Clients", f"{clients['PASS']} pass"),
        ("dd Clients", f"{clients['PASS_WITH_WAIVER']} with a waiver, {clients.get('HOLD', 0)} on hold"),
    ]
    hold(visitor, HERE, expected, published)


def _choices(books: Books) -> Figures:
    def of(column: str, name: str, none: str) -> Figures:
        rows = books.sql(f"select {column} as id, count(*) as n from fct_exceptions where $here group by 1")
        names = {
            row["id"]: row["name"] for row in (books.sql(f"select {column} as id, {name}") if name else ())
        }
        return [("option", f"{names.get(r['id'], r['id']) if r['id'] else none} ({r['n']})") for r in rows]

    codes = books.sql("select exception_code as id, count(*) as n from fct_exceptions where $here group by 1")
    return [
        *(("option", f"{meaning_of(row['id'])} ({row['n']})") for row in codes),
        *of("client_id", "client_name as name from dim_client where $here", "not mapped to a client"),
        *of("product_code", "product_name as name from dim_product where $here", "no product"),
        *of("source", "", "no source"),
    ]


@pytest.mark.parametrize("show", ["todo", "decided", "all"])
def test_the_worklist(visitor: Visitor, books: Books, published: set[str], show: str) -> None:
    shown = {"todo": "status = 'open'", "decided": "status = 'decided'", "all": "true"}[show]
    counted = [
        books.one(f"select count(*) from fct_exceptions where $here and {each}")
        for each in ("status = 'open'", "status = 'decided'", "true")
    ]
    [sums] = books.sql(f"select count(*) as n, {ALL_SUMS} from fct_exceptions where $here and {shown}")
    expected = [
        ("nav", "To do {} Decided {} All {}".format(*counted)),
        ("p", closed(books)),
        *_choices(books),
        ("p", f"{plural(sums['n'], 'finding')} {with_cost(sums)}"),
        *(
            (f"Findings | {row['exception_id']} | Money", with_cost(row))
            for row in books.sql(f"select * from fct_exceptions where $here and {shown}")
        ),
    ]
    hold(visitor, f"{HERE}/worklist?show={show}", expected, published)


def test_every_finding(visitor: Visitor, books: Books, published: set[str]) -> None:
    for row in books.sql("select * from fct_exceptions where $here"):
        asked = [row["exception_id"], "--all", "--workspace", str(books.root)]
        told = CliRunner().invoke(explain, asked)
        assert told.exception is None
        # what is printed is folded into lines, and cells are columns of a table
        landed = {" ".join(told.stdout.split())}
        amounts = [(name, row[name]) for name in (*DIRECTIONS, "priced_at_cost") if Decimal(row[name])]
        assert visitor.get(f"{HERE}/findings/{row['exception_id']}").status_code == 200
        said = said_on(visitor.page)
        assert (("dd Money", with_cost(row)) in said.figures) == bool(amounts)
        others = [text for place, text in said.figures if place != "dd Money" and text != closed(books)]
        records = Counter(each.rpartition("/")[2].partition(".")[0] for each in row["evidence"])
        for text in others:
            if counted := re.fullmatch(r"(\d+) further records? behind it", text):
                assert int(counted[1]) < len(row["evidence"])
                continue
            if counted := re.fullmatch(r".*, the first (\d+) of (\d+)", text):
                assert int(counted[2]) in records.values() and int(counted[1]) < int(counted[2])
                continue
            assert any(" ".join(text.split()) in each for each in landed), (row["exception_code"], text)
        cells = {cell for words in landed for cell in words.split()}
        for text in said.words:
            is_told = any(text in each for each in published | landed)
            assert is_told or set(text.split()) <= cells or _is_landed(books, text), text


def _is_landed(books: Books, text: str) -> bool:
    contents = [_content(path) for path in _landed_files(books)]
    return all(any(part in content for content in contents) for part in text.split(" | "))


def _content(path: Path) -> str:
    if path.suffix == ".parquet":
        return str(pq.read_table(path).to_pylist())
    if path.suffix == ".xlsx":
        [sheet] = openpyxl.load_workbook(path)
        return "\n".join(";".join(map(str, row)) for row in sheet.iter_rows(values_only=True))
    raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return raw.decode("latin-1")


def test_the_decisions(visitor: Visitor, books: Books, published: set[str]) -> None:
    rows = books.sql("select * from fct_decisions where $here and exception_id is not null")
    assert len(rows) == 7
    expected = [
        ("p", f"{closed(books)}. Withdrawing still ends a waiver for months that are not closed."),
        *(
            (f"others | {row['exception_id']} | {column}", usd(row[name]))
            for row in rows
            for column, name in (("Money seen", "impact_seen"), ("Money now", "impact_now"))
        ),
    ]
    hold(visitor, f"{HERE}/decisions", expected, published)


def test_the_mapping(visitor: Visitor, books: Books, published: set[str]) -> None:
    rows = books.sql("select * from fct_exceptions where $here and exception_code like 'UNMAPPED_%'")
    counted = Counter(row["exception_code"] for row in rows)
    total = usd(sum(Decimal(row["priced_at_cost"]) for row in rows))
    expected = [
        ("p", f"{closed(books)}. What is listed here can be mapped in a month that is open."),
        ("option", f"customers ({counted['UNMAPPED_CUSTOMER']})"),
        ("option", f"SKUs ({counted['UNMAPPED_SKU']})"),
        ("p", f"{plural(len(rows), 'thing')} to map; vendors' cost: SKUs {total} ."),
        *(("legend", usd(row["priced_at_cost"])) for row in rows),
    ]
    hold(visitor, f"{HERE}/mapping", expected, published)


def _landed_files(books: Books) -> list[Path]:
    folder = books.root / "landing" / MSP / PERIOD
    return sorted(path for path in folder.rglob("*") if path.is_file() and ".superseded" not in path.parts)


def _size(size: int) -> str:
    return f"{size} B" if size < 1024 else f"{size / 1024:.1f} KB"


def test_the_files(visitor: Visitor, books: Books, published: set[str]) -> None:
    assert visitor.get(f"{HERE}/files").status_code == 200
    said = [(place, text) for place, text in said_on(visitor.page).figures]
    rows = books.sql("select * from fct_control_totals where $here and control = 'CONTROL_TOTAL_MISMATCH'")
    sizes = Counter(text for place, text in said if place.endswith("| Size"))
    assert sizes == Counter(_size(path.stat().st_size) for path in _landed_files(books))
    counts = Counter(text for place, text in said if place.endswith("| Rows"))
    assert counts == Counter(f"{_records(path):,}" for path in _landed_files(books))
    totals = Counter(each for each in said if each[0].startswith("Control totals"))
    wanted = Counter[tuple[str, str]]()
    for row in rows:
        three = [Decimal(row[name]) for name in ("expected", "actual", "difference")]
        form = ",.0f" if all(value == int(value) for value in three) else ",.2f"
        name = f"{row['source']} {(row['dataset'] or '').replace('_', ' ')}"
        at = f"Control totals | {name.strip()} | "
        for column, value in zip(("Expected", "Found", "Difference"), three, strict=True):
            wanted[at + column, format(value, form)] += 1
    assert totals == wanted
    rest = [text for place, text in said if not place.startswith(("Control totals", "What is landed"))]
    assert rest == [f"{closed(books)}. No file can be landed here until then."]


def _records(path: Path) -> int:
    if path.suffix == ".parquet":
        return int(pq.read_metadata(path).num_rows)
    lines = len(_content(path).rstrip("\n").split("\n"))
    return lines if ".jsonl" in path.name else lines - 1
