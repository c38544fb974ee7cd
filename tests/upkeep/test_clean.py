"""`mbr clean`: says what has piled up, removes only with --yes, and never what cannot be made anew.

Belongs here: what is chosen and what stays, on real files and a real run history. Does not: which runs may go
(``tests/upkeep/test_old_runs``), how versions are replaced (tests/publish).
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest
from click.testing import CliRunner
from dagster._core.test_utils import create_run_for_test

from mbr_pipeline.cli import clean as clean_command
from mbr_pipeline.cli.clean import command
from mbr_pipeline.cli.dagster_home import dagster_home
from mbr_pipeline.storage.database.times import now
from mbr_pipeline.workspace.paths import WorkspacePaths
from tests.monthly_close.months import month_of
from tests.publish.tables import MONTH, make_old, publish_named
from tests.support.launching import bytes_below
from tests.support.small import settings, write, write_msp

LONG_AGO = 10**8
NEVER = ("landing", "rules", "ledger", "exports", "mbr.yml")

Clean = Callable[..., dict[str, tuple[int, int]]]


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two months that were worked on, a ledger, an export, and two publications of one month."""
    for name in ("DAGSTER_HOME", "MBR_WORKSPACE", "PYTHONSAFEPATH"):
        monkeypatch.setenv(name, "")
    write(tmp_path / "mbr.yml", settings(["acme"]))
    write_msp(tmp_path, "acme")
    landed = tmp_path / "landing/acme/2026-10"
    for file in sorted(landed.rglob("*.csv")):
        text = file.read_text(encoding="utf-8")
        write(tmp_path / "landing/acme/2026-09" / file.relative_to(landed), text + "\n")
    for period in ("2026-09", "2026-10"):
        month_of(tmp_path, period=period).load()
        write(tmp_path / f"warehouse/acme/{period}/candidate/fct_exceptions.parquet", "audited")
    write(tmp_path / "ledger/copy.sqlite", "chain")
    write(tmp_path / "exports/acme/2026-10/v1/xero/manifest.json", "{}")
    for name in ("a", "bb"):
        publish_named(tmp_path, name)
    write(tmp_path / f"{MONTH}.versions/1/version.json", "{}")
    for folder in [*(tmp_path / f"{MONTH}.versions").iterdir(), *(tmp_path / "warehouse/parsed").iterdir()]:
        make_old(folder, LONG_AGO)
    return tmp_path


@pytest.fixture
def clean(root: Path) -> Clean:
    """Runs the command; returns count and bytes by kind."""

    def _clean(*options: str) -> dict[str, tuple[int, int]]:
        done = CliRunner().invoke(command, ["--workspace", str(root), "--json", *options])
        assert done.exit_code == 0, done.output
        piles = json.loads(done.output.splitlines()[-1])
        assert {pile["removed"] for pile in piles} == {"--yes" in options}
        return {pile["what"]: (pile["count"], pile["bytes"]) for pile in piles if pile["count"]}

    return _clean


def _bytes(*paths: Path) -> int:
    return sum(file.stat().st_size for path in paths for file in (path, *path.rglob("*")) if file.is_file())


def test_nothing_is_removed_without_yes_and_sizes_are_those_of_the_files(root: Path, clean: Clean) -> None:
    before = bytes_below(root)
    hashes = "warehouse/acme/hashes.json"  # looking at the landing zone keeps the hashes of its files
    old = root / "warehouse/acme/2026-09"
    found = clean("--keep-months", "1")
    assert found["warehouses"] == (1, _bytes(old / "month.duckdb"))
    # one table of the month before does not carry over: its entry is read by no month that is kept
    count, size = found["typed files"]
    assert count > 0
    assert size > 0
    assert "replaced publications" not in found  # the newest of each month stays, older ones went at once
    after = bytes_below(root)
    assert {path: after[path] for path in after if path != hashes} == before


def test_what_may_never_go_stays_whatever_is_asked(root: Path, clean: Clean) -> None:
    in_force = (root / MONTH).resolve()
    stays = [root / name for name in NEVER] + [in_force, root / f"{MONTH}.versions/1"]
    before = {path: bytes_below(path) if path.is_dir() else path.read_bytes() for path in stays}
    audited = bytes_below(root / "warehouse/acme/2026-09/candidate")
    clean("--keep-months", "1", "--all-replaced", "--keep-days", "1", "--yes")
    assert {path: bytes_below(path) if path.is_dir() else path.read_bytes() for path in stays} == before
    assert bytes_below(root / "warehouse/acme/2026-09/candidate") == audited
    assert (root / MONTH).resolve() == in_force


def test_an_older_month_loses_its_database_and_counts_as_not_loaded_and_a_kept_one_does_not(
    root: Path, clean: Clean
) -> None:
    clean("--keep-months", "1", "--yes")
    older, newest = (root / f"warehouse/acme/{period}" for period in ("2026-09", "2026-10"))
    assert not (older / "month.duckdb").exists()
    assert not (older / "inputs.sha256").exists()
    assert (newest / "month.duckdb").exists()
    assert (newest / "inputs.sha256").exists()
    assert clean("--keep-months", "1") == {}


def test_the_cache_keeps_what_a_kept_month_reads_also_of_months_before_it(root: Path, clean: Clean) -> None:
    parsed = root / "warehouse/parsed"
    before = set(parsed.iterdir())
    clean("--keep-months", "1", "--yes")
    left = set(parsed.iterdir())
    assert left < before
    shutil.rmtree(root / f"{MONTH}.versions/1")  # which no entry of this ledger closed
    month_of(root).load()
    assert set(parsed.iterdir()) == left  # nothing had to be typed anew
    month_of(root, period="2026-09").load()
    assert set(parsed.iterdir()) == before  # and what went is made anew from the landed files


def test_a_young_entry_stays_a_run_may_be_at_work(root: Path, clean: Clean) -> None:
    entry = root / "warehouse/parsed" / ("a" * 40)
    write(entry / "facts.json", "{}")
    assert clean() == {}
    make_old(entry, 3601)
    assert clean() == {"typed files": (1, 2)}
    clean("--yes")
    assert not entry.exists()


def test_the_newest_replaced_publication_of_a_month_stays_unless_all_are_to_go(
    root: Path, clean: Clean
) -> None:
    folder, in_force = root / f"{MONTH}.versions", (root / MONTH).resolve()
    [newest] = [path for path in folder.glob(".*/") if path != in_force]
    for age, name in enumerate((".1111111111111111", ".2222222222222222"), 1):
        write(folder / name / "dim_client.parquet", "x" * age)
        make_old(folder / name, LONG_AGO * 10)
    assert clean() == {"replaced publications": (2, 3)}
    clean("--yes")
    assert set(folder.glob(".*/")) == {newest, in_force}
    clean("--all-replaced", "--yes")
    assert set(folder.glob(".*/")) == {in_force}


def _in_a_hundred_days() -> datetime:
    return now() + timedelta(days=100)


def _history(root: Path) -> list[dg.DagsterRun]:
    dagster_home(WorkspacePaths(root))
    runs = []
    with dg.DagsterInstance.get() as instance:
        for _ in range(3):
            run = create_run_for_test(
                instance, job_name="close_month", tags={"dagster/partition": "acme|2026-10"}
            )
            instance.report_run_failed(run, "x")
            runs.append(run)
    return runs


def test_old_runs_go_with_their_files_and_the_last_of_a_month_stays(
    root: Path, clean: Clean, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = _history(root)
    assert clean() == {}
    monkeypatch.setattr(clean_command, "clock", _in_a_hundred_days)
    files = [root / f".dagster/history/runs/{run.run_id}.db" for run in runs]
    assert clean() == {"runs in the history": (2, _bytes(*files[:2]))}
    clean("--yes")
    assert [file.exists() for file in files] == [False, False, True]
    with dg.DagsterInstance.get() as instance:
        assert [run.run_id for run in instance.get_runs()] == [runs[2].run_id]


def test_the_history_of_an_installation_is_left_alone(
    root: Path, clean: Clean, monkeypatch: pytest.MonkeyPatch
) -> None:
    _history(root)
    monkeypatch.setenv("DAGSTER_HOME", str(root / "elsewhere"))
    monkeypatch.setattr(clean_command, "clock", _in_a_hundred_days)
    assert clean() == {}


def test_the_terminal_names_each_kind_with_its_size_and_what_to_do(root: Path) -> None:
    shown = CliRunner().invoke(command, ["--workspace", str(root)]).output.splitlines()
    assert shown[-1] == "nothing is to be removed"
    shown = CliRunner().invoke(command, ["--workspace", str(root), "--keep-months", "1"]).output.splitlines()
    assert shown[1].startswith("warehouses                   1")
    assert shown[1].endswith("databases of older months; explaining these needs a run of the month first")
    assert shown[-1].endswith(" can be removed: add --yes")
