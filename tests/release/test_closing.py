"""Closing, opening again and sealing a month, and what a closed month refuses (contract §9).

Expected values are those of the month written by hand in ``tests.release.months``.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from mbr_pipeline.cli.run import run_command
from mbr_pipeline.errors import GateClosed, MonthClosed
from mbr_pipeline.monthly_close import MonthlyClose
from mbr_pipeline.release import closing
from mbr_pipeline.release.version import ClosedVersion, closed_version
from mbr_pipeline.storage.atomic_files import sha256_of
from mbr_pipeline.workspace.paths import WorkspacePaths
from mbr_pipeline.workspace.workspace import Workspace
from tests.release.months import CREDITED, PEOPLE, Month, gate
from tests.support.small import PERIOD, write

EXCEPT = ("--except", "C-2", "--reason", "its count is asked for")


def test_a_closed_month_is_kept_and_entered_with_what_it_was_made_from(month: Month) -> None:
    told = month.told("close", *EXCEPT)
    [entry] = month.entries()
    assert (told["state"], told["version"], told["head"]) == ("closed", 1, entry.hash)
    assert (entry.kind, entry.period, entry.actor) == ("close", PERIOD, "owner1")
    assert entry.body["version"] == "1"
    assert entry.body["totals"] == {"JPY": "700.0000", "USD": "80.0000"}
    assert entry.body["except"] == ["C-2"]
    folder = month.root / "published/acme" / f"{PERIOD}.versions/1"
    tables = {path.stem: path.read_bytes() for path in month.paths.published.glob("*.parquet")}
    assert {path.stem: path.read_bytes() for path in folder.glob("*.parquet")} == tables
    listed = "".join(f"{name} {hashlib.sha256(tables[name]).hexdigest()}\n" for name in sorted(tables))
    assert entry.body["publication"] == hashlib.sha256(listed.encode()).hexdigest()
    assert entry.body["manifest"] == sha256_of(folder / "version.json")
    recorded = {each["file"] for each in json.loads((folder / "version.json").read_text())["inputs"]}
    landed = {f"landing/acme/{PERIOD}/vendor/{name}.csv" for name in ("vendor_invoices", "vendor_charges")}
    assert recorded >= landed | {"rules/acme/client_map.csv", "mbr.yml"}


def test_closing_again_enters_nothing(month: Month) -> None:
    first = month.told("close", *EXCEPT)
    again = month.told("close")
    assert again == first | {"is_new": False}
    assert month.kinds() == ["close"]


def test_every_client_passes_or_is_left_out_by_name_and_for_a_reason(month: Month) -> None:
    assert month.refused("close")[0] == 2
    assert "C-2" in month.refused("close")[1]
    assert "needs --reason" in month.refused("close", "--except", "C-2")[1]
    assert "C-1: only who is held" in month.refused("close", *EXCEPT, "--except", "C-1")[1]
    month.publish({"marts.fct_client_gate": gate("PASS_WITH_WAIVER")})
    assert month.told("close")["except"] == []


def _land(month: Month) -> None:
    path = month.root / f"landing/acme/{PERIOD}/psa/clients.csv"
    path.write_text(path.read_text() + "C-9,Nine\n")


def _decide(month: Month) -> None:
    month.told("decide", "waive", "--period", PERIOD, "--until", "2026-12", "--reason", "known")


def _publish_older(month: Month) -> None:
    month.audit(CREDITED)


def _block(month: Month) -> None:
    month.audit(passed=False)


@pytest.mark.parametrize("change", [_land, _decide, _publish_older, _block])
def test_only_a_publication_of_what_is_there_now_is_closed(
    month: Month, change: Callable[[Month], None]
) -> None:
    change(month)
    code, told = month.refused("close", *EXCEPT)
    assert code == 3
    assert f"run `mbr run --period {PERIOD} --msp acme`" in told


def _closed_as_seen(month: Month, seen: str, files: Callable[[], object] = lambda: None) -> closing.Done:
    """Close what was seen; something happens after the month is locked and before the ledger is."""
    now = MonthlyClose.of(WorkspacePaths(month.root), "acme", PERIOD)
    made_from = closing.MadeFrom(lambda: files() or now.recorded_inputs(), lambda: now.inputs_hash)
    return closing.close(now.workspace, now.paths, "owner1", made_from, ["C-2"], "its count", seen=seen)


def test_a_decision_that_lands_while_the_month_is_being_closed_keeps_it_open(month: Month) -> None:
    seen = closing.audit_mark(month.paths)
    with pytest.raises(GateClosed, match="changed since the month was loaded, nothing was closed: run"):
        _closed_as_seen(month, seen, lambda: _decide(month))
    assert month.kinds() == ["waive"]
    month.publish()
    with pytest.raises(GateClosed, match="was run again after this page was opened"):
        _closed_as_seen(month, seen)
    assert month.kinds() == ["waive"]
    assert _closed_as_seen(month, closing.audit_mark(month.paths)).is_new
    assert month.kinds() == ["waive", "close"]


def test_an_audit_that_ends_while_the_month_is_being_closed_was_not_seen(month: Month) -> None:
    seen = closing.audit_mark(month.paths)
    with pytest.raises(GateClosed, match="was run again after this page was opened"):
        _closed_as_seen(month, seen, lambda: _publish_older(month))
    assert month.kinds() == []


def test_a_decision_that_waits_keeps_the_month_open(tmp_path: Path) -> None:
    month = Month(tmp_path, PEOPLE + 'policies: {four_eyes_above: {USD: "1.00"}}\n')
    [made] = month.told("decide", "approve", "--period", PERIOD)["entries"]
    month.publish()
    code, told = month.refused("close", *EXCEPT)
    assert (code, made["entry_id"] in told) == (2, True)


def test_nothing_is_decided_loaded_or_published_in_a_closed_month(month: Month) -> None:
    month.told("decide", "defer", "--period", PERIOD, "--reason", "later")
    month.publish()
    [deferral] = month.entries()
    month.told("close", *EXCEPT)
    assert month.refused("decide", "approve", "--period", PERIOD)[0] == 4
    assert month.refused("decide", "approve", "1" * 24)[0] == 4
    published = sha256_of(month.paths.published / "fct_invoice_lines_ready.parquet")
    with pytest.raises(MonthClosed, match="version 1, by owner1 .*mbr reopen --msp acme --period 2026-10"):
        month.audit(CREDITED).publish()
    assert sha256_of(month.paths.published / "fct_invoice_lines_ready.parquet") == published
    month.told("decide", "withdraw", deferral.entry_id, "--reason", "settled")
    assert month.kinds() == ["defer", "close", "withdraw"]


def test_a_month_opened_again_shows_the_closed_version_until_the_next_is_published(month: Month) -> None:
    assert "there is nothing to open" in month.refused("reopen", "--reason", "r")[1]
    month.told("close", *EXCEPT)
    assert "needs --reason" in month.refused("reopen")[1]
    month.told("reopen", "--reason", "a late credit")
    assert month.told("reopen", "--reason", "a late credit")["is_new"] is False
    assert month.sql("select sum(amount) from fct_invoice_lines_ready where currency = 'USD'") == [(80,)]
    code, told = month.refused("close", *EXCEPT)
    assert (code, "was not run since it was opened again" in told) == (3, True)
    month.publish(CREDITED)
    assert month.told("close")["version"] == 2
    assert month.kinds() == ["close", "reopen", "close"]
    query = "select version, sum(amount) from fct_invoice_lines_ready_versions where currency = 'USD'"
    assert sorted(month.sql(f"{query} group by 1")) == [(1, 80), (2, 80.5)]


def test_what_changed_between_versions_is_published_and_printed(month: Month) -> None:
    month.told("close", *EXCEPT)
    assert month.sql("select * from fct_restatement") == []
    assert "no two versions" in month.refused("restatement")[1]
    month.told("reopen", "--reason", "a late credit")
    month.publish(CREDITED)
    told = month.told("restatement")
    ready = [
        (row["change"], row["row_key"], row["old_value"], row["new_value"], row["amount_change"])
        for row in told
        if (row["table_name"], row["column_name"]) == ("fct_invoice_lines_ready", "amount")
    ]
    # worked by hand: 72.50 in place of 80.00, the 700 yen gone, 8.00 of C-2 new
    assert ready == [
        ("changed", '["C-1", "psa", "I-1", "L-1"]', "80.0000", "72.5000", "-7.5000"),
        ("removed", '["C-1", "psa", "I-1", "L-2"]', "700.0000", None, "-700.0000"),
        ("added", '["C-2", "psa", "I-1", "L-3"]', None, "8.0000", "8.0000"),
    ]
    gone = {row["column_name"] for row in told if row["table_name"] == "fct_exceptions"}
    assert {"exception_code", "client_recoverable", "exception_id"} <= gone
    assert {(row["from_version"], row["to_version"]) for row in told} == {(1, 2)}
    assert all(row["amount_change"] is None for row in told if row["column_name"] == "unit_price")
    assert month.sql("select count(*) from fct_restatement") == [(len(told),)]
    month.told("close")
    assert month.told("restatement") == told
    assert month.told("restatement", "--from", "1", "--to", "2") == told
    assert "its newest version is 2" in month.refused("restatement", "--to", "3")[1]
    # opened again and not published since: version 2 is still the newest
    month.told("reopen", "--reason", "one more")
    assert month.told("restatement") == told


def test_a_sealed_month_is_never_opened_again(month: Month) -> None:
    assert month.refused("seal")[0] == 2
    month.told("close", *EXCEPT)
    month.told("seal")
    assert month.told("seal")["is_new"] is False
    assert month.told("close")["is_new"] is False
    code, told = month.refused("reopen", "--reason", "r")
    assert (code, "can never be opened again" in told) == (4, True)
    assert month.kinds() == ["close", "seal"]


def test_who_may_not_is_entered_as_denied(tmp_path: Path) -> None:
    month = Month(tmp_path, PEOPLE)
    for command, options in (("close", EXCEPT), ("reopen", ("--reason", "r")), ("seal", ())):
        code, told = month.refused(command, *options, who="clerk1")
        assert (code, "has not the role approver" in told) == (2, True)
    assert [(e.kind, e.body["command"]) for e in month.entries()] == [
        ("denied", "close"), ("denied", "reopen"), ("denied", "seal"),
    ]  # fmt: skip


def test_a_close_that_was_killed_before_its_entry_is_repeated(
    month: Month, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as killed:
        killed.setattr(closing, "_totals", lambda _: 1 / 0)  # after the version is written, before the entry
        assert isinstance(month.run("close", *EXCEPT).exception, ZeroDivisionError)
    assert month.kinds() == []
    # nobody sees a version that no entry closed
    month.publish(CREDITED)
    assert month.sql("select count(*) from fct_client_gate_versions") == [(0,)]
    assert month.told("close")["totals"] == {"USD": "80.5000"}
    assert month.kinds() == ["close"]
    assert [row["amount"] for row in _version(month).rows("fct_invoice_lines_ready")] == [72.5, 8]


def test_a_close_that_was_killed_after_its_entry_is_a_close(
    month: Month, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as killed:
        killed.setattr(closing, "version_folder", lambda *_: 1 / 0)
        assert isinstance(month.run("close", *EXCEPT).exception, ZeroDivisionError)
    assert month.kinds() == ["close"]
    assert len(_version(month).rows("fct_client_gate")) == 2
    assert month.told("close")["is_new"] is False


@pytest.mark.parametrize("damage", ["changed", "missing", "added"])
def test_a_version_that_is_not_what_was_closed_is_not_opened(tmp_path: Path, damage: str) -> None:
    month = Month(tmp_path)
    month.told("close", *EXCEPT)
    version = _version(month)
    assert [row["amount"] for row in version.rows("fct_invoice_lines_ready")] == [80, 700]
    table = version.folder / "fct_exceptions.parquet"
    if damage == "changed":
        table.write_bytes(table.read_bytes()[:-1] + b"x")
    elif damage == "missing":
        table.unlink()
    else:
        shutil.copy(table, table.with_name("other.parquet"))
    with pytest.raises(GateClosed, match=f"parquet (was|is) {damage}"):
        _version(month)


def _version(month: Month) -> ClosedVersion:
    return closed_version(Workspace.open(WorkspacePaths(month.root)), "acme", PERIOD)


def test_a_closed_month_is_not_run_whatever_else_is_wrong(
    month: Month, capsys: pytest.CaptureFixture[str]
) -> None:
    month.told("close", *EXCEPT)
    write(month.root / "rules/acme/client_map.csv", "no,such\nheading\n")
    before = sorted(path for path in month.root.rglob("*") if path.is_file())
    assert run_command(WorkspacePaths(month.root), PERIOD, None, True) == 4
    out, said = capsys.readouterr()
    assert json.loads(out.splitlines()[-1]) == {
        "period": PERIOD,
        "results": [{"msp_id": "acme", "gate": "closed", "version": 1}],
    }
    assert said.count("\n") == 1
    assert f"acme {PERIOD} is closed (version 1, by owner1 on 2" in said
    assert f"`mbr reopen --msp acme --period {PERIOD} --reason TEXT`" in said
    assert sorted(path for path in month.root.rglob("*") if path.is_file()) == before


def test_the_other_msps_of_a_run_go_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    month = Month(tmp_path, msp_ids=("acme", "birch"))
    month.told("close", *EXCEPT)
    # that birch is looked at shows by its wrong rules; a whole run is tried end to end
    write(month.root / "rules/birch/client_map.csv", "no,such\nheading\n")
    assert run_command(WorkspacePaths(month.root), PERIOD, None, False) == 2
    said = capsys.readouterr().err
    assert "nothing was run for birch" in said
    assert f"acme {PERIOD} is closed" in said
