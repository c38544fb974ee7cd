"""An export is made once: entries, folders, refusals, cut-off commands (contract §10).

Belongs here: when something is written, and under which entry. Does not: what stands in the files.
"""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.decide.months import PEOPLE
from tests.release.exports.months import ExportMonth, line

READY = [line("L-1", "C-1", "I-1", "80.00"), line("L-2", "C-2", "I-2", "5.00")]


@pytest.fixture
def month(tmp_path: Path) -> ExportMonth:
    """October, closed."""
    made = ExportMonth(tmp_path)
    made.publish(READY)
    made.close()
    return made


def manifest_of(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    return found


def test_the_entry_has_the_hash_of_the_manifest_without_the_entrys_id(month: ExportMonth) -> None:
    closed = month.entries()[-1]
    told = month.export("xero")
    [entry] = month.exports()
    manifest = manifest_of(month.folder(1, "xero"))
    assert {name: told[name] for name in manifest} == manifest
    assert manifest.pop("entry_id") == entry.entry_id
    text = json.dumps(manifest, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert entry.body == {
        "version": "1",
        "target": "xero",
        "manifest": hashlib.sha256(text.encode()).hexdigest(),
        "options": [],
    }
    assert (manifest["chain_head"], manifest["actor"], entry.actor) == (closed.hash, "clerk1", "clerk1")
    assert manifest["certificate"] == {"passed": True}
    content = (month.folder(1, "xero") / "xero-001.csv").read_bytes()
    assert manifest["files"] == [
        {"name": "xero-001.csv", "sha256": hashlib.sha256(content).hexdigest(), "rows": 2}
    ]


def test_the_same_version_and_target_twice_is_refused_naming_the_first(month: ExportMonth) -> None:
    month.export("xero")
    [first] = month.exports()
    said = month.refused("xero", who="clerk2")
    assert f"by clerk1 at {first.at}" in said and first.entry_id in said and "--again" in said
    month.export("csv")


def test_again_keeps_the_older_folder_and_both_entries(month: ExportMonth) -> None:
    for _ in range(3):
        month.export("xero", "--again")
    ids = [entry.entry_id for entry in month.exports()]
    names = ("xero.1", "xero.2", "xero")
    assert [manifest_of(month.folder(1, name))["entry_id"] for name in names] == ids
    assert len(ids) == 3


def test_nothing_is_exported_of_a_month_that_is_not_closed(tmp_path: Path) -> None:
    month = ExportMonth(tmp_path)
    month.publish(READY)
    assert "is not closed: close it by `mbr close --msp acme --period 2026-10`" in month.refused("xero")
    month.close()
    month.reopen()
    assert "was opened again and is not closed" in month.refused("xero")


def test_a_dry_run_of_an_open_month_says_all_and_writes_nothing(tmp_path: Path) -> None:
    month = ExportMonth(tmp_path)
    month.publish(READY)
    told = month.export("xero", "--dry-run")
    assert (told["version"], told["exported"], told["entry_id"]) == (1, {"USD": "85.00"}, None)
    assert (month.entries(), month.files()) == ([], {})
    assert not list(tmp_path.glob("warehouse/acme/2026-10/export-*"))
    month.month.published.unlink()
    assert "is not published: run `mbr run" in month.refused("xero", "--dry-run", code=3)


def _tree(month: ExportMonth) -> dict[str, tuple[int, int]]:
    """Everything in the workspace, with its time and size."""
    found = [(path, path.lstat()) for path in month.root.rglob("*")]
    return {str(path): (stat.st_mtime_ns, stat.st_size) for path, stat in found if not path.is_dir()}


@pytest.mark.parametrize("target", ["xero", "xlsx", "psa", "claims", "focus"])
def test_a_dry_run_writes_nothing(month: ExportMonth, target: str) -> None:
    month.export(target, "--dry-run")  # readers keep what they typed, and let the catalogue follow
    before = _tree(month)
    assert not month.exports()
    month.export(target, "--dry-run")
    assert _tree(month) == before


def test_a_dry_run_says_what_the_export_would_be_refused_with(month: ExportMonth) -> None:
    month.export("xero", who="clerk2")
    said = month.refused("xero")
    assert "was exported to xero already, by clerk2" in said
    assert month.refused("xero", "--dry-run") == said
    assert month.export("xero", "--dry-run", "--again")["state"] == "dry_run"
    # cut off, and what it was made from is another now
    shutil.rmtree(month.folder(1, "xero"))
    assert month.export("xero", "--dry-run")["state"] == "dry_run"
    contacts = month.root / "rules/acme/contacts.csv"
    contacts.write_text(contacts.read_text(encoding="utf-8").replace("Sons", "Daughters"), encoding="utf-8")
    said = month.refused("xero", "--dry-run", code=3)
    assert "was cut off, and what it was made from has changed since" in said
    assert month.refused("xero", code=3) == said
    # words that are missing
    contacts.write_text("client_id,contact_name\n", encoding="utf-8")
    assert month.refused("xero", "--dry-run", "--again") == month.refused("quickbooks")


def test_a_dry_run_of_what_differs_needs_what_went_out_before(month: ExportMonth) -> None:
    month.export("xero")
    month.reopen()
    month.publish([line("L-1", "C-1", "I-1", "90.00"), line("L-2", "C-2", "I-2", "5.00")])
    assert month.export("xero", "--dry-run")["exported"] == {"USD": "10.00"}
    shutil.rmtree(month.folder(1, "xero"))
    contacts = month.root / "rules/acme/contacts.csv"
    contacts.write_text(contacts.read_text(encoding="utf-8").replace("Sons", "Daughters"), encoding="utf-8")
    said = month.refused("xero", "--dry-run", code=3)
    month.close()
    assert month.refused("xero", code=3) == said


def test_a_version_that_is_not_what_was_closed_is_not_exported(month: ExportMonth) -> None:
    table = tmp = month.month.published.with_name("2026-10.versions") / "1/fct_invoice_lines_ready.parquet"
    table.write_bytes(tmp.read_bytes() + b" ")
    assert "fct_invoice_lines_ready.parquet was changed" in month.refused("xero", code=3)


@pytest.mark.parametrize(
    ("target", "option", "said"),
    [
        (
            "sage",
            "--again",
            "'sage' is no target: use one of xero, quickbooks, csv, xlsx, psa, claims, focus",
        ),
        ("csv", "--full", "--full is for xero and quickbooks, not for csv"),
        ("xero", "--all", "--all is for psa, not for xero"),
    ],
)
def test_a_wrong_wish_is_refused(month: ExportMonth, target: str, option: str, said: str) -> None:
    assert month.refused(target, option) == said


def test_only_people_may_export_and_the_attempt_of_another_is_entered(tmp_path: Path) -> None:
    month = ExportMonth(tmp_path, PEOPLE)
    month.publish(READY)
    assert "stranger is not among `people`" in month.refused("xero", who="stranger")  # before: not closed
    month.close()
    month.refused("xero", "--dry-run", who="stranger")
    month.refused("xero", who="stranger")
    denied = [entry for entry in month.entries() if entry.kind == "denied"]
    assert [(e.actor, e.body["command"], e.body["subject"]) for e in denied] == [
        ("stranger", "export", "2026-10")
    ] * 2
    month.export("xero", who="clerk2")


def test_an_export_cut_off_after_its_entry_is_finished_under_it(month: ExportMonth) -> None:
    # what a kill leaves between entry and folder
    month.export("xero", who="clerk2")
    folder = month.folder(1, "xero")
    whole = month.files()
    folder.rename(folder.with_name(".xero.building"))
    told = month.export("xero", "--again", who="clerk1")
    assert told["state"] == "finished"
    assert (len(month.exports()), month.files()) == (1, whole)
    # the same of a second export: the first is kept then
    month.export("xero", "--again")
    whole = month.files()
    shutil.rmtree(folder)
    folder.with_name("xero.1").rename(folder)
    assert month.export("xero")["state"] == "finished"
    assert (len(month.exports()), month.files()) == (2, whole)


def test_a_cut_off_export_whose_words_were_changed_is_not_finished_as_another(month: ExportMonth) -> None:
    month.export("xero")
    shutil.rmtree(month.folder(1, "xero"))
    contacts = month.root / "rules/acme/contacts.csv"
    contacts.write_text(contacts.read_text(encoding="utf-8").replace("Alder", "Elder"), encoding="utf-8")
    assert "was cut off, and what it was made from has changed since" in month.refused("xero", code=3)
    assert month.export("xero", "--again")["state"] == "exported"
    assert len(month.exports()) == 2


def test_equal_versions_give_equal_bytes_but_for_who_when_and_the_entry(tmp_path: Path) -> None:
    found = []
    for name in ("one", "other"):
        month = ExportMonth(tmp_path / name)
        month.publish(READY)
        month.close()
        for target in ("xero", "xlsx", "csv"):
            month.export(target)
        files = month.files()
        for path in [path for path in files if path.endswith("manifest.json")]:
            document = json.loads(files.pop(path))
            found_here = {k: v for k, v in document.items() if k not in ("entry_id", "chain_head")}
            files[path] = json.dumps(found_here).encode()
        found.append(files)
    assert found[0] == found[1]
    [sheet] = [content for path, content in found[0].items() if path.endswith(".xlsx")]
    with zipfile.ZipFile(io.BytesIO(sheet)) as book:
        assert {info.date_time for info in book.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert b"<dcterms:" not in book.read("docProps/core.xml")
