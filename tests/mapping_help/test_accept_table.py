"""Rows of a filled-in table that cannot be taken: each in one line, and nothing written.

Belongs here: ``accept_table`` and what `mbr map` says of it. Does not: what spreadsheets make of a table
(``test_table``).
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from mbr_pipeline.cli import commands
from mbr_pipeline.errors import ConfigError
from mbr_pipeline.mapping_help.accept_table import Taken, WrongRows, accept_table
from tests.mapping_help.month import CHARGES, CLIENT_MAP, SKU_MAP, charge, land, ran, unmapped
from tests.support.launching import bytes_below
from tests.support.small import write

BP = "Microsoft 365 Business Premium"
HEAD = "kind,source,id,term,accept,units_per,valid_from,valid_to,msp_id,period\n"
CLIENTS = {
    "C1": "Alder Architects",
    "C2": "Bluewater Dental",
    "007": "Contoso Foods",
    "C8": "Twin",
    "C9": "twin",
}


def _month(root: Path) -> None:
    bill = charge(1, "T-1", "Alder", "K1", BP, "P1M") + charge(2, "T-2", "Blue", "K1", BP, "P1Y")
    land(root, "pax8", "vendor_charges", CHARGES + bill + charge(3, "0042", "", "1E5"))
    land(root, "huntress", "vendor_charges", CHARGES + charge(1, "H-1", ""))
    write(root / "rules/acme/client_map.csv", CLIENT_MAP + "huntress,H-1,C2,2026-01-01,2026-11-01\n")
    write(root / "rules/acme/sku_map.csv", SKU_MAP)


def _take(root: Path, rows: str, head: str = HEAD) -> Taken:
    write(root / "filled.csv", head + rows)
    return accept_table(*ran(root, [], clients=CLIENTS), root / "filled.csv")


def _maps(root: Path) -> tuple[str, ...]:
    names = ("client_map", "sku_map")
    return tuple((root / f"rules/acme/{name}.csv").read_text(encoding="utf-8") for name in names)


def test_customers_and_skus_are_taken_with_all_that_a_person_may_say(tmp_path: Path) -> None:
    _month(tmp_path)
    taken = _take(
        tmp_path,
        "Customer,pax8,T-1,,C1,,,,acme,2026-10\nSKU,pax8,K1,P1M,BP,0.5,'2026-09-11,'2027-01-01,,\n"
        "sku,pax8,K1,,EDR,,,,,\ncustomer,pax8,42,,,,,,,\nsku,pax8,'1E5,,!not_billed,,,,,'2026-10\n"
        "customer,pax8,'0042,,'007,,,,,\n",
    )
    assert _maps(tmp_path) == (
        CLIENT_MAP
        + "huntress,H-1,C2,2026-01-01,2026-11-01\npax8,T-1,C1,2026-10-01,\npax8,0042,007,2026-10-01,\n",
        SKU_MAP
        + "pax8,K1,P1M,BP,0.5,2026-09-11,2027-01-01\npax8,K1,,EDR,,2026-10-01,\n"
        + "pax8,1E5,,!not_billed,,2026-10-01,\n",
    )
    assert ([len(one.rows) for one in taken.accepted], taken.already, taken.left) == ([2, 3], 0, 1)


def test_a_row_that_holds_already_is_passed_over(tmp_path: Path) -> None:
    _month(tmp_path)
    rows = "customer,huntress,H-1,,C2,,2026-03-01,2026-11-01,,\ncustomer,pax8,T-1,,C1,,,,,\n"
    assert _take(tmp_path, rows + "customer,pax8,T-1,,C1,,,,,\n").already == 2
    before = _maps(tmp_path)
    assert _take(tmp_path, rows).already == 2
    assert _maps(tmp_path) == before


WRONG = {
    "seat,pax8,T-1,,C1,,,,,": "kind “seat”: write customer or sku",
    "customer,psa,T-1,,C1,,,,,": "source “psa”: bills or counts nothing: use one of pax8, huntress",
    "customer,pax8,T-9,,C1,,,,,": "id “T-9”: no bill or count of pax8 has this customer",
    "sku,huntress,1E5,,BP,,,,,": "id “1E5”: no bill or count of huntress has this SKU",
    "customer,pax8,1.0E+05,,C1,,,,,": "a spreadsheet may have changed it",
    "customer,pax8,T-1,,C7,,,,,": "accept “C7”: client 'C7' is not in the PSA of acme 2026-10",
    "customer,pax8,T-1,,yes,,,,,": "accept “yes”: client 'yes' is not in the PSA",
    "customer,pax8,T-1,,alder  ARCHITECTS,,,,,": "is a name: write the id, C1",
    "customer,pax8,T-1,,Twin,,,,,": "is a name: write the id, C8 or C9",
    "customer,pax8,T-1,,7,,,,,": "accept “7”: is no id, but 007 is: write it so, as text",
    "customer,pax8,T-1,,c1,,,,,": "is no id, but C1 is",
    "customer,pax8,T-1,,BP,,,,,": "client 'BP' is not in the PSA",
    "customer,pax8,T-1,,!not_billed,,,,,": "is no word for a client: use !internal or !ignore, or an id",
    "sku,pax8,K1,,!ignore,,,,,": "is no word for a product: use !not_billed, or an id",
    "sku,pax8,K1,,!x,,,,,": "is no word for a product",
    "sku,pax8,K1,P3Y,BP,,,,,": "term “P3Y”: the SKU is billed with P1M, P1Y",
    "sku,pax8,1E5,P1M,BP,,,,,": "term “P1M”: the SKU is billed with none",
    "customer,pax8,T-1,P1M,C1,,,,,": "term “P1M”: a customer has no term",
    "customer,pax8,T-1,,C1,2,,,,": "units_per “2”: a customer has no units_per",
    'sku,pax8,K1,,BP,"0,5",,,,': "units_per “0,5”: '0,5' is not a number",
    "sku,pax8,K1,,BP,0,,,,": "units_per “0”: '0' must be above zero",
    "customer,pax8,T-1,,C1,,1.10.2026,,,": "valid_from “1.10.2026”: '1.10.2026' is not a date",
    "customer,pax8,T-1,,C1,,,2026-02-30,,": "valid_to “2026-02-30”: '2026-02-30' is not a day",
    "customer,pax8,T-1,,C1,,,2026-09-01,,": "valid_to “2026-09-01”: valid_to 2026-09-01 is before",
    "customer,pax8,T-1,,C1,,,,beta,": "msp_id “beta”: this is acme",
    "customer,pax8,T-1,,C1,,,,,2026-09": "period “2026-09”: this is 2026-10",
    "customer,huntress,H-1,,C1,,,,,": "accept “C1”: line 2 of client_map.csv holds for H-1 on the same days",
    "customer,pax8,\x1b[2JT,,C1,,,,,": "id “⟨U+001B⟩[2JT”",
}


@pytest.mark.parametrize("row", WRONG)
def test_a_wrong_row_is_named_and_no_row_is_taken(row: str, tmp_path: Path) -> None:
    _month(tmp_path)
    before = _maps(tmp_path)
    with pytest.raises(WrongRows) as caught:
        _take(tmp_path, f"customer,pax8,T-2,,C2,,,,,\n{row}\n")
    [line] = caught.value.lines
    assert line.startswith(f"{tmp_path}/filled.csv: line 3, ")
    assert WRONG[row] in line
    assert _maps(tmp_path) == before


def test_every_wrong_row_is_a_line_on_standard_error(tmp_path: Path) -> None:
    _month(tmp_path)
    ran(tmp_path, [], clients=CLIENTS)
    rows = [row for row in WRONG if "beta" not in row]
    table = tmp_path / "filled.csv"
    write(table, HEAD + "customer,pax8,T-2,,C2,,,,,\n" + "\n".join(rows) + "\n")
    before = bytes_below(tmp_path / "rules")
    where = ["-w", str(tmp_path), "--msp", "acme", "--period", "2026-10"]
    done = CliRunner().invoke(commands, ["map", "accept", *where, "--from", str(table)])
    assert isinstance(done.exception, ConfigError)
    said = done.stderr.splitlines()
    assert [line.split(", ")[0].rpartition(" ")[2] for line in said] == [
        str(at) for at in range(3, 3 + len(rows))
    ]
    assert all(line.isprintable() for line in said)
    assert (
        str(done.exception)
        == f"{table}: {len(rows)} wrong, nothing was written: correct the table, then again"
    )
    assert bytes_below(tmp_path / "rules") == before


def test_two_rows_of_the_table_that_say_different_things_are_refused(tmp_path: Path) -> None:
    _month(tmp_path)
    with pytest.raises(WrongRows) as caught:
        _take(tmp_path, "sku,pax8,K1,P1M,BP,,,,,\nsku,pax8,K1,P1M,EDR,,,,,\nsku,pax8,K1,P1M,BP,2,,,,\n")
    first, second = caught.value.lines
    assert "line 3, accept “EDR”: line 2 of the table holds for K1 on the same days" in first
    assert "line 4, accept “BP”: line 2 of the table holds" in second
    ended = "sku,pax8,K1,P1M,BP,,,2026-10-12,,\nsku,pax8,K1,P1M,EDR,,2026-10-12,,,\n"
    assert [len(one.rows) for one in _take(tmp_path, ended).accepted] == [2]


NO_TABLE = {
    "nothing": (b"", "no column kind and source and id and accept"),
    "no accept": (b"kind;source;id\n", "line 1: no column"),
    "accept twice": (b"kind,source,id,accept,Accept \n", "line 1: column 'accept' is there twice"),
    "nothing filled in": (b"kind,source,id,accept\ncustomer,pax8,T-1, \n", "nothing is filled in"),
    "a workbook": (b"PK\x03\x04rest", "is a workbook: save it as CSV UTF-8"),
    "Windows text": ("kind,source,id,accept\nsku,pax8,Zürich,x\n".encode("cp1252"), "not UTF-8 text"),
    "an open quote": (b'kind,source,id,accept\nsku,pax8,"K1,BP\n', "line 2: not a CSV file"),
    "too many cells": (b"kind,source,id,accept\nsku,pax8,K1,BP,,x\n", "line 2: more cells than columns"),
}


@pytest.mark.parametrize("case", NO_TABLE)
def test_what_is_no_table_is_said_in_one_line(case: str, tmp_path: Path) -> None:
    _month(tmp_path)
    before = _maps(tmp_path)
    content, words = NO_TABLE[case]
    (tmp_path / "filled.csv").write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        accept_table(*ran(tmp_path, []), tmp_path / "filled.csv")
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)
    assert _maps(tmp_path) == before


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        accept_table(*ran(tmp_path, []), tmp_path / "none.csv")


_KILLED = """
import os, signal, sys
from pathlib import Path
root, event, name = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
def watch(what, arguments):
    if what == event and name in repr(arguments) and (what != "open" or arguments[1] == "w"):
        os.kill(os.getpid(), signal.SIGKILL)
from tests.mapping_help.test_accept_table import CLIENTS, ran, accept_table
month = ran(root, [], clients=CLIENTS)
sys.addaudithook(watch)
accept_table(*month, root / "filled.csv")
"""


@pytest.mark.parametrize("event", ["open", "os.rename", "os.chmod"])
@pytest.mark.parametrize("name", ["client_map.csv", "sku_map.csv"])
def test_killed_anywhere_each_file_is_old_or_new_and_once_more_mends_it(
    event: str, name: str, tmp_path: Path
) -> None:
    _month(tmp_path)
    before = _maps(tmp_path)
    rows = "customer,pax8,T-1,,C1,,,,,\nsku,pax8,K1,,BP,,,,,\n"
    after = (before[0] + "pax8,T-1,C1,2026-10-01,\n", before[1] + "pax8,K1,,BP,,2026-10-01,\n")
    write(tmp_path / "filled.csv", HEAD + rows)
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(
        [sys.executable, "-c", _KILLED, str(tmp_path), event, name],
        cwd=root,
        env=os.environ | {"PYTHONPATH": str(root)},
        check=False,
        timeout=120,
    )
    assert done.returncode == -signal.SIGKILL
    assert all(text in pair for text, *pair in zip(_maps(tmp_path), before, after, strict=True))
    _take(tmp_path, rows)
    assert _maps(tmp_path) == after


def test_a_file_that_cannot_be_written_leaves_both_as_they_were(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _month(tmp_path)
    before = bytes_below(tmp_path / "rules")
    synced: list[int] = []

    def full(descriptor: int) -> None:
        synced.append(descriptor)
        if len(synced) == 2:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        _take(tmp_path, "customer,pax8,T-1,,C1,,,,,\nsku,pax8,K1,,BP,,,,,\n")
    assert bytes_below(tmp_path / "rules") == before


def test_the_command_line_writes_takes_and_says_what_to_do(tmp_path: Path) -> None:
    _month(tmp_path)
    ran(tmp_path, [unmapped("customer", "pax8", "T-1", ["vendor_charges.csv:2"])], clients=CLIENTS)
    table, where = str(tmp_path / "to map.csv"), ["-w", str(tmp_path), "--period", "2026-10"]

    def mbr(*words: str) -> str:
        return (
            CliRunner()
            .invoke(commands, ["map", *words], catch_exceptions=False, standalone_mode=False)
            .output
        )

    said = mbr("suggest", *where, "--csv", table).splitlines()
    assert said[0] == f"{table}: 1 customer and 1 SKU of acme 2026-10 to map"
    assert said[1].endswith(f"--msp acme --period 2026-10 --from '{table}'")
    filled = Path(table).read_text(encoding="utf-8").replace(",,,,,acme,", ",C1,,,,acme,", 1)
    Path(table).write_text(filled, encoding="utf-8")
    said = mbr("accept", *where, "--msp", "acme", "--from", table).splitlines()
    assert said[:2] == ["rules/acme/client_map.csv: 1 row added", "1 row without accept left unmapped"]
    assert said[2].startswith("Run again: ")
    again = mbr("accept", *where, "--msp", "acme", "--from", table).splitlines()
    assert again[:2] == ["1 row held already", "1 row without accept left unmapped"]


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (["suggest", "--csv", "x.csv", "--json"], "exclude each other"),
        (["accept", "--msp", "acme"], "Name either a table"),
        (["accept", "--msp", "acme", "--from", "x.csv", "customer", "a", "b", "c"], "Name either a table"),
    ],
)
def test_what_excludes_each_other_is_a_usage_error(words: list[str], problem: str, tmp_path: Path) -> None:
    ran(tmp_path, [])
    done = CliRunner().invoke(
        commands, ["map", words[0], "-w", str(tmp_path), "--period", "2026-10", *words[1:]]
    )
    assert done.exit_code == 2
    assert problem in done.stderr
    assert not (tmp_path / "x.csv").exists()
