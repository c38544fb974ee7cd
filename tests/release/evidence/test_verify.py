"""`mbr verify` over a workspace: what is changed, missing, added or out of order is found and named.

Belongs here: one case of each kind. Does not: packs (``test_pack``) and the second engine.
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
from click.testing import CliRunner

from mbr_pipeline.cli.verify import command
from mbr_pipeline.release.verify.findings import Finding
from mbr_pipeline.release.verify.workspace import check_workspace
from mbr_pipeline.storage.atomic_files import sha256_of
from tests.release.evidence.handmade_version import HandmadeMonth
from tests.support.small import write
from tools.flips import flips

_VERSION = "published/acme/2026-10.versions/1"
_EXPORT = "exports/acme/2026-10/v1/csv"
_LANDED = "landing/acme/2026-10"
_LEDGER = "ledger/ledger.sqlite"


def faults(month: HandmadeMonth) -> list[Finding]:
    return check_workspace(month.workspace).faults


def kinds(month: HandmadeMonth, place: str) -> set[str]:
    """Return what was found at a place; there must be nothing else."""
    found = faults(month)
    assert {f.place for f in found if not f.place.startswith(place)} == set(), found
    return {f.kind for f in found}


def edited(month: HandmadeMonth, *statements: str) -> None:
    """Change the ledger's database as somebody does who holds it: without its triggers."""
    with closing(sqlite3.connect(month.root / _LEDGER)) as connection, connection:
        kept = connection.execute("select name, sql from sqlite_master where type = 'trigger'").fetchall()
        for name, _ in kept:
            connection.execute(f"drop trigger {name}")
        for statement in statements:
            connection.execute(statement)
        for _, sql in kept:
            connection.execute(sql)


def test_nothing_is_found_where_nothing_happened(closed: HandmadeMonth) -> None:
    checked = check_workspace(closed.workspace)
    assert checked.findings == []
    # one closed version of 13 tables, an export of one file, 3 entries there and in the pack
    assert checked.counts["closed versions"] == 1
    assert checked.counts["exports"] == 2
    assert checked.counts["entries"] == 6


def test_what_was_never_closed_is_nothing_to_find(tmp_path: Path, closed: HandmadeMonth) -> None:
    done = CliRunner().invoke(command, ["--workspace", str(closed.root), "--msp", "other"])
    assert (done.exit_code, done.output) == (0, "all is as recorded: 1 integrity checks\n")


REMOVED = {
    f"{_VERSION}/fct_exceptions.parquet": f"{_VERSION}/fct_exceptions.parquet",
    f"{_VERSION}/version.json": f"{_VERSION}/version.json",
    _VERSION: _VERSION,
    f"{_EXPORT}/lines.csv": f"{_EXPORT}/lines.csv",
    f"{_EXPORT}/manifest.json": _EXPORT,
    _EXPORT: _EXPORT,
    f"{_LANDED}/psa/clients.csv": f"{_LANDED}/psa/clients.csv",
    "ledger": _LEDGER,
}


@pytest.mark.parametrize("path", REMOVED)
def test_what_is_removed_is_missing(closed: HandmadeMonth, path: str) -> None:
    place = closed.root / path
    shutil.rmtree(place) if place.is_dir() else place.unlink()
    found = {(finding.place, finding.kind) for finding in faults(closed)}
    assert (REMOVED[path], "missing") in found, found


@pytest.mark.parametrize(
    "path",
    [
        f"{_VERSION}/fct_more.parquet",
        f"{_EXPORT}/more.csv",
        "exports/acme/2026-10/v1/more.csv",
        "exports/acme/2026-10/more.csv",
        f"{_LANDED}/psa/clients 2.csv",
        f"{_LANDED}/more.csv",
        "published/acme/more/x.parquet",
    ],
)
def test_what_is_added_is_named(closed: HandmadeMonth, path: str) -> None:
    write(closed.root / path, "x")
    place = path if not path.startswith("published/acme/more") else "published/acme/more"
    assert kinds(closed, place) == {"added"}


def test_a_version_and_an_export_that_nobody_entered_are_added(closed: HandmadeMonth) -> None:
    shutil.copytree(closed.version(1), closed.version(7))
    shutil.copytree(closed.exported / "csv", closed.exported / "xero")
    places = {(finding.place, finding.kind) for finding in faults(closed)}
    assert places == {
        ("published/acme/2026-10.versions/7", "added"),
        ("exports/acme/2026-10/v1/xero/manifest.json", "changed"),
    }


def test_a_table_replaced_with_its_manifest_is_not_what_the_entry_closed(closed: HandmadeMonth) -> None:
    table, manifest = closed.version(1) / "dim_sku.parquet", closed.version(1) / "version.json"
    shutil.copyfile(closed.version(1) / "dim_client.parquet", table)
    document = json.loads(manifest.read_text(encoding="utf-8"))
    document["tables"]["dim_sku"]["sha256"] = sha256_of(table)
    manifest.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    found = faults(closed)
    assert any(f.place == f"{_VERSION}/version.json" and "closed the tables" in f.text for f in found), found


def test_a_manifest_of_an_export_with_other_spaces_is_not_the_one_that_was_placed(
    closed: HandmadeMonth,
) -> None:
    manifest = closed.exported / "csv" / "manifest.json"
    manifest.write_text(manifest.read_text(encoding="utf-8").replace("  ", " "), encoding="utf-8")
    assert kinds(closed, f"{_EXPORT}/manifest.json") == {"changed"}


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
    found = {f.kind for f in faults(closed) if f.place.startswith(f"{_LEDGER}: entry ")}
    assert found == expected


def test_entries_cut_off_at_the_end_are_missed_by_whoever_named_the_head(closed: HandmadeMonth) -> None:
    edited(closed, "delete from ledger_entries where seq = 3")
    found = {(finding.place, finding.kind) for finding in faults(closed)}
    assert ("exports/acme/2026-10/evidence-v1.zip", "unknown_head") in found
    assert (f"{_EXPORT}/manifest.json", "changed") in found


def test_a_chain_made_anew_is_told_by_its_heads(closed: HandmadeMonth, tmp_path: Path) -> None:
    """The same entries at another time agree with each other; their hashes are others."""
    again = HandmadeMonth(tmp_path / "again")
    shutil.copyfile(again.root / _LEDGER, closed.root / _LEDGER)
    found = {f.place for f in faults(closed) if f.kind == "unknown_head"}
    assert found == {"exports/acme/2026-10/evidence-v1.zip", f"{_EXPORT}/manifest.json"}


def test_a_head_that_a_certificate_names_must_be_in_the_chain(closed: HandmadeMonth) -> None:
    certificate = closed.root / "warehouse/acme/2026-10/certificate.json"
    write(certificate, json.dumps({"chain_head": closed.head()}))
    assert faults(closed) == []
    write(certificate, json.dumps({"chain_head": "1" * 64}))
    assert kinds(closed, "warehouse/acme/2026-10/certificate.json") == {"unknown_head"}


def test_an_older_export_that_was_made_again_is_checked_like_the_newer(closed: HandmadeMonth) -> None:
    closed.export("csv", {"lines.csv": "client_id\n"}, folder="csv.1")
    assert faults(closed) == []
    (closed.exported / "csv.1" / "lines.csv").write_text("client\n", encoding="utf-8")
    assert kinds(closed, "exports/acme/2026-10/v1/csv.1/lines.csv") == {"changed"}
    (closed.exported / "csv.1").rename(closed.exported / "xero.1")
    assert "exports/acme/2026-10/v1/xero.1/manifest.json" in {f.place for f in faults(closed)}


def test_landed_files_of_a_reopened_month_may_change(closed: HandmadeMonth) -> None:
    closed.enter("reopen", {"version": "1", "reason": "A late credit."})
    write(closed.root / _LANDED / "psa/clients.csv", "client_id,client_name\nC-1,Alder\n")
    write(closed.root / _LANDED / "psa/more.csv", "x")
    checked = check_workspace(closed.workspace)
    assert checked.faults == []
    assert [(f.place, f.kind) for f in checked.warnings] == [(f"{_LANDED}/psa/clients.csv", "changed")]


def test_an_open_month_is_held_against_its_last_audit_as_a_warning(closed: HandmadeMonth) -> None:
    write(closed.root / "landing/other/2026-11/psa/clients.csv", "new")
    inputs = [{"path": "2026-11/psa/clients.csv", "sha256": "0" * 64}]
    write(closed.root / "reports/other/2026-11/gate.json", json.dumps({"inputs": inputs}))
    checked = check_workspace(closed.workspace, "other")
    assert (checked.faults, [f.kind for f in checked.warnings]) == ([], ["changed"])


@pytest.mark.parametrize(("state", "expected"), [("open", "warnings"), ("closed", "faults")])
def test_an_earlier_months_file_is_as_free_as_its_month(
    closed: HandmadeMonth, state: str, expected: str
) -> None:
    """A second closed version used a file of September."""
    earlier = closed.root / "landing/acme/2026-09/vendor/license_counts.csv"
    write(earlier, "as it was")
    if state == "closed":
        closed.enter("close", {"version": "1"}, period="2026-09")
    closed.enter("reopen", {"version": "1", "reason": "r"})
    closed.close(2, earlier)
    write(earlier, "as it is")
    checked = check_workspace(closed.workspace)
    name = "landing/acme/2026-09/vendor/license_counts.csv"
    assert [f.kind for f in getattr(checked, expected) if f.place == name] == ["changed"]


def test_rules_and_settings_may_change_when_a_month_is_closed(closed: HandmadeMonth) -> None:
    write(closed.root / "rules/acme/client_map.csv", "source,vendor_customer_id,client_id\n")
    assert faults(closed) == []


def _newest_entry_by_another_program(month: HandmadeMonth) -> None:
    with closing(sqlite3.connect(month.root / _LEDGER)) as connection, connection:
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
    older = Path(shutil.copyfile(closed.root / _LEDGER, tmp_path / "older"))
    closed.enter("reopen", {"version": "1", "reason": "r"})
    shutil.copyfile(older, closed.root / _LEDGER)
    assert [f.text for f in faults(closed)] == [
        "it is older than what MBR last wrote there: entries may be missing at the end"
    ]


@pytest.mark.parametrize("offset", [24, 27, 92, 95])
def test_sqlites_counters_of_changes_are_bytes_like_others(closed: HandmadeMonth, offset: int) -> None:
    file = closed.root / _LEDGER
    content = bytearray(file.read_bytes())
    content[offset] ^= 0x40
    file.write_bytes(content)
    assert {finding.place for finding in faults(closed)} == {_LEDGER}


def test_a_damaged_name_that_is_no_text_is_a_finding(closed: HandmadeMonth) -> None:
    """SQLite repeats the name in its message."""
    file = closed.root / _LEDGER
    content = file.read_bytes()
    assert b"TABLE alert_outbox" in content
    file.write_bytes(content.replace(b"TABLE alert_outbox", b"TABL\xdd alert_outbox"))
    assert "unreadable" in {finding.kind for finding in faults(closed)}


@pytest.mark.parametrize("seed", [1, 2])
def test_no_flipped_byte_goes_unnoticed(closed: HandmadeMonth, seed: int) -> None:
    done = list(flips(closed.root, 30, seed))
    assert len(done) == 30
    assert [flip for flip in done if not flip.named] == []


def test_the_command_lists_each_place_and_ends_with_one_line(closed: HandmadeMonth) -> None:
    (closed.exported / "csv" / "lines.csv").write_text("client_id,amount\nC-1,79.00\n", encoding="utf-8")
    (closed.root / _LANDED / "psa/\x1b[31mred.csv").write_text("x", encoding="utf-8")
    done = CliRunner().invoke(command, ["--workspace", str(closed.root)])
    assert done.exit_code == 1
    assert f"✗ {_EXPORT}/lines.csv: its SHA-256 is" in done.output
    assert "\x1b" not in done.output
    assert str(done.exception).startswith("2 things are not as recorded, the first: exports/acme/")
    told = CliRunner().invoke(command, ["--workspace", str(closed.root), "--json"])
    document = json.loads(told.stdout.splitlines()[-1])
    assert document["ok"] is False
    assert {(f["place"], f["kind"]) for f in document["findings"]} == {
        (f"{_EXPORT}/lines.csv", "changed"),
        (f"{_LANDED}/psa/\x1b[31mred.csv", "added"),
    }


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--recompute"], "say --msp ID and --period"),
        (["--period", "2026-10"], "--period goes with --recompute"),
        (["nothing.zip"], "there is no such file"),
        (["--msp", "nobody"], "is not in mbr.yml"),
    ],
)
def test_wrong_arguments_are_one_line(closed: HandmadeMonth, arguments: list[str], said: str) -> None:
    done = CliRunner().invoke(command, [*arguments, "--workspace", str(closed.root)])
    assert said in str(done.exception)
    assert getattr(done.exception, "exit_code", None) == 2


def test_verifying_writes_nothing(closed: HandmadeMonth) -> None:
    def state() -> dict[Path, tuple[int, int]]:
        return {p: (p.stat().st_mtime_ns, p.stat().st_size) for p in closed.root.rglob("*") if p.is_file()}

    before = state()
    # as `mbr verify`: other commands mend the catalogue first
    done = CliRunner().invoke(command, ["--workspace", str(closed.root)], prog_name="verify")
    assert done.exit_code == 0
    assert state() == before
