"""The worklist as a table: what stands in it, that no spreadsheet obeys or changes it, and what a person
fills in is exactly what is mapped, whatever a spreadsheet made of the rest.

Belongs here: the table there and back. Does not: rows that are refused (``test_accept_table``).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mbr_pipeline.errors import ConfigError
from mbr_pipeline.mapping_help.accept_table import accept_table
from mbr_pipeline.mapping_help.table import COLUMNS, KnownTexts, exact, read_table, write_table
from mbr_pipeline.mapping_help.worklist import worklist
from mbr_pipeline.workspace.rules import load_rules
from tests.mapping_help.month import CHARGES, charge, land, ran, unmapped
from tests.support.small import write

BP = "Microsoft 365 Business Premium"
Rows = list[dict[str, str]]


def table_of(root: Path, *exceptions: dict[str, object], threshold: int = 90) -> tuple[Path, Rows]:
    """Write the month's table; return its path, and its rows as a spreadsheet would show them."""
    workspace, month = ran(root, exceptions)
    path = root / "to map.csv"
    path.unlink(missing_ok=True)
    write_table(path, month, worklist(workspace, month, threshold).items)
    with path.open(encoding="utf-8-sig", newline="") as handle:
        return path, list(csv.DictReader(handle))


def save(
    path: Path, rows: Rows, delimiter: str = ",", end: str = "\n", columns: list[str] | None = None
) -> None:
    text = io.StringIO()
    writer = csv.DictWriter(text, columns or list(COLUMNS), delimiter=delimiter, lineterminator=end)
    writer.writeheader()
    writer.writerows({name: row[name] for name in (columns or COLUMNS)} for row in rows)
    path.write_text(text.getvalue(), encoding="utf-8", newline="")


def test_both_kinds_are_in_one_table_and_accept_is_empty(tmp_path: Path) -> None:
    bill = charge(1, "007", "Alder Architects Ltd", "K1", BP) + charge(2, "T-9", "=cmd|' /C calc'!A0", "K9")
    land(tmp_path, "pax8", "vendor_charges", CHARGES + bill)
    customers = [
        unmapped("customer", "pax8", "007", ["vendor_charges.csv:2"]),
        unmapped("customer", "pax8", "T-9", ["vendor_charges.csv:3"], cost="1234.5"),
        unmapped("customer", "pax8", "T-9", ["vendor_charges.csv:3"], cost="5", currency="JPY"),
    ]
    _, rows = table_of(tmp_path, *customers)
    assert [(row["kind"], row["id"], row["money"], row["currency"]) for row in rows] == [
        ("customer", "T-9", "5 + 1234.50", "JPY + USD"),
        ("customer", "'007", "10.00", "USD"),
        ("sku", "K1", "10.00", "USD"),
        ("sku", "K9", "10.00", "USD"),
    ]
    assert {row["accept"] for row in rows} == {""}
    assert {(row["msp_id"], row["period"]) for row in rows} == {("acme", "'2026-10")}
    nobody, alder, sku, _ = rows
    assert (nobody["name"], nobody["suggested"], nobody["reason"]) == (
        "'=cmd|' /C calc'!A0",
        "",
        "no client is close enough",
    )
    assert (alder["suggested"], alder["suggested_name"], alder["score"]) == ("C1", "Alder Architects", "99")
    assert (sku["suggested"], sku["score"], sku["reason"]) == ("BP", "100", "the same name")


def test_two_more_candidates_are_named_also_where_none_is_suggested(tmp_path: Path) -> None:
    land(tmp_path, "pax8", "vendor_charges", CHARGES + charge(1, "T-1", "Alder Foods"))
    path = tmp_path / "t.csv"
    clients = {"C1": "Alder Foods Ovens", "C2": "Alder Foods Mills", "C3": "Alder Foods", "C4": "Finch"}
    workspace, month = ran(
        tmp_path, [unmapped("customer", "pax8", "T-1", ["vendor_charges.csv:2"])], clients=clients
    )
    write_table(path, month, worklist(workspace, month, 90).items)
    first = next(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))
    assert (first["suggested"], first["other_1"][:-5], first["other_2"][:-5]) == (
        "C3",
        "C1 Alder Foods Ovens",
        "C2 Alder Foods Mills",
    )
    path.unlink()
    del clients["C3"]
    workspace, month = ran(
        tmp_path, [unmapped("customer", "pax8", "T-1", ["vendor_charges.csv:2"])], clients=clients
    )
    write_table(path, month, worklist(workspace, month, 90).items)
    first = next(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))
    assert (first["suggested"], first["score"], first["reason"]) == ("", "", "no client is close enough")
    assert (first["other_1"][:-5], first["other_2"][:-5]) == ("C1 Alder Foods Ovens", "C2 Alder Foods Mills")


def test_a_table_that_is_there_is_never_written_over(tmp_path: Path) -> None:
    write(tmp_path / "to map.csv", "filled in")
    workspace, month = ran(tmp_path, [])
    with pytest.raises(ConfigError, match="is there already"):
        write_table(tmp_path / "to map.csv", month, ())
    assert (tmp_path / "to map.csv").read_text(encoding="utf-8") == "filled in"
    assert worklist(workspace, month, 90).items == ()


def test_a_byte_order_mark_stands_only_where_characters_need_it(tmp_path: Path) -> None:
    for name, mark in (("Alder", b""), ("Älder", b"\xef\xbb\xbf")):
        land(tmp_path, "pax8", "vendor_charges", CHARGES + charge(1, "T-1", name))
        path, _ = table_of(tmp_path, unmapped("customer", "pax8", "T-1", ["vendor_charges.csv:2"]))
        assert path.read_bytes()[:4] == mark + b"kind"[: 4 - len(mark)]


TEXTS = {
    "C1021": "C1021", "4711": "4711", "0": "0", "K1": "K1", "E5": "E5", "MARKET": "MARKET", "P1Y": "P1Y",
    "1e8b2ba1-7d1c-4a52-9b0c-8d5b1a3f9c11": "1e8b2ba1-7d1c-4a52-9b0c-8d5b1a3f9c11",
    "007": "'007", "1E5": "'1E5", "12.50": "'12.50", "1234567890123456": "'1234567890123456",
    "2026-10-01": "'2026-10-01", "MAR1": "'MAR1", "1-Okt": "'1-Okt", "3/4": "'3/4", "10:30": "'10:30",
    "TRUE": "'TRUE", "wahr": "'wahr", "=1+1": "'=1+1", "+49": "'+49", "-5": "'-5", "@cmd": "'@cmd",
    "'007": "''007", "\t=1": "⟨U+0009⟩=1", "\x1b[31m": "⟨U+001B⟩[31m", "a\nb": "a⟨U+000A⟩b", "": "",
    "\u202ecod": "⟨U+202E⟩cod",
}  # fmt: skip


@pytest.mark.parametrize("text", TEXTS)
def test_an_id_is_written_so_that_no_spreadsheet_computes_or_changes_it(text: str) -> None:
    assert exact(text) == TEXTS[text]


@settings(deadline=None)
@given(st.sets(st.one_of(st.sampled_from(sorted(TEXTS)), st.text(max_size=12)), max_size=12))
def test_what_the_table_shows_is_found_again_or_nothing_is(texts: set[str]) -> None:
    known = KnownTexts(texts)
    for text in texts:
        shown = exact(text)
        twins = [other for other in texts if exact(other) == shown]
        assert known.meant(shown) == (text if twins == [text] else None)
        assert not shown.startswith(("=", "+", "-", "@", "\t", "\r"))


# ----- there and back

IDS = st.one_of(
    st.sampled_from(
        ["1E5", "007", "=1+1", "+49", "@cmd", " padded ", 'a "q"', "a,b", "a;b", "\x1b[31m", "'x"]
    ),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00\r\n"), min_size=1, max_size=8),
).filter(lambda text: text.strip() == text != "")

MANGLED: dict[str, Callable[[Path, Rows], None]] = {
    "as written": lambda path, rows: save(path, rows),
    "semicolons and Windows line ends": lambda path, rows: save(path, rows, ";", "\r\n"),
    "tabs": lambda path, rows: save(path, rows, "\t"),
    "other order, fewer columns": lambda path, rows: save(
        path, rows, columns=["accept", "term", "id", "source", "kind"]
    ),
    "apostrophes taken for marks": lambda path, rows: save(
        path, [{name: cell.removeprefix("'") for name, cell in row.items()} for row in rows]
    ),
    "a byte order mark": lambda path, rows: (
        save(path, rows, ";"),
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes()),
    )[0],
    "UTF-16, and a line that names the separator": lambda path, rows: (
        save(path, rows, ";", "\r\n"),
        path.write_bytes(("sep=;\r\n" + path.read_text(encoding="utf-8")).encode("utf-16")),
    )[0],
}


@pytest.mark.parametrize("habit", MANGLED)
@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_what_is_filled_in_is_exactly_what_is_mapped(
    habit: str, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    root = tmp_path_factory.mktemp("month")
    customers = data.draw(st.lists(IDS, min_size=1, max_size=4, unique_by=lambda text: text.lstrip("'")))
    skus = data.draw(st.lists(IDS, min_size=1, max_size=3, unique_by=lambda text: text.lstrip("'")))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    for at, customer in enumerate(customers):
        start = [at, "V-1", customer, "Alder", skus[at % len(skus)], "", "recurring", "", 1, 10, 10, "USD"]
        writer.writerow([*start, "2026-10-01", "2026-11-01"])
    land(root, "pax8", "vendor_charges", CHARGES + text.getvalue())
    findings = [
        unmapped("customer", "pax8", customer, [f"vendor_charges.csv:{at + 2}"])
        for at, customer in enumerate(customers)
    ]
    path, rows = table_of(root, *findings)
    assert len(rows) == len(customers) + len(set(skus[: len(customers)]))
    wanted: dict[str, dict[str, str]] = {"customer": {}, "sku": {}}
    shown = {exact(text): text for text in (*customers, *skus)}
    choices = {"customer": ["", "C1", "C2", "!internal", "!ignore"], "sku": ["", "BP", "!not_billed"]}
    for row in rows:
        row["accept"] = data.draw(st.sampled_from(choices[row["kind"]]))
        if row["accept"]:
            wanted[row["kind"]][shown[row["id"]]] = row["accept"]
    MANGLED[habit](path, rows)
    workspace, month = ran(root, findings)
    if not any(wanted.values()):
        with pytest.raises(ConfigError, match="nothing is filled in"):
            accept_table(workspace, month, path)
        return
    taken = accept_table(workspace, month, path)
    rules = load_rules(root, "acme")
    clients = {row["vendor_customer_id"]: row["client_id"] for row in rules["client_map"].to_pylist()}
    products = {row["sku_id"]: row["product_code"] for row in rules["sku_map"].to_pylist()}
    assert (clients, products) == (wanted["customer"], wanted["sku"])
    assert taken.left == len(rows) - len(clients) - len(products)
    again = accept_table(workspace, month, path)
    assert (again.accepted, again.already) == ((), len(clients) + len(products))
    assert load_rules(root, "acme") == rules


def test_a_line_is_counted_as_an_editor_shows_it(tmp_path: Path) -> None:
    write(tmp_path / "t.csv", 'sep=;\nkind;source;id;accept\n;;;\nsku;pax8;"a\nb";x\n\nsku;pax8;c;y\n')
    assert [(row.line, row.cell("accept")) for row in read_table(tmp_path / "t.csv")] == [(4, "x"), (7, "y")]
