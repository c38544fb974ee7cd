"""The run history while `mbr run` works: its files stay open, but not those of hundreds of runs, and
afterwards it is Dagster's own again.

Belongs here: ``mbr_pipeline.cli.dagster_home.history_held_open``. Does not: what the history holds.
"""

from __future__ import annotations

import os
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.storage.event_log.sqlite import sqlite_event_log

from mbr_pipeline.cli.dagster_home import history_held_open


@dg.job
def nothing() -> None:
    """No step."""


def _open_files(folder: Path) -> set[str]:
    found = {os.path.realpath(link) for link in Path("/proc/self/fd").iterdir()}
    return {name for name in found if name.startswith(f"{folder}/")}


def test_files_of_few_runs_stay_open_and_none_afterwards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    (tmp_path / "dagster.yaml").write_text("telemetry: {enabled: false}\n", encoding="utf-8")
    original = sqlite_event_log.create_engine
    with dg.DagsterInstance.get() as instance:
        with history_held_open():
            ids = [nothing.execute_in_process(instance=instance).run_id for _ in range(7)]
            runs = {name for name in _open_files(tmp_path) if name.endswith(".db") and "/runs/" in name}
            assert f"{tmp_path}/history/runs/{ids[-1]}.db" in runs
            assert 1 < len(runs) <= 4
        assert _open_files(tmp_path) == set()
        assert sqlite_event_log.create_engine is original
        assert all(
            instance.all_logs(run_id)[-1].dagster_event_type == dg.DagsterEventType.RUN_SUCCESS
            for run_id in ids
        )
        assert not list((tmp_path / "history").rglob("*-wal"))
