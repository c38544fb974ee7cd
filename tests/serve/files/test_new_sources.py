"""A dropped file that no source reads, as a new source; and the rejected rows of a month's last run.

Belongs here: these two pages. Does not: proposals themselves (``tests/profiling``), other files
(``test_files``).
"""

from __future__ import annotations

import csv
import html
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from mbr_pipeline.cli.ledger import command as ledger
from mbr_pipeline.setup.settings_edit import add_source
from mbr_pipeline.workspace.paths import WorkspacePaths
from mbr_pipeline.workspace.workspace import Workspace
from tests.serve.browsing import Visitor, served
from tests.serve.files.test_files import HERE, HOSTILE, drop, entries, ids, land, landed
from tests.support.small import LANDED, PERIOD, settings, write, write_msp

BILL = (
    "Customer;Product;Seats;Price;Total;Invoice No;Month\n"
    f"{HOSTILE};Backup;3;2,50;7,50;B-77;01.10.2026\n"
    "Birch;Backup;4;2,50;10,00;B-77;01.10.2026\n"
)
CATEGORY = "charge_category: {constant: recurring}"
TOTAL = "17.50"  # 3 × 2.50 + 4 × 2.50


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write(tmp_path / "mbr.yml", settings(["acme", "other"], "# the end\n"))
    write_msp(tmp_path, "acme")
    write_msp(tmp_path, "other")
    return tmp_path


@pytest.fixture
def visitor(root: Path) -> Iterator[Visitor]:
    with served(root) as (site, address):
        yield Visitor.by_link(site, address)


def _block(visitor: Visitor) -> str:
    """The source as it stands on the page."""
    found = re.search(r"<textarea[^>]*>\n(.*?)</textarea>", visitor.page, re.S)
    assert found, visitor.page
    return html.unescape(found.group(1))


def _at(visitor: Visitor) -> str:
    """Drop the bill and open its page."""
    drop(visitor, ("novavendor-bill.csv", BILL))
    assert "it is none of the sources in mbr.yml" in visitor.text
    path = f"{HERE}/new/{ids(visitor)[0]}"
    assert visitor.get(path).status_code == 200
    return path


def test_a_file_becomes_a_source_by_answers_and_lands(visitor: Visitor, root: Path) -> None:
    before = (root / "mbr.yml").read_text(encoding="utf-8")
    path = _at(visitor)
    assert "MBR takes it for vendor charges" in visitor.text and f"in all {TOTAL}" in visitor.text
    assert "<img src=x" not in visitor.page and HOSTILE in visitor.text
    answers = {"answer.columns.charge_category": "{constant: recurring}", "own.columns.currency": "EUR"}
    visitor.post(f"{path}/decide", answers | {"own.columns.currency": "{constant: EUR"})
    assert "correct the braces" in visitor.text
    visitor.post(f"{path}/decide", answers | {"own.columns.currency": "{constant: EUR}"})
    assert "To decide" not in visitor.text
    block = _block(visitor)
    visitor.post(f"{path}/check", {"block": block})
    assert f"2 rows, in all {TOTAL} EUR" in visitor.text
    assert (root / "mbr.yml").read_text(encoding="utf-8") == before
    assert visitor.post(f"{path}/add", {"block": block}).status_code == 200
    after = (root / "mbr.yml").read_text(encoding="utf-8")
    added = [line for line in after.splitlines() if line not in before.splitlines()]
    assert added[0].startswith("      novavendor:")
    assert [line for line in after.splitlines() if line not in added] == before.splitlines()
    source = Workspace.open(WorkspacePaths(root)).msp("acme").sources["novavendor"]
    assert (source.connector, source.datasets) == ("mapped", ["vendor_charges"])
    assert "novavendor" not in Workspace.open(WorkspacePaths(root)).msp("other").sources
    assert f"vendor charges of novavendor , {PERIOD}, 2 rows, {TOTAL} EUR" in visitor.text
    assert land(visitor) == 200
    [added_by, landed_by] = entries(root)
    assert (added_by.kind, added_by.actor, added_by.period) == ("source_add", "clerk1", PERIOD)
    assert (added_by.body["source"], added_by.body["settings"]["connector"]) == ("novavendor", "mapped")
    assert landed_by.body["file"] == f"{PERIOD}/novavendor/vendor_charges.novavendor-bill.csv"
    printed = CliRunner().invoke(ledger, ["--workspace", str(root), "--msp", "acme"]).stdout.splitlines()
    assert f"source_add {PERIOD} {added_by.entry_id} on novavendor" in " ".join(printed[0].split())


def test_a_source_that_died_before_its_entry_is_entered_by_repeating_it(visitor: Visitor, root: Path) -> None:
    path = _at(visitor)
    block = _block(visitor).replace("currency: TODO", "currency: {constant: EUR}")
    block = block.replace("charge_category: TODO", CATEGORY)
    add_source(WorkspacePaths(root), "acme", block)
    settings_file = (root / "mbr.yml").read_bytes()
    for _ in range(2):
        assert visitor.post(f"{path}/add", {"block": block}).status_code == 200
        visitor.get(path)
    assert [(entry.kind, entry.body["source"]) for entry in entries(root)] == [("source_add", "novavendor")]
    assert (root / "mbr.yml").read_bytes() == settings_file


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("novavendor:", "vendor:", "acme has a source vendor already"),
        ("novavendor:", "../x:", "must be letters, digits"),
        ("connector: mapped", "connector: nothing", "is unknown"),
        ("connector: mapped", "connector: mapped\n  api_key: x", "unknown key"),
        ("novavendor:", "policies: {}\nnovavendor:", "write one source"),
        (CATEGORY, "charge_category: *a", "repeats parts by & and *"),
        (CATEGORY, "charge_category: [", "correct the YAML"),
        (CATEGORY, "charge_category: {constant: nonsense}", "nonsense"),
        (CATEGORY, 'charge_category: {constant: "a\\0b"}', "no text: take it out"),
    ],
)
def test_a_source_that_is_wrong_is_refused_and_stays_on_the_page(
    visitor: Visitor, root: Path, old: str, new: str, said: str
) -> None:
    before, files = (root / "mbr.yml").read_bytes(), landed(root)
    path = _at(visitor)
    block = _block(visitor).replace("currency: TODO", "currency: {constant: EUR}")
    block = block.replace("charge_category: TODO", CATEGORY)
    assert old in block
    wrong = block.replace(old, new, 1)
    assert visitor.post(f"{path}/add", {"block": wrong}).status_code == 422
    assert said in visitor.text
    assert new.splitlines()[0] in html.unescape(visitor.page)
    assert ((root / "mbr.yml").read_bytes(), landed(root)) == (before, files)


def test_what_repeats_itself_is_not_even_read(visitor: Visitor) -> None:
    path = _at(visitor)
    bomb = "a: &a [x, x]\n" + "".join(f"b{n}: &b{n} [*a, *a, *a]\n" for n in range(9))
    assert visitor.post(f"{path}/check", {"block": bomb}).status_code == 422
    assert "repeats parts by & and *" in visitor.text
    assert visitor.post(f"{path}/check", {"block": "x: " + "[" * 20_000}).status_code == 422
    assert visitor.post(f"{path}/check", {"block": "x" * 70_000}).status_code == 422


def test_an_answer_that_cannot_stand_does_not_lock_the_page(visitor: Visitor) -> None:
    path = _at(visitor)
    for wrong in ("{columns: 3}", "{heading: {a: b}}", "{constant: [1]}", "[1", "{1: 2}"):
        assert visitor.post(f"{path}/decide", {"own.columns.currency": wrong}).status_code in (200, 422)
        assert visitor.get(path).status_code == 200, wrong


def _rejected(root: Path, faults: int) -> None:
    """A bill of which the amount of every row is no number, and what a run lists of it."""
    header, row = LANDED["vendor/vendor_charges.csv"].splitlines()
    lines = [row.replace("1,V-1", f"{n},V-1").replace("50.00,USD", f"{HOSTILE},USD") for n in range(faults)]
    write(root / f"landing/acme/{PERIOD}/vendor/vendor_charges.csv", "\n".join([header, *lines]) + "\n")
    report = root / "reports/acme" / PERIOD
    report.mkdir(parents=True)
    with (report / "rejected.csv").open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(("file", "line", "column", "value", "reason"))
        name = f"{PERIOD}/vendor/vendor_charges.csv"
        writer.writerows((name, n + 2, "amount", HOSTILE, "not a plain number") for n in range(faults))
    (report / "gate.json").write_text(json.dumps({"rejected_count": faults}), encoding="utf-8")


def test_rejected_rows_stand_with_the_cell_marked_a_hundred_a_page(visitor: Visitor, root: Path) -> None:
    _rejected(root, 101)
    visitor.get(HERE)
    assert "The last run rejected 101 rows" in visitor.text
    visitor.get(f"{HERE}/rejected")
    marked = re.findall(r"<mark>(.*?)</mark>", visitor.page)
    assert marked == ["&lt;img src=x onerror=alert(1)&gt;"] * 100
    assert f"2 amount : not a plain number 0 V-1 T-1 SKU-1 recurring 10 5.00 {HOSTILE} USD" in visitor.text
    assert "<img src=x" not in visitor.page
    visitor.get(f"{HERE}/rejected?page=2")
    assert visitor.page.count("<mark>") == 1 and "102 amount" in visitor.text
    visitor.get(f"{HERE}/rejected?page=3")
    assert "There is no such page." in visitor.text


def test_rejected_rows_of_a_file_that_is_gone_show_their_cells(visitor: Visitor, root: Path) -> None:
    _rejected(root, 1)
    (root / f"landing/acme/{PERIOD}/vendor/vendor_charges.csv").unlink()
    visitor.get(f"{HERE}/rejected")
    assert f"amount : not a plain number {HOSTILE}" in visitor.text
