"""`mbr verify` over the ledger: entries, heads, and the bytes of its SQLite file.

Belongs here: one case of each kind. Does not: files (``test_verify``), PostgreSQL (``test_verify_postgres``).
"""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from mbr_pipeline.release.verify.workspace import check_workspace
from tests.release.evidence.handmade_version import HandmadeMonth
from tests.release.evidence.looking import EXPORT, LEDGER, faults, kinds
from tests.support.small import write


def edited(month: HandmadeMonth, *statements: str) -> None:
    """Change the ledger's database as somebody does who holds it: without its triggers."""
    with closing(sqlite3.connect(month.root / LEDGER)) as connection, connection:
        kept = connection.execute("select name, sql from sqlite_master where type = 'trigger'").fetchall()
        for name, _ in kept:
            connection.execute(f"drop trigger {name}")
        for statement in statements:
            connection.execute(statement)
        for _, sql in kept:
            connection.execute(sql)


ENTRIES: dict[str, tuple[tuple[str, ...], set[str]]] = {
    "changed": (("update ledger_entries set actor = 'clerk2' where seq = 2",), {"changed"}),
    "another body of the same meaning": (
        ("update ledger_entries set body = replace(body, ':', ': ') where seq = 2",),
        {"changed"},
    ),
    "its id": (("update ledger_entries set entry_id = 'a' where seq = 2",), {"changed"}),
    "removed": (("delete from ledger_entries where seq = 2",), {"order"}),
    "the first removed": (("delete from ledger_entries where seq = 1",), {"order"}),
    "reordered": (
        (
            "update ledger_entries set seq = 9 where seq = 2",
            "update ledger_entries set seq = 2 where seq = 1",
            "update ledger_entries set seq = 1 where seq = 9",
        ),
        {"changed", "order"},
    ),
    "added": (
        (
            "insert into ledger_entries select msp_id, 4, 'abc', at, actor, kind, period, body,"
            " prev_hash, hash from ledger_entries where seq = 3",
        ),
        {"changed", "order"},
    ),
    "another type": (("update ledger_entries set body = x'00' where seq = 2",), {"changed", "order"}),
}


@pytest.mark.parametrize("case", ENTRIES)
def test_an_entry_that_was_touched_is_named(closed: HandmadeMonth, case: str) -> None:
    statements, expected = ENTRIES[case]
    edited(closed, *statements)
    found = {f.kind for f in faults(closed) if f.place.startswith(f"{LEDGER}: entry ")}
    assert found == expected


def test_entries_cut_off_at_the_end_are_missed_by_whoever_named_the_head(closed: HandmadeMonth) -> None:
    edited(closed, "delete from ledger_entries where seq = 3")
    found = {(finding.place, finding.kind) for finding in faults(closed)}
    assert ("exports/acme/2026-10/evidence-v1.zip", "unknown_head") in found
    assert (f"{EXPORT}/manifest.json", "changed") in found


def test_a_chain_made_anew_is_told_by_its_heads(closed: HandmadeMonth, tmp_path: Path) -> None:
    """The same entries at another time agree with each other; their hashes are others."""
    again = HandmadeMonth(tmp_path / "again")
    shutil.copyfile(again.root / LEDGER, closed.root / LEDGER)
    found = {f.place for f in faults(closed) if f.kind == "unknown_head"}
    assert found == {"exports/acme/2026-10/evidence-v1.zip", f"{EXPORT}/manifest.json"}


def test_a_head_that_a_certificate_names_must_be_in_the_chain(closed: HandmadeMonth) -> None:
    certificate = closed.root / "warehouse/acme/2026-10/certificate.json"
    write(certificate, json.dumps({"chain_head": closed.head()}))
    assert faults(closed) == []
    # before the first entry: of an MSP that has none yet too
    write(certificate, json.dumps({"chain_head": "0" * 64}))
    write(closed.root / "warehouse/other/2026-10/certificate.json", json.dumps({"chain_head": "0" * 64}))
    assert faults(closed) == []
    write(certificate, json.dumps({"chain_head": "1" * 64}))
    assert kinds(closed, "warehouse/acme/2026-10/certificate.json") == {"unknown_head"}


def _newest_entry_by_another_program(month: HandmadeMonth) -> None:
    with closing(sqlite3.connect(month.root / LEDGER)) as connection, connection:
        connection.execute("create table mine (a)")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (_newest_entry_by_another_program, "another program"),
        (
            lambda month: (month.root / "warehouse/ledger.imprint.json").unlink(),
            "imprint is not in warehouse/",
        ),
    ],
)
def test_a_ledger_without_a_matching_imprint_is_a_warning(
    closed: HandmadeMonth, change: Callable[[HandmadeMonth], Any], expected: str
) -> None:
    change(closed)
    checked = check_workspace(closed.workspace)
    assert checked.faults == []
    assert len(checked.warnings) == 1 and expected in checked.warnings[0].text
    closed.enter("reopen", {"version": "1", "reason": "Mended by the next entry."})
    assert check_workspace(closed.workspace).findings == []


def test_an_older_copy_of_the_ledger_is_told(closed: HandmadeMonth, tmp_path: Path) -> None:
    older = Path(shutil.copyfile(closed.root / LEDGER, tmp_path / "older"))
    closed.enter("reopen", {"version": "1", "reason": "r"})
    shutil.copyfile(older, closed.root / LEDGER)
    assert [f.text for f in faults(closed)] == [
        "it is older than what MBR last wrote there: entries may be missing at the end"
    ]


@pytest.mark.parametrize("offset", [24, 27, 92, 95])
def test_sqlites_counters_of_changes_are_bytes_like_others(closed: HandmadeMonth, offset: int) -> None:
    file = closed.root / LEDGER
    content = bytearray(file.read_bytes())
    content[offset] ^= 0x40
    file.write_bytes(content)
    assert {finding.place for finding in faults(closed)} == {LEDGER}


def test_a_damaged_name_that_is_no_text_is_a_finding(closed: HandmadeMonth) -> None:
    """SQLite repeats the name in its message."""
    file = closed.root / LEDGER
    content = file.read_bytes()
    assert b"TABLE alert_outbox" in content
    file.write_bytes(content.replace(b"TABLE alert_outbox", b"TABL\xdd alert_outbox"))
    assert "unreadable" in {finding.kind for finding in faults(closed)}
