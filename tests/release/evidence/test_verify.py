"""`mbr verify` over a workspace: what is changed, missing, added or out of order is found and named.

Belongs here: one case of each kind. Does not: the ledger (``test_ledger``), packs (``test_sealed_again``),
the second engine.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from mbr_pipeline.cli.verify import command
from mbr_pipeline.release.verify.findings import Checked
from mbr_pipeline.release.verify.workspace import check_workspace, checking
from mbr_pipeline.storage.atomic_files import sha256_of
from tests.release.evidence.handmade_version import HandmadeMonth
from tests.release.evidence.looking import EXPORT, LANDED, LEDGER, VERSION, faults, kinds
from tests.support.small import write
from tools.flips import flips


def test_nothing_is_found_where_nothing_happened(closed: HandmadeMonth) -> None:
    checked = check_workspace(closed.workspace)
    assert checked.findings == []
    # one closed version of 15 tables, an export of one file, 3 entries there and in the pack
    assert checked.counts["closed versions"] == 1
    assert checked.counts["exports"] == 2
    assert checked.counts["entries"] == 6


def test_what_was_never_closed_is_nothing_to_find(tmp_path: Path, closed: HandmadeMonth) -> None:
    done = CliRunner().invoke(command, ["--workspace", str(closed.root), "--msp", "other"])
    assert (done.exit_code, done.output) == (0, "all is as recorded; integrity checks: 1\n")


REMOVED = {
    f"{VERSION}/fct_exceptions.parquet": f"{VERSION}/fct_exceptions.parquet",
    f"{VERSION}/version.json": f"{VERSION}/version.json",
    VERSION: VERSION,
    f"{EXPORT}/lines.csv": f"{EXPORT}/lines.csv",
    f"{EXPORT}/manifest.json": EXPORT,
    EXPORT: EXPORT,
    f"{LANDED}/psa/clients.csv": f"{LANDED}/psa/clients.csv",
    "ledger": LEDGER,
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
        f"{VERSION}/fct_more.parquet",
        f"{EXPORT}/more.csv",
        "exports/acme/2026-10/v1/more.csv",
        "exports/acme/2026-10/more.csv",
        f"{LANDED}/psa/clients 2.csv",
        f"{LANDED}/more.csv",
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
    assert any(f.place == f"{VERSION}/version.json" and "closed the tables" in f.text for f in found), found


def test_a_manifest_of_an_export_with_other_spaces_is_not_the_one_that_was_placed(
    closed: HandmadeMonth,
) -> None:
    manifest = closed.exported / "csv" / "manifest.json"
    manifest.write_text(manifest.read_text(encoding="utf-8").replace("  ", " "), encoding="utf-8")
    assert kinds(closed, f"{EXPORT}/manifest.json") == {"changed"}


def test_an_older_export_that_was_made_again_is_checked_like_the_newer(closed: HandmadeMonth) -> None:
    closed.export("csv", {"lines.csv": "client_id\n"}, folder="csv.1")
    assert faults(closed) == []
    (closed.exported / "csv.1" / "lines.csv").write_text("client\n", encoding="utf-8")
    assert kinds(closed, "exports/acme/2026-10/v1/csv.1/lines.csv") == {"changed"}
    (closed.exported / "csv.1").rename(closed.exported / "xero.1")
    assert "exports/acme/2026-10/v1/xero.1/manifest.json" in {f.place for f in faults(closed)}


def test_landed_files_of_a_reopened_month_may_change(closed: HandmadeMonth) -> None:
    closed.enter("reopen", {"version": "1", "reason": "A late credit."})
    write(closed.root / LANDED / "psa/clients.csv", "client_id,client_name\nC-1,Alder\n")
    write(closed.root / LANDED / "psa/more.csv", "x")
    checked = check_workspace(closed.workspace)
    assert checked.faults == []
    assert [(f.place, f.kind) for f in checked.warnings] == [(f"{LANDED}/psa/clients.csv", "changed")]


def test_an_open_month_is_held_against_its_last_audit_as_a_warning(closed: HandmadeMonth) -> None:
    write(closed.root / "landing/other/2026-11/psa/clients.csv", "new")
    inputs = [{"path": "2026-11/psa/clients.csv", "sha256": "0" * 64}]
    write(closed.root / "reports/other/2026-11/gate.json", json.dumps({"inputs": inputs}))
    checked = check_workspace(closed.workspace, "other")
    assert (checked.faults, [f.kind for f in checked.warnings]) == ([], ["changed"])


def test_one_month_is_looked_at_alone_and_each_place_is_told_before_it(closed: HandmadeMonth) -> None:
    write(closed.root / LANDED / "psa/more.csv", "x")
    write(closed.root / "exports/acme/2026-09/left.csv", "x")
    everything = {(f.place, f.kind) for f in check_workspace(closed.workspace, "acme").faults}
    more, left = (f"{LANDED}/psa/more.csv", "added"), ("exports/acme/2026-09/left.csv", "added")
    assert everything == {more, left}
    for period, expected in (("2026-10", {more}), ("2026-09", {left}), ("2026-08", set())):
        checked = check_workspace(closed.workspace, "acme", period=period)
        assert {(f.place, f.kind) for f in checked.faults} == expected, period
    checked, seen = Checked(), list[tuple[str, int]]()
    for place in checking(checked, closed.workspace, "acme", period="2026-10"):
        seen.append((place, len(checked.faults)))
    assert seen == [
        ("ledger", 0), ("published/acme/2026-10", 0), ("exports/acme/2026-10", 0), (LANDED, 0),
    ]  # fmt: skip
    assert len(checked.faults) == 1


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


@pytest.mark.parametrize("seed", [1, 2])
def test_no_flipped_byte_goes_unnoticed(closed: HandmadeMonth, seed: int) -> None:
    done = list(flips(closed.root, 30, seed))
    assert len(done) == 30
    assert [flip for flip in done if not flip.named] == []


def test_the_command_lists_each_place_and_ends_with_one_line(closed: HandmadeMonth) -> None:
    (closed.exported / "csv" / "lines.csv").write_text("client_id,amount\nC-1,79.00\n", encoding="utf-8")
    (closed.root / LANDED / "psa/\x1b[31mred.csv").write_text("x", encoding="utf-8")
    done = CliRunner().invoke(command, ["--workspace", str(closed.root)])
    assert done.exit_code == 1
    assert f"✗ {EXPORT}/lines.csv: its SHA-256 is" in done.output
    assert "\x1b" not in done.output
    assert str(done.exception).startswith("2 things are not as recorded, the first: exports/acme/")
    told = CliRunner().invoke(command, ["--workspace", str(closed.root), "--json"])
    document = json.loads(told.stdout.splitlines()[-1])
    assert document["ok"] is False
    assert {(f["place"], f["kind"]) for f in document["findings"]} == {
        (f"{EXPORT}/lines.csv", "changed"),
        (f"{LANDED}/psa/\x1b[31mred.csv", "added"),
    }


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--recompute"], "say --msp ID and --period"),
        (["--period", "2026-10"], "--period goes with --msp"),
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
