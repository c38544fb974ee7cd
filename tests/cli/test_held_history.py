"""The run history while `mbr run` works: its files stay open, but not those of hundreds of runs, what cannot
change is asked once, and afterwards it is Dagster's own again.

Belongs here: ``mbr_pipeline.cli.run.held_history``. Does not: what the history holds.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import sqlalchemy as sa
from dagster._core.storage.event_log.sqlite import sqlite_event_log

from mbr_pipeline.cli.run.held_history import history_held


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
        with history_held(instance):
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


MSPS = dg.DynamicPartitionsDefinition(name="msp")


@dg.asset(partitions_def=MSPS)
def first() -> None:
    """An asset."""


@dg.asset(partitions_def=MSPS, deps=[first])
def second() -> None:
    """An asset that depends on another."""


class _Asked:
    """What SQLite is asked."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.statements: list[str] = []
        make = sqlite_event_log.create_engine

        def watched(url: str, **options: Any) -> sa.Engine:
            engine = make(url, **options)
            sa.event.listen(engine, "before_cursor_execute", self._keep)
            return engine

        monkeypatch.setattr(sqlite_event_log, "create_engine", watched)

    def _keep(self, _connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        self.statements.append(statement)


def test_what_cannot_change_is_asked_once_and_what_comes_is_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    (tmp_path / "dagster.yaml").write_text("telemetry: {enabled: false}\n", encoding="utf-8")
    asked = _Asked(monkeypatch)
    with dg.DagsterInstance.get() as instance:
        with history_held(instance):
            assert not instance.has_dynamic_partition("msp", "acme")
            instance.add_dynamic_partitions("msp", ["acme"])
            assert instance.has_dynamic_partition("msp", "acme")
            for _ in range(2):
                asked.statements.clear()
                assert dg.materialize([first, second], partition_key="acme", instance=instance).success
            assert not [each for each in asked.statements if each.endswith('xinfo("asset_keys")')]
            assert not [each for each in asked.statements if "FROM dynamic_partitions" in each]
            assert [each for each in asked.statements if each.startswith("INSERT INTO event_logs")]
            records = instance.get_asset_records([first.key, second.key])
            assert [bool(record.asset_entry.last_materialization) for record in records] == [True, True]
        instance.delete_dynamic_partition("msp", "acme")
        assert not instance.has_dynamic_partition("msp", "acme")
        assert "has_table" not in vars(instance.event_log_storage)
