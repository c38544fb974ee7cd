"""Adding one row to a rule file: everything else stays as it was, byte for byte, and what would be wrong is
refused.

Belongs here: ``accept`` on a month written by hand. Does not: what the next run makes of it
(tests/e2e/test_map_command.py).
"""

from __future__ import annotations

import os
import re
import signal
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from mbr_pipeline.errors import ConfigError
from mbr_pipeline.mapping_help.accept import Choice, accept
from mbr_pipeline.workspace.rules import load_rules
from tests.mapping_help.month import CLIENT_MAP, SKU_MAP, ran
from tests.support.launching import bytes_below

HEAD = CLIENT_MAP.encode()


def _map(root: Path, name: str = "client_map") -> Path:
    return root / f"rules/acme/{name}.csv"


def _write(root: Path, content: bytes, name: str = "client_map") -> None:
    _map(root, name).parent.mkdir(parents=True, exist_ok=True)
    _map(root, name).write_bytes(content)


def _customer(root: Path, vendor_id: str = "T-1", client: str = "C1", **more: Any) -> str:
    return accept(*ran(root, []), Choice("customer", "pax8", vendor_id, client, **more)).text


def _sku(root: Path, sku: str = "K1", product: str = "BP", **more: Any) -> str:
    return accept(*ran(root, []), Choice("sku", "pax8", sku, product, **more)).text


BEFORE_AND_AFTER = {
    "no file": (None, HEAD.replace(b"\n", b",note\n") + b"pax8,T-1,C1,2026-10-01,,\n"),
    "a header": (HEAD, HEAD + b"pax8,T-1,C1,2026-10-01,\n"),
    "no line end": (HEAD + b"pax8,T-0,C2,,", HEAD + b"pax8,T-0,C2,,\npax8,T-1,C1,2026-10-01,\n"),
    "Windows line ends and a byte order mark": (
        b"\xef\xbb\xbf" + HEAD.replace(b"\n", b"\r\n") + b'pax8,"T-0",C2,,\r\n\r\n',
        b"\xef\xbb\xbf"
        + HEAD.replace(b"\n", b"\r\n")
        + b'pax8,"T-0",C2,,\r\n\r\npax8,T-1,C1,2026-10-01,\r\n',
    ),
    "old Macintosh line ends": (
        HEAD.replace(b"\n", b"\r"),
        HEAD.replace(b"\n", b"\r") + b"pax8,T-1,C1,2026-10-01,\r",
    ),
    "columns in another order": (
        b"valid_from, client_id ,source,vendor_customer_id\n,C2,pax8,T-0\n",
        b"valid_from, client_id ,source,vendor_customer_id\n,C2,pax8,T-0\n2026-10-01,C1,pax8,T-1\n",
    ),
    "no column for the date": (
        b"source,vendor_customer_id,client_id\r\npax8,T-0,C2\r\n",
        b"source,vendor_customer_id,client_id,valid_from\r\npax8,T-0,C2\r\npax8,T-1,C1,2026-10-01\r\n",
    ),
    "short and blank lines": (
        HEAD + b"\n,,\npax8,T-0,C2\n",
        HEAD + b"\n,,\npax8,T-0,C2\npax8,T-1,C1,2026-10-01,\n",
    ),
    "other alphabets": (
        HEAD + "pax8,Zürich,C2,,\n".encode(),
        HEAD + "pax8,Zürich,C2,,\n".encode() + b"pax8,T-1,C1,2026-10-01,\n",
    ),
}


@pytest.mark.parametrize("case", BEFORE_AND_AFTER)
def test_the_row_is_added_and_nothing_else_changes(case: str, tmp_path: Path) -> None:
    before, after = BEFORE_AND_AFTER[case]
    if before is not None:
        _write(tmp_path, before)
    _customer(tmp_path)
    assert _map(tmp_path).read_bytes() == after


IDS = [
    "1E5",
    "007",
    "=1+1",
    "+49",
    "@cmd",
    " padded ",
    'a "quoted" one',
    "a,b",
    "two\nlines",
    "tab\there",
    "\x1b[31m",
    "-5",
    "Zürich",
    "'",
]


@pytest.mark.parametrize("vendor_id", IDS)
def test_an_id_stays_the_text_it_is(vendor_id: str, tmp_path: Path) -> None:
    _write(tmp_path, HEAD + b"pax8,T-0,C2,,\n")
    _customer(tmp_path, vendor_id)
    rows = load_rules(tmp_path, "acme")["client_map"].to_pylist()
    assert [row["vendor_customer_id"] for row in rows] == ["T-0", vendor_id]


def test_a_sku_has_its_term_its_units_and_its_dates(tmp_path: Path) -> None:
    _write(tmp_path, SKU_MAP.encode(), "sku_map")
    text = _sku(tmp_path, term="P1Y", units_per="0.5", valid_from="2026-09-11", valid_to="2027-01-01")
    assert text == "pax8,K1,P1Y,BP,0.5,2026-09-11,2027-01-01"
    assert _map(tmp_path, "sku_map").read_text(encoding="utf-8") == f"{SKU_MAP}{text}\n"
    assert _sku(tmp_path, "K2") == "pax8,K2,,BP,,2026-10-01,"


def test_a_row_may_end_where_the_next_one_starts(tmp_path: Path) -> None:
    _write(tmp_path, HEAD + b"pax8,T-1,C2,2026-11-01,\n")
    assert _customer(tmp_path, valid_to="2026-11-01") == "pax8,T-1,C1,2026-10-01,2026-11-01"


def test_what_the_map_names_already_may_be_named_again(tmp_path: Path) -> None:
    _write(tmp_path, HEAD + b"pax8,T-0,C404,,\n")
    assert _customer(tmp_path, client="C404") == "pax8,T-1,C404,2026-10-01,"


def test_rights_and_links_stay(tmp_path: Path) -> None:
    _write(tmp_path, HEAD)
    real = tmp_path / "shared.csv"
    _map(tmp_path).rename(real)
    real.chmod(0o664)
    _map(tmp_path).symlink_to(real)
    _customer(tmp_path)
    assert _map(tmp_path).is_symlink()
    assert real.read_bytes() == HEAD + b"pax8,T-1,C1,2026-10-01,\n"
    assert stat.S_IMODE(real.stat().st_mode) == 0o664


REFUSED: dict[str, tuple[bytes, dict[str, Any], list[str]]] = {
    "an unknown client": (HEAD, {"client": "C9"}, ["'C9'", "acme 2026-10", "land"]),
    "a client that is not landed": (HEAD, {"client": "C404"}, ["'C404'"]),
    "a row that holds already": (HEAD + b"pax8,T-1,C2,,\n", {}, ["lines 2 and 3", "'T-1'"]),
    "a row that begins later": (HEAD + b"pax8,T-1,C2,2026-12-01,\n", {}, ["lines 2 and 3"]),
    "no date": (HEAD, {"valid_from": "1.10.2026"}, ["--from", "1.10.2026", "YYYY-MM-DD"]),
    "no day of the calendar": (HEAD, {"valid_to": "2026-02-30"}, ["--to", "2026-02-30"]),
    "an end before the start": (HEAD, {"valid_to": "2026-09-01"}, ["2026-09-01", "2026-10-01"]),
    "an empty id": (HEAD, {"vendor_id": " "}, ["vendor_customer_id is empty"]),
    "a file that is wrong already": (HEAD + b"pax8,,C2,,\n", {}, ["line 2", "vendor_customer_id is empty"]),
    "an open quote": (HEAD + b'pax8,"T-0,C2,,\n', {}, ["not a CSV file"]),
    "not UTF-8": (HEAD + "pax8,Zürich,C2,,\n".encode("latin-1"), {}, ["UTF-8"]),
    "an id that is not UTF-8": (HEAD, {"vendor_id": "a\udcff"}, ["UTF-8"]),
    "an empty file": (b"", {}, ["line 1", "'source' is missing"]),
    "a header over two lines": (b'"source\n",vendor_customer_id,client_id\n', {}, ["editor"]),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_wrong_row_is_one_line_and_changes_nothing(case: str, tmp_path: Path) -> None:
    content, choice, words = REFUSED[case]
    _write(tmp_path, content)
    with pytest.raises(ConfigError) as caught:
        _customer(tmp_path, **choice)
    assert [word for word in words if word not in str(caught.value)] == [], str(caught.value)
    assert "\n" not in str(caught.value)
    assert _map(tmp_path).read_bytes() == content
    assert [path.name for path in _map(tmp_path).parent.iterdir()] == ["client_map.csv"]


def test_an_unknown_product_source_or_unit_is_refused(tmp_path: Path) -> None:
    workspace, month = ran(tmp_path, [])
    before = bytes_below(tmp_path)
    for choice, word in [
        (Choice("sku", "pax8", "K1", "NONE"), "'NONE'"),
        (Choice("sku", "psa", "K1", "BP"), "pax8, huntress"),
        (Choice("sku", "pax8", "K1", "BP", units_per="1,5"), "'1,5'"),
        (Choice("sku", "pax8", "K1", "BP", units_per="0"), "above zero"),
    ]:
        with pytest.raises(ConfigError, match=word):
            accept(workspace, month, choice)
    assert {
        name: content for name, content in bytes_below(tmp_path).items() if not name.endswith(".lock")
    } == before


_KILLED = """
import os, signal, sys
from pathlib import Path
root, event = Path(sys.argv[1]), sys.argv[2]
def watch(name, arguments):
    if name == event and "client_map.csv" in repr(arguments) and (name != "open" or arguments[1] == "w"):
        os.kill(os.getpid(), signal.SIGKILL)
from tests.mapping_help.test_accept import _customer
_customer(root, "before")  # everything is imported and known
sys.addaudithook(watch)
_customer(root, "killed")
"""


@pytest.mark.parametrize("event", ["open", "os.rename", "os.chmod"])
def test_killed_while_writing_the_file_is_the_old_one_or_the_new_one(event: str, tmp_path: Path) -> None:
    _write(tmp_path, HEAD)
    root = Path(__file__).resolve().parents[2]
    command = [sys.executable, "-c", _KILLED, str(tmp_path), event]
    done = subprocess.run(
        command, cwd=root, env=os.environ | {"PYTHONPATH": str(root)}, check=False, timeout=120
    )
    assert done.returncode == -signal.SIGKILL
    old = HEAD + b"pax8,before,C1,2026-10-01,\n"
    new = old + b"pax8,killed,C1,2026-10-01,\n"
    assert _map(tmp_path).read_bytes() == (new if event == "os.chmod" else old)
    _customer(tmp_path, "after")  # nobody holds a lock, and what was left behind does no harm
    assert (
        _map(tmp_path).read_bytes() == (new if event == "os.chmod" else old) + b"pax8,after,C1,2026-10-01,\n"
    )


def test_own_seats_and_what_is_not_billed_may_be_named_and_no_other_word(tmp_path: Path) -> None:
    _write(tmp_path, HEAD)
    _write(tmp_path, SKU_MAP.encode(), "sku_map")
    assert _customer(tmp_path, client="!internal") == "pax8,T-1,!internal,2026-10-01,"
    assert _customer(tmp_path, "T-2", "!ignore") == "pax8,T-2,!ignore,2026-10-01,"
    assert _sku(tmp_path, product="!not_billed") == "pax8,K1,,!not_billed,,2026-10-01,"
    before = _map(tmp_path).read_bytes()
    for word in ("!not_billed", "!own", "! internal"):
        with pytest.raises(ConfigError, match=re.escape(word)):
            _customer(tmp_path, "T-3", word)
    assert _map(tmp_path).read_bytes() == before


def test_a_hexadecimal_id_is_written_as_it_is_read(tmp_path: Path) -> None:
    _write(tmp_path, HEAD)
    capitals = "0A1B2C3D-0001-4ABC-8DEF-00112233445F"
    assert _customer(tmp_path, capitals) == f"pax8,{capitals.lower()},C1,2026-10-01,"
    before = _map(tmp_path).read_bytes()
    assert _customer(tmp_path, capitals.lower()) == ""  # the same row stands there already
    assert _map(tmp_path).read_bytes() == before
    with pytest.raises(ConfigError, match="both hold"):
        _customer(tmp_path, capitals, "C2")
