"""`mbr land`: what it prints, and how it refuses.

Belongs here: the command in this process. Does not: what may land (tests/ingest/test_land_files.py).
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from mbr_pipeline.cli import main
from mbr_pipeline.decide.ledger.chains import appending
from mbr_pipeline.decide.ledger.entries import Draft
from mbr_pipeline.storage.database.opening import open_database
from mbr_pipeline.workspace.paths import WorkspacePaths
from tests.support.small import LANDED, settings, write

OPTIONS = ("--msp", "acme", "--period", "2026-10", "--source", "vendor", "--dataset", "vendor_charges")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write(tmp_path / "mbr.yml", settings(["acme"]))
    write(tmp_path / "bill.csv", LANDED["vendor/vendor_charges.csv"])
    return tmp_path


def _mbr(root: Path, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["mbr", "land", "--workspace", str(root), *OPTIONS, *arguments])
    try:
        main()
    except SystemExit as end:
        return int(end.code or 0)
    return 0


def test_what_was_landed_and_what_it_replaced_is_printed(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = root / "bill.csv"
    assert _mbr(root, monkeypatch, str(file)) == 0
    name = "2026-10/vendor/vendor_charges.bill.csv"
    assert capsys.readouterr().out == f"{name} landed (1 row, 50.00 USD)\n"
    assert _mbr(root, monkeypatch, str(file)) == 0
    assert capsys.readouterr().out == f"{name} is landed already, with these bytes: (1 row, 50.00 USD)\n"
    write(file, LANDED["vendor/vendor_charges.csv"].replace("50.00", "60.00"))
    assert _mbr(root, monkeypatch, str(file), "--replaces", "vendor_charges.bill.csv") == 0
    assert capsys.readouterr().out.splitlines() == [
        f"{name} landed (1 row, 60.00 USD)",
        f"{name} replaced, kept as .superseded/vendor_charges.bill.csv",
    ]


def test_who_lands_in_a_closed_month_is_told_what_to_do(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with appending(open_database(WorkspacePaths(root).ledger)) as chains:
        chains.append("acme", [Draft("close", "2026-10", {"version": "1"}, "owner1")])
    assert _mbr(root, monkeypatch, "--json", str(root / "bill.csv")) == 0
    printed = capsys.readouterr()
    [warning] = json.loads(printed.out.splitlines()[-1])["warnings"]
    assert warning.startswith("acme 2026-10 is closed (version 1, by owner1 on ")
    assert warning.endswith(
        "open it again by `mbr reopen --msp acme --period 2026-10 --reason TEXT`;"
        " its closed version is without these files"
    )
    assert printed.err == f"mbr: warning: {warning}\n"
    # what lies there already may be in the closed version
    assert _mbr(root, monkeypatch, str(root / "bill.csv")) == 0
    assert capsys.readouterr().err == ""


def test_the_last_line_is_one_json_object(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    header, line = LANDED["vendor/vendor_charges.csv"].splitlines()
    write(root / "bill.csv", f"{header},note\n{line},x\n")
    assert _mbr(root, monkeypatch, "--json", str(root / "bill.csv")) == 0
    printed = capsys.readouterr()
    document = json.loads(printed.out.splitlines()[-1])
    [file] = document.pop("files")
    assert len(file.pop("sha256")) == 64
    assert file == {
        "name": "vendor_charges.bill.csv",
        "state": "landed",
        "rows": 1,
        "totals": {"USD": "50.00"},
    }
    said = "columns that are none of the dataset's are kept in raw only: note"
    said = f"2026-10/vendor/vendor_charges.bill.csv: {said}"
    assert document == {
        "msp_id": "acme",
        "period": "2026-10",
        "source": "vendor",
        "dataset": "vendor_charges",
        "replaced": [],
        "warnings": [said],
    }
    assert printed.err == f"mbr: warning: {said}\n"


def test_a_refusal_is_one_line_and_exit_2(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write(root / "bill.csv", LANDED["vendor/vendor_charges.csv"].replace("50.00", "5O.00"))
    assert _mbr(root, monkeypatch, "--json", str(root / "bill.csv")) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("mbr: vendor_charges.bill.csv: line 2: amount '5O.00': not a plain number")
    assert printed.err.count("\n") == 1
