"""What `mbr run` says and does when files are in its way: one line per MSP that is true, and the next MSP
runs.

Belongs here: obstacles in the workspace, met by a process of its own. Does not: wrong settings (``test_cli``)
and what blocks a gate (tests/defs).
"""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.e2e.command import MBR, environment, mbr
from tests.support.launching import bytes_below
from tests.support.small import PERIOD, changed, settings, write, write_msp

UNREPORTED, OBSTRUCTED, BLOCKED, SOUND = "unreported", "obstructed", "blocked", "sound"


def _said(done: subprocess.CompletedProcess[str]) -> list[str]:
    """Return the sentences on standard error: progress is indented or names the month alone."""
    return [line for line in done.stderr.splitlines() if line.startswith("mbr: ")]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four MSPs: a folder where the page goes, a file where the reports go, a bill that does not add up, and
    nothing wrong.
    """
    root = tmp_path_factory.mktemp("in the way") / "it's here"
    write(root / "mbr.yml", settings([UNREPORTED, OBSTRUCTED, BLOCKED, SOUND]))
    for msp_id in (UNREPORTED, OBSTRUCTED, SOUND):
        write_msp(root, msp_id)
    write_msp(root, BLOCKED, changed("vendor/vendor_invoices.csv", "50.00", "51.00"))
    (root / "reports" / UNREPORTED / PERIOD / "index.html").mkdir(parents=True)
    write(root / "reports" / OBSTRUCTED, "in the way")
    (root / "landing" / SOUND / "9999-12").mkdir()
    return root


@pytest.fixture(scope="module")
def done(root: Path) -> subprocess.CompletedProcess[str]:
    """The month of all four, closed by one command."""
    return mbr("run", "--workspace", root, "--period", PERIOD, "--json")


def _is_published(root: Path, msp_id: str) -> bool:
    return (root / "published" / msp_id / PERIOD / "fct_reconciliation.parquet").exists()


def test_every_msp_runs_whatever_became_of_the_one_before(
    root: Path, done: subprocess.CompletedProcess[str]
) -> None:
    assert done.returncode == 1  # contract §7: anything else than published or blocked
    assert [_is_published(root, msp_id) for msp_id in (UNREPORTED, OBSTRUCTED, BLOCKED, SOUND)] == [
        True,
        False,
        False,
        True,
    ]
    [*_, last] = done.stdout.splitlines()
    gates = {result["msp_id"]: result["gate"] for result in json.loads(last)["results"]}
    assert gates == {UNREPORTED: "passed", BLOCKED: "blocked", SOUND: "passed"}


def test_each_failure_is_one_line_that_says_whether_the_month_was_published(
    root: Path, done: subprocess.CompletedProcess[str]
) -> None:
    said = _said(done)
    [unreported] = [line for line in said if line.startswith(f"mbr: {UNREPORTED} {PERIOD}: ")]
    assert "step report__close_report failed: IsADirectoryError" in unreported
    assert unreported.endswith("; the month was published")
    [timings, obstructed] = [line for line in said if line.startswith(f"mbr: {OBSTRUCTED} {PERIOD}: ")]
    assert "timings.json" in timings
    assert "step audit__evaluation failed: NotADirectoryError" in obstructed
    assert obstructed.endswith("; nothing was published")
    assert [line for line in said if line.startswith(f"mbr: {SOUND} ")] == []
    assert len(said) == 4
    assert "Traceback" not in done.stderr


def test_a_closed_gate_is_one_line_that_names_the_reason_and_where_to_look(
    root: Path, done: subprocess.CompletedProcess[str]
) -> None:
    file = root / "reports" / BLOCKED / PERIOD / "gate.json"
    assert f"mbr: {BLOCKED} {PERIOD}: gate blocked by CONTROL_TOTAL_MISMATCH: see {file}" in _said(done)
    assert file.exists()
    # what Dagster says of steps that it left out would only be our own graph in other words
    assert "Not executing" not in done.stderr


def test_an_attempt_that_failed_leaves_no_half_written_file(
    root: Path, done: subprocess.CompletedProcess[str]
) -> None:
    assert done.returncode == 1
    assert [path.name for path in (root / "reports").rglob("*.tmp")] == []


@pytest.mark.usefixtures("done")
def test_the_summary_names_no_report_that_was_not_written_and_its_commands_can_be_copied(root: Path) -> None:
    shown = mbr("run", "--workspace", root, "--period", PERIOD, "--msp", UNREPORTED)
    assert shown.returncode == 1
    lines = [line.strip() for line in shown.stdout.splitlines()]
    assert f"{UNREPORTED} ({UNREPORTED}), {PERIOD}: published" in lines
    assert "report: not written, see the error above" in lines
    [sql] = [line.removeprefix("SQL:") for line in lines if line.startswith("SQL:")]
    copied = subprocess.run(["sh", "-c", sql], env=environment(), capture_output=True, text=True, check=False)
    assert (copied.returncode, copied.stdout.splitlines()[-1]) == (0, "(0 rows)"), copied.stderr


@pytest.mark.usefixtures("done")
def test_a_publication_that_fails_halfway_is_not_called_nothing(root: Path, tmp_path: Path) -> None:
    workspace = tmp_path / "workspace"
    shutil.copytree(root, workspace, ignore=shutil.ignore_patterns(".dagster", "mbr.duckdb"))
    write(
        workspace / "published/mbr.duckdb/in the way", ""
    )  # the tables can be swapped in, the catalogue of them cannot
    failed = mbr("run", "--workspace", workspace, "--period", PERIOD, "--msp", SOUND, "--json")
    assert failed.returncode == 1
    assert json.loads(failed.stdout.splitlines()[-1])["results"] == []
    *warned, line = _said(failed)
    assert warned  # the catalogue's own state
    assert all("published/mbr.duckdb" in warning for warning in warned)
    assert line.startswith(f"mbr: {SOUND} {PERIOD}: step publish failed: IsADirectoryError")
    assert line.endswith("; its tables were published, the catalogue may not show them: run again")


@pytest.mark.usefixtures("done")
def test_a_workspace_that_cannot_be_written_is_one_line_before_anything_runs(
    root: Path, tmp_path: Path
) -> None:
    workspace = tmp_path / "workspace"
    shutil.copytree(root, workspace, ignore=shutil.ignore_patterns("warehouse", ".dagster"))
    write(workspace / "warehouse", "in the way")
    before = bytes_below(workspace)
    refused = mbr("run", "--workspace", workspace, "--period", PERIOD)
    assert (refused.returncode, refused.stdout) == (1, "")
    catalogue, line = refused.stderr.splitlines()
    # a copied workspace has a catalogue of another place, which cannot be made anew either
    assert "published/mbr.duckdb has to be made anew, which fails: " in catalogue
    assert line.startswith(f"mbr: cannot write in {workspace / 'warehouse'}: Not a directory")
    assert line.endswith("; nothing was changed")
    assert bytes_below(workspace) == before


@pytest.mark.parametrize("command", [("run", "--period", PERIOD), ("sql", "select 1")], ids=["run", "sql"])
def test_a_workspace_with_a_question_mark_in_its_path_is_refused_before_anything_is_written(
    command: tuple[str, ...], tmp_path: Path
) -> None:
    root = tmp_path / "what?" / "workspace"
    write(root / "mbr.yml", settings([SOUND]))
    write_msp(root, SOUND)
    before = bytes_below(tmp_path)
    refused = mbr(*command, "--workspace", root)
    assert (refused.returncode, refused.stdout) == (2, "")
    [line] = refused.stderr.splitlines()
    assert line.startswith(f"mbr: {root}: ") and "?" in line.removeprefix(f"mbr: {root}: ")
    assert (bytes_below(tmp_path), [path.name for path in tmp_path.iterdir()]) == (before, ["what?"])


def test_a_run_history_with_a_question_mark_in_its_path_is_refused_before_anything_is_written(
    tmp_path: Path,
) -> None:
    root = tmp_path / "workspace"
    write(root / "mbr.yml", settings([SOUND]))
    write_msp(root, SOUND)
    command = [str(MBR), "run", "--workspace", str(root), "--period", PERIOD]
    named = {**environment(), "DAGSTER_HOME": str(tmp_path / "runs?")}
    before = bytes_below(tmp_path)
    refused = subprocess.run(command, env=named, capture_output=True, text=True, check=False)
    assert (refused.returncode, refused.stdout) == (2, "")
    [line] = refused.stderr.splitlines()
    assert line.startswith(f"mbr: DAGSTER_HOME {tmp_path / 'runs?'}: ")
    assert (bytes_below(tmp_path), [path.name for path in tmp_path.iterdir()]) == (before, ["workspace"])


def test_no_workspace_is_made_at_a_path_with_a_question_mark(tmp_path: Path) -> None:
    for command in (("init", tmp_path / "what?"), ("world", tmp_path / "what?")):
        refused = mbr(*command)
        assert (refused.returncode, refused.stdout) == (2, "")
        [line] = refused.stderr.splitlines()
        assert line.startswith(f"mbr: {tmp_path / 'what?'}: ")
    assert list(tmp_path.iterdir()) == []


def test_a_year_that_nobody_invoices_is_a_wrong_argument(tmp_path: Path) -> None:
    write(tmp_path / "mbr.yml", settings([SOUND]))
    refused = mbr("run", "--workspace", tmp_path, "--period", "0202-10")
    assert (refused.returncode, refused.stdout) == (2, "")
    [line] = refused.stderr.splitlines()
    assert line.startswith("mbr: period '0202-10' is not a month")
