"""What accounting.csv and contacts.csv lack for a month's invoices, what is proposed, and adding rows
(contract §10).

Belongs here: the month written by hand below, and `mbr map` on it. Does not: how names are compared
(tests/mapping_help), and exports.
"""

from __future__ import annotations

import csv
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

from mbr_pipeline.cli import commands
from mbr_pipeline.decide.in_force import chain
from mbr_pipeline.workspace.paths import WorkspacePaths
from mbr_pipeline.workspace.rules import load_words
from tests.support.small import write

SETTINGS = """msps:
  acme:
    name: Acme IT
    sources:
      vendor: {datasets: [vendor_charges]}
      psa: {datasets: [clients, products, agreements, invoice_lines]}
"""
BOOKS = "      books: {connector: xero, datasets: [clients]}\n"
ACCOUNTING = "product_code,account_code,tax_type\nBP,0200,Tax on Sales\n"
CONTACTS = "client_id,contact_name\nC-9,Nine Ltd\n"

LINES = [
    ("C-1", "BP", "100.00", "USD"),
    ("C-1", "LAB", "20.00", "USD"),
    ("C-1", "BP", "7.00", "EUR"),
    ("C-2", "BPA", "300.00", "USD"),
    ("C-3", "BP", "50.00", "USD"),
    ("C-4", "BP", "40.00", "USD"),
    ("C-5", "BP", "30.00", "USD"),
    ("C-9", "BP", "900.00", "USD"),
]
"""Client, product, amount and currency of the invoice lines. C-1 has 120 USD and 7 EUR."""
CLIENTS = {
    "C-1": "=Alder",
    "C-2": "Birch",
    "C-3": "Same Name",
    "C-4": "same  name",
    "C-5": "Nine LTD",
    "C-6": "",
    "C-7": "Never invoiced",
    "C-9": "Nine",
}
PRODUCTS = {"BP": "Business Premium", "BPA": "Premium Business", "LAB": "Labour", "NEW": "New thing"}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write(tmp_path / "mbr.yml", SETTINGS)
    write(tmp_path / "rules/acme/accounting.csv", ACCOUNTING)
    write(tmp_path / "rules/acme/contacts.csv", CONTACTS)
    _table(
        tmp_path,
        "fct_line_dispositions",
        [
            {"leg": "invoice", "client_id": c, "product_code": p, "amount": Decimal(a), "currency": code}
            for c, p, a, code in LINES
        ]
        + [
            {
                "leg": "vendor",
                "client_id": "C-7",
                "product_code": "X",
                "amount": Decimal(9),
                "currency": "USD",
            }
        ],
    )
    # C-6 has no line yet: a correction may add one of NEW
    keys = [{"client_id": "C-1", "product_code": "BP"}, {"client_id": "C-6", "product_code": "NEW"}]
    _table(tmp_path, "fct_reconciliation", keys)
    _table(tmp_path, "fct_exceptions", [{"exception_id": "1"}])
    _clients(tmp_path, [(client, name, "psa") for client, name in CLIENTS.items()])
    _table(
        tmp_path, "dim_product", [{"product_code": p, "product_name": name} for p, name in PRODUCTS.items()]
    )
    return tmp_path


def _clients(root: Path, rows: list[tuple[str, str, str]]) -> None:
    columns = ("client_id", "client_name", "source")
    _table(root, "dim_client", [dict(zip(columns, row, strict=True)) for row in rows])


def _table(root: Path, name: str, rows: list[dict[str, Any]]) -> None:
    path = root / "published/acme/2026-10" / f"{name}.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist(rows), path)


def _map(root: Path, *arguments: str) -> Result:
    of_month = ["-w", str(root), "--period", "2026-10", "--msp", "acme"]
    return CliRunner().invoke(commands, ["map", arguments[0], *of_month, *arguments[1:]])


def _lacking(root: Path) -> list[dict[str, Any]]:
    [one] = json.loads(_map(root, "suggest", "--accounting", "--json").output)["msps"]
    found: list[dict[str, Any]] = one["lacking"]
    return found


def _proposals(root: Path) -> dict[str, Any]:
    return {one["id"]: one["proposal"] for one in _lacking(root)}


def _kinds(root: Path) -> list[tuple[str, Any]]:
    return [(entry.kind, entry.body) for entry in chain(WorkspacePaths(root), "acme")]


def test_all_that_invoices_need_words_for_is_listed_most_money_first(root: Path) -> None:
    assert [(one["kind"], one["id"], one["money"]) for one in _lacking(root)] == [
        ("client", "C-1", {"EUR": "7.00", "USD": "120.00"}),
        ("client", "C-2", {"USD": "300.00"}),
        ("product", "BPA", {"USD": "300.00"}),
        ("client", "C-3", {"USD": "50.00"}),
        ("client", "C-4", {"USD": "40.00"}),
        ("client", "C-5", {"USD": "30.00"}),
        ("product", "LAB", {"USD": "20.00"}),
        ("client", "C-6", {}),
        ("product", "NEW", {}),
    ]


def test_only_where_one_name_matches_is_something_proposed_and_nothing_is_written(root: Path) -> None:
    before = {path: path.read_bytes() for path in (root / "rules").rglob("*.csv")}
    account = {"account_code": "0200", "tax_type": "Tax on Sales"}
    assert _proposals(root) == {
        "C-1": {"contact_name": "=Alder"}, "C-2": {"contact_name": "Birch"}, "BPA": account,
        "C-3": None, "C-4": None, "C-5": None, "LAB": None, "C-6": None, "NEW": None,
    }  # fmt: skip
    because = {one["id"]: one["because"] for one in _lacking(root)}
    assert because["C-3"] == "2 clients are called so"
    assert because["C-5"] == "“Nine LTD” is the contact of C-9 already"
    assert because["C-6"] == "it is landed without a name"
    assert because["LAB"] == "no product with a row is close enough"
    assert {path: path.read_bytes() for path in (root / "rules").rglob("*.csv")} == before
    assert _kinds(root) == []


def test_the_contacts_that_the_accounting_system_landed_come_before_the_names_of_the_psa(root: Path) -> None:
    write(root / "mbr.yml", SETTINGS + BOOKS)
    contacts = [("g-1", "Birch GmbH", "books"), ("g-3", "Other", "books"), ("C-3", "Same Name", "books")]
    _clients(root, [("C-1", "Alder", "psa"), ("C-2", "Birch", "psa"), *contacts])
    found = _proposals(root)
    assert (found["C-1"], found["C-2"]) == (None, {"contact_name": "Birch GmbH"})
    # what is invoiced under the accounting system's own id is called as it calls it
    assert found["C-3"] == {"contact_name": "Same Name"}


def test_the_printed_command_adds_the_row_once_and_it_is_entered(root: Path) -> None:
    printed = _map(root, "suggest", "--accounting").output
    assert "7.00 EUR + 120.00 USD  client C-1: =Alder" in printed
    assert "no proposal: 2 clients are called so" in printed
    assert "product BPA 0200 'Tax on Sales'" in printed
    assert "contact C-1 =Alder" in printed
    for said in ("rules/acme/contacts.csv: 1 row added", "1 row held already"):
        assert said in _map(root, "accept", "contact", "C-1", "=Alder").output
    _map(root, "accept", "product", "LAB", "400", "Tax Exempt", "--item-name", "Work, hourly")
    assert (root / "rules/acme/contacts.csv").read_text() == CONTACTS + "C-1,=Alder\n"
    assert (root / "rules/acme/accounting.csv").read_text() == (
        "product_code,account_code,tax_type,item_name\nBP,0200,Tax on Sales\n"
        'LAB,400,Tax Exempt,"Work, hourly"\n'
    )
    labour = {"product_code": "LAB", "account_code": "400", "tax_type": "Tax Exempt"}
    assert _kinds(root) == [
        ("map_accept", {"file": "contacts", "row": {"client_id": "C-1", "contact_name": "=Alder"}}),
        ("map_accept", {"file": "accounting", "row": labour | {"item_name": "Work, hourly"}}),
    ]
    assert "C-1" not in _proposals(root)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (("contact", "C-99", "X"), "no client C-99 in the last run of acme 2026-10"),
        (("contact", "C-9", "Neun"), "C-9 has another row, line 2 of contacts.csv: change that one"),
        (("product", "LAB", "400", " "), "tax_type is empty"),
    ],
)
def test_a_row_that_cannot_be_is_refused(root: Path, row: tuple[str, ...], said: str) -> None:
    done = _map(root, "accept", *row)
    assert (getattr(done.exception, "exit_code", 0), said in str(done.exception)) == (2, True), done
    assert (root / "rules/acme/contacts.csv").read_text() == CONTACTS
    assert _kinds(root) == []


def _filled(path: Path, cells: dict[str, dict[str, str]]) -> None:
    """Fill in rows of a table by id, as a spreadsheet saves it."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        delimiter = ";" if ";" in file.readline() else ","
        file.seek(0)
        rows = list(csv.DictReader(file, delimiter=delimiter))
    for row in rows:
        row.update(cells.get(row["id"], {}))
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), delimiter=";")
        writer.writeheader()
        writer.writerows(rows)


def test_a_filled_in_table_is_taken_whole_or_not_at_all_and_once(root: Path) -> None:
    path = root / "words.csv"
    assert "6 clients and 3 products without a row" in _map(
        root, "suggest", "--accounting", "--csv", str(path)
    ).output.replace("\n", " ")
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = {row["id"]: row for row in csv.DictReader(file)}
    # a spreadsheet neither computes nor shortens what is proposed
    assert rows["C-1"]["proposed_contact_name"] == "'=Alder"
    assert rows["BPA"]["proposed_account_code"] == "'0200"
    assert {rows[each][column] for each in rows for column in ("contact_name", "account_code")} == {""}
    wrong = {"C-2": {"contact_name": "Birch"}, "LAB": {"account_code": "400"}, "C-3": {"tax_type": "None"}}
    _filled(path, wrong)
    done = _map(root, "accept", "--from", str(path))
    assert getattr(done.exception, "exit_code", 0) == 2
    assert f"{path}: line 5, tax_type: a client has none: empty it" in done.output
    _filled(path, {"C-3": {"tax_type": ""}})
    done = _map(root, "accept", "--from", str(path))
    assert f"{path}: line 8, tax_type is empty: fill it in" in done.output
    assert load_words(root, "acme")["contacts"] == [
        {"client_id": "C-9", "contact_name": "Nine Ltd", "line": 2}
    ]
    right = {"LAB": {"tax_type": "Tax Exempt"}, "C-1": {"contact_name": "'=Alder"}}
    _filled(path, right | {"BPA": {"account_code": "'0200", "tax_type": "Tax on Sales"}})
    done = _map(root, "accept", "--from", str(path))
    assert done.output.splitlines() == [
        "rules/acme/contacts.csv: 2 rows added", "rules/acme/accounting.csv: 2 rows added",
        "5 rows not filled in",
    ]  # fmt: skip
    words = load_words(root, "acme")
    assert [row["contact_name"] for row in words["contacts"]] == ["Nine Ltd", "=Alder", "Birch"]
    assert [row["account_code"] for row in words["accounting"]] == ["0200", "0200", "400"]
    assert "4 rows held already" in _map(root, "accept", "--from", str(path)).output
    assert len(_kinds(root)) == 4
