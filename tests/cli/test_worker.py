"""What a worker's process holds, and which runs it has run again.

Belongs here: a process by itself. Does not: workers that are really killed (tests/e2e/machines), connections
(tests/storage/database).
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import dagster as dg
import psycopg
import pytest
import yaml
from click.testing import CliRunner

from mbr_pipeline.cli.deploy import command
from tests.support.postgres import Server
from tests.support.small import settings, write

worker = import_module("mbr_pipeline.cli.deploy.worker")  # the package has a command of that name

_SETTINGS = Path(__file__).resolve().parents[2] / "deploy" / "distributed" / "dagster.yaml"
_DATABASE = "dagster_of_a_worker"


@pytest.fixture
def instance(tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[dg.DagsterInstance]:
    """The history as a worker's process opens it, with the storage of deploy/distributed."""
    shipped = yaml.safe_load(_SETTINGS.read_text())
    (tmp_path / "dagster.yaml").write_text(yaml.safe_dump({"storage": shipped["storage"]}))
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    monkeypatch.setenv("MBR_DAGSTER_POSTGRES_URL", server.empty(_DATABASE))
    monkeypatch.setattr("expectations.runner.warm_up", lambda: None)
    yield worker._kept_instance()
    worker._held.close()
    worker._kept_instance.cache_clear()


def test_the_process_that_forks_workers_has_opened_neither_the_store_nor_the_catalogue(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "mbr.yml", settings(["acme"], f"storage: file://{tmp_path}/store\n"))
    (tmp_path / "published").mkdir()
    opened: list[str] = []
    monkeypatch.setattr("mbr_pipeline.publish.stored.bring_up", lambda _: opened.append("store"))
    monkeypatch.setattr("mbr_pipeline.publish.catalogue.catch_up", lambda _: opened.append("catalogue"))
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    (tmp_path / "dagster.yaml").write_text("telemetry: {enabled: false}")
    said = CliRunner().invoke(command, ["worker", "--slots", "1", "--workspace", str(tmp_path)])
    assert "MBR_DISTRIBUTED is not set" in str(said.exception)
    assert opened == []
    CliRunner().invoke(command, ["check", "--workspace", str(tmp_path)])
    assert opened == ["store", "catalogue"]


def _processes(server: Server) -> set[int]:
    """Return the server's processes for connections to the history."""
    with psycopg.connect(server.url) as asking:
        rows = asking.execute("select pid from pg_stat_activity where datname = %s", [_DATABASE]).fetchall()
    return {row[0] for row in rows}


def test_what_is_asked_once_stays_known_and_connections_stay_open(
    instance: dg.DagsterInstance, server: Server
) -> None:
    gc.collect()
    assert {"has_table", "has_asset_key_col"} <= vars(instance.event_log_storage).keys()
    assert "has_run_stats_index_cols" in vars(instance.run_storage)
    run = dg.DagsterRun(job_name="close_month", run_id="00000000-0000-0000-0000-000000000001")
    instance.add_run(run)
    before = _processes(server)
    for number in range(10):
        instance.report_engine_event(f"event {number}", run)
    assert _processes(server) == before
    assert len(before) == 1
    assert len(instance.all_logs(run.run_id)) == 10


def test_a_month_whose_step_failed_while_a_server_was_away_is_run_again_and_no_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    added: list[Any] = []
    instance = SimpleNamespace(add_run_tags=lambda *given: added.append(given))
    times = [3]
    monkeypatch.setattr(worker, "noted", lambda: times[0])
    look = worker._having_it_run_again(cast(dg.DagsterInstance, instance), "a run")
    step, other = SimpleNamespace(is_step_failure=True), SimpleNamespace(is_step_failure=False)
    for event in (step, other):
        look(cast(Any, event))
    assert added == []
    times[0] = 4
    for event in (other, step):
        look(cast(Any, event))
    assert added == [("a run", {"dagster/retry_on_asset_or_op_failure": "true"})]
