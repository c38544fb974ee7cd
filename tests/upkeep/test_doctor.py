"""`mbr doctor`: finds what crashes leave, mends what can be mended, and says what is left.

Belongs here: findings on files and on Dagster's runs, as the command prints them. Does not: how each kind is
met during a run (tests/ingest/cache, tests/publish).
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.test_utils import create_run_for_test

from mbr_pipeline.cli.dagster_home import dagster_home
from mbr_pipeline.cli.doctor import doctor_command
from mbr_pipeline.upkeep import checks
from mbr_pipeline.workspace.paths import WorkspacePaths
from tests.monthly_close.months import month_of
from tests.support.launching import bytes_below
from tests.support.small import settings, write, write_msp

NO_PROCESS = 2**22 + 1  # above the highest id that Linux gives


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("DAGSTER_HOME", "MBR_WORKSPACE", "PYTHONSAFEPATH"):
        monkeypatch.setenv(name, "")
    write(tmp_path / "mbr.yml", settings(["acme"]))
    write_msp(tmp_path, "acme")
    month_of(tmp_path).load()
    return tmp_path


@pytest.fixture
def doctor(root: Path, capsys: pytest.CaptureFixture[str]) -> Callable[[bool], tuple[int, list[str]]]:
    def _doctor(repair: bool) -> tuple[int, list[str]]:
        code = doctor_command(WorkspacePaths(root), repair)
        return code, capsys.readouterr().out.splitlines()

    return _doctor


def test_a_sound_workspace_has_nothing_wrong(root: Path, doctor: Callable[[bool], object]) -> None:
    assert doctor(False) == doctor(True) == (0, ["nothing is wrong"])


def test_hashes_of_an_earlier_version_are_nothing_wrong(root: Path, doctor: Callable[[bool], object]) -> None:
    write(root / "warehouse/acme/hashes.json", '{"/landing/clients.csv": [3, 1, 1, 1, "ab12"]}')
    assert doctor(False) == (0, ["nothing is wrong"])


def test_what_crashes_leave_is_named_then_removed_and_landed_files_stay(
    root: Path, doctor: Callable[[bool], tuple[int, list[str]]]
) -> None:
    landed = bytes_below(root / "landing")
    entry = sorted((root / "warehouse/parsed").iterdir())[0]
    (entry / "facts.json").write_text("{}", encoding="utf-8")
    write(root / "warehouse/acme/hashes.json", "[]")
    half = root / f"warehouse/parsed/.{'a' * 40}.{NO_PROCESS}.140123"
    half.mkdir()
    report = root / f"reports/acme/2026-10/.gate.json.{NO_PROCESS}.tmp"
    write(report, "{")
    at_work = root / "reports/acme/2026-10/.gate.json.1.tmp"
    write(at_work, "{")
    paths = {
        "half written": [half, report], "cache of typed files": [entry],
        "cache of hashes": [root / "warehouse/acme/hashes.json"],
    }  # fmt: skip
    found = [(what, path) for what, each in paths.items() for path in each]
    assert doctor(False) == (
        1,
        [
            f"left    {what}: {path}: `mbr doctor --repair` removes it, a run makes it anew"
            for what, path in found
        ],
    )
    assert doctor(True) == (0, [f"mended  {what}: {path}: removed" for what, path in found])
    assert doctor(False) == (0, ["nothing is wrong"])
    assert at_work.exists()
    assert bytes_below(root / "landing") == landed


def test_a_file_that_another_machine_may_be_writing_is_left_for_an_hour(
    root: Path, doctor: Callable[[bool], tuple[int, list[str]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checks, "is_distributed", lambda: True)
    report = root / f"reports/acme/2026-10/.gate.json.{NO_PROCESS}.tmp"
    write(report, "{")
    assert doctor(True) == (0, ["nothing is wrong"])
    os.utime(report, (time.time() - 3601,) * 2)
    assert doctor(True) == (0, [f"mended  half written: {report}: removed"])


def test_a_wrong_rule_is_left_to_people(root: Path, doctor: Callable[[bool], tuple[int, list[str]]]) -> None:
    with (root / "rules/acme/sku_map.csv").open("a", encoding="utf-8") as rules:
        rules.write("vendor,SKU-1,OTHER\n")
    code, [line] = doctor(True)
    assert code == 1
    assert line.startswith(f"left    rules: {root / 'rules/acme/sku_map.csv'}: lines 2 and 3 both hold for ")


def test_a_run_whose_process_is_gone_is_ended_and_one_at_work_is_not(
    root: Path, doctor: Callable[[bool], tuple[int, list[str]]]
) -> None:
    dagster_home(WorkspacePaths(root))
    with dg.DagsterInstance.get() as instance:
        gone, at_work, elsewhere = (
            create_run_for_test(
                instance,
                job_name="close_month",
                status=dg.DagsterRunStatus.STARTED,
                tags={"launched_by": "mbr run", "pid": str(pid), "dagster/partition": "acme|2026-10"} | host,
            )
            for pid, host in ((NO_PROCESS, {}), (1, {}), (NO_PROCESS, {"host": "another.example"}))
        )
        named = f"run history: run {gone.run_id[:8]} of acme|2026-10: "
        assert doctor(False) == (
            1,
            [f"left    {named}its process is gone: `mbr doctor --repair` ends it"],
        )
        assert doctor(True) == (0, [f"mended  {named}marked as failed"])
        runs = {run.run_id: run.status for run in instance.get_runs()}
    assert runs == {
        gone.run_id: dg.DagsterRunStatus.FAILURE,
        at_work.run_id: dg.DagsterRunStatus.STARTED,
        elsewhere.run_id: dg.DagsterRunStatus.STARTED,
    }
