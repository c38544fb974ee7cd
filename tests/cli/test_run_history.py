"""Opening the run history: by several processes at once, and what runs print.

Belongs here: ``mbr_pipeline.cli.run_history``, ``mbr_pipeline.cli.run.uncaptured``. Does not: keeping its
files open (``test_history_held_open``).
"""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import traceback
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from mbr_pipeline.cli.dagster_home import dagster_home
from mbr_pipeline.cli.run.uncaptured import capture_nothing
from mbr_pipeline.cli.run_history import run_history
from mbr_pipeline.workspace.paths import WorkspacePaths

_PROCESSES, _ROUNDS = 4, 2
_SETTINGS = "telemetry: {enabled: false}\n"


def _open(home: Path, together: Any, failures: Any) -> None:
    os.environ["DAGSTER_HOME"] = str(home)
    together.wait()
    try:
        with run_history() as instance:
            instance.add_dynamic_partitions("msp", ["acme"])
        failures.put("")
    except BaseException:
        failures.put(traceback.format_exc())


def test_several_processes_may_make_a_new_history_at_once(tmp_path: Path) -> None:
    forked = multiprocessing.get_context("fork")  # all is imported: they meet at the databases
    for number in range(_ROUNDS):
        home = tmp_path / str(number)
        home.mkdir()
        (home / "dagster.yaml").write_text(_SETTINGS, encoding="utf-8")
        together, failures = forked.Barrier(_PROCESSES), forked.Queue()
        started = [forked.Process(target=_open, args=(home, together, failures)) for _ in range(_PROCESSES)]
        for process in started:
            process.start()
        assert [failures.get() for _ in started] == [""] * _PROCESSES
        for process in started:
            process.join()


def _children() -> list[str]:
    listed = subprocess.run(
        ["pgrep", "--parent", str(os.getpid())], capture_output=True, text=True, check=False
    )
    return listed.stdout.split()


@dg.op
def tells_its_children() -> list[str]:
    """The processes that this one has started and that still run."""
    return _children()


@dg.job
def telling() -> None:
    """One step."""
    tells_its_children()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    (tmp_path / "dagster.yaml").write_text(_SETTINGS, encoding="utf-8")
    return tmp_path


def test_no_process_that_could_be_left_behind_prints_for_a_step(home: Path) -> None:
    with run_history() as instance:
        capture_nothing(instance)
        before = _children()
        result = telling.execute_in_process(instance=instance)
    assert result.output_for_node("tells_its_children") == before
    assert not list((home / "storage").rglob("*.err"))


def test_settings_that_capture_elsewhere_are_kept(home: Path) -> None:
    named = "compute_logs: {module: tests.cli.elsewhere, class: Elsewhere}\n"
    (home / "dagster.yaml").write_text(_SETTINGS + named, encoding="utf-8")
    with run_history() as instance:
        before = instance.compute_log_manager.capture_logs
        capture_nothing(instance)
        assert instance.compute_log_manager.capture_logs == before


def test_steps_are_in_the_events_of_a_run_and_not_on_the_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    for name in ("DAGSTER_HOME", "MBR_WORKSPACE", "PYTHONSAFEPATH"):
        monkeypatch.setenv(name, "")  # which the next call sets, and the test takes back
    dagster_home(WorkspacePaths(tmp_path))
    with run_history() as instance:
        run_id = telling.execute_in_process(instance=instance).run_id
        kinds = {entry.dagster_event_type for entry in instance.all_logs(run_id)}
    assert {dg.DagsterEventType.STEP_SUCCESS, dg.DagsterEventType.RUN_SUCCESS} <= kinds
    assert "telling" not in "".join(capfd.readouterr())
