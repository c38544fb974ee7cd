"""Runs of workers on several machines: a lost one is ended, and large months leave slots to small ones.

Belongs here: what the sensor and the tags go by. Does not: workers that are really killed
(tests/e2e/machines), leases (tests/storage/database).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest
import sqlalchemy as sa
from dagster._core.test_utils import create_run_for_test

from mbr_pipeline.defs import spread_runs
from mbr_pipeline.defs.resources import WorkspaceResource
from mbr_pipeline.periods import Period
from mbr_pipeline.storage.database.opening import open_database
from mbr_pipeline.storage.database.tables import leases as table
from mbr_pipeline.storage.database.times import written
from mbr_pipeline.workspace import spread
from mbr_pipeline.workspace.paths import WorkspacePaths
from tests.support.postgres import Server
from tests.support.small import PERIOD, settings, write, write_msp

_STATUS = dg.DagsterRunStatus


@pytest.fixture
def resource(tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[WorkspaceResource]:
    monkeypatch.setenv("MBR_LEDGER_URL", server.empty("spread_runs"))
    monkeypatch.setenv("MBR_DISTRIBUTED", "1")
    write(tmp_path / "mbr.yml", settings(["acme", "birch"]))
    write_msp(tmp_path, "acme")
    yield WorkspaceResource(WorkspacePaths(tmp_path))
    spread.end()


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as instance:
        yield instance


def _run(
    instance: dg.DagsterInstance, msp_id: str, status: _STATUS = _STATUS.STARTED, job: str = "close_month"
) -> dg.DagsterRun:
    tags = {"dagster/partition": f"{msp_id}|{PERIOD}"}
    return create_run_for_test(instance, job_name=job, status=status, tags=tags)


def _falls_silent(resource: WorkspaceResource, name: str) -> None:
    """As if the holder had last been heard of an hour ago."""
    with open_database(resource.paths.ledger).writing() as connection:
        until = connection.execute(sa.select(table.c.until).where(table.c.name == name)).scalar_one()
        earlier = written(datetime.fromisoformat(until) - timedelta(hours=1))
        connection.execute(table.update().where(table.c.name == name).values(until=earlier))


def _status(instance: dg.DagsterInstance, run: dg.DagsterRun) -> _STATUS:
    found = instance.get_run_by_id(run.run_id)
    assert found
    return found.status


def test_a_run_whose_worker_is_silent_is_ended_and_no_other(
    resource: WorkspaceResource, instance: dg.DagsterInstance
) -> None:
    leases = spread.leases_of(resource.paths)
    lost, alive = _run(instance, "acme"), _run(instance, "birch")
    fetching = _run(instance, "acme", job="fetch_month")
    not_yet = _run(instance, "cedar")  # has no lease yet: what does not start is run monitoring's
    another = _run(instance, "dover")  # its month's lease is of a run that ended long ago
    leases.take(f"acme {PERIOD}", "east process 1", lost.run_id)
    leases.take(f"acme {PERIOD}.fetch", "east process 2", fetching.run_id)
    leases.take(f"birch {PERIOD}", "west process 3", alive.run_id)
    leases.take(f"dover {PERIOD}", "west process 4", "of a run that is over")
    _falls_silent(resource, f"acme {PERIOD}")
    _falls_silent(resource, f"dover {PERIOD}")
    [sensor] = spread_runs.build(resource)
    ticked = sensor.evaluate_tick(dg.build_sensor_context(instance=instance))
    assert ticked.skip_message == "1 of 5 runs were lost"
    assert _status(instance, lost) is _STATUS.FAILURE
    assert {_status(instance, run) for run in (alive, fetching, not_yet, another)} == {_STATUS.STARTED}


def test_a_run_whose_worker_gave_its_lease_back_without_a_word_is_lost(
    resource: WorkspaceResource, instance: dg.DagsterInstance
) -> None:
    leases, run = spread.leases_of(resource.paths), _run(instance, "acme")
    leases.give_back(leases.take(f"acme {PERIOD}", "east process 1", run.run_id))
    [sensor] = spread_runs.build(resource)
    sensor.evaluate_tick(dg.build_sensor_context(instance=instance))
    assert _status(instance, run) is _STATUS.FAILURE


def test_a_run_that_ends_while_the_sensor_looks_is_not_lost(
    resource: WorkspaceResource, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    leases, run = spread.leases_of(resource.paths), _run(instance, "acme")
    seen = list(instance.get_runs())
    lease = leases.take(f"acme {PERIOD}", "east process 1", run.run_id)
    instance.report_dagster_event(dg.DagsterEvent("PIPELINE_SUCCESS", "close_month"), run.run_id)
    leases.give_back(lease)
    monkeypatch.setattr(instance, "get_runs", lambda *_: seen)
    [sensor] = spread_runs.build(resource)
    ticked = sensor.evaluate_tick(dg.build_sensor_context(instance=instance))
    assert ticked.skip_message == "0 of 1 runs were lost"
    assert _status(instance, run) is _STATUS.SUCCESS


def test_a_worker_has_the_lease_of_its_run(resource: WorkspaceResource, instance: dg.DagsterInstance) -> None:
    leases = spread.leases_of(resource.paths)
    for job, name in (("close_month", ""), ("look_early", ".early"), ("fetch_month", ".fetch")):
        run = _run(instance, "acme", job=job)
        spread_runs.keep_for(resource.paths, run)
        found = leases.find(f"acme {PERIOD}{name}")
        assert found and (found.run, found.is_fresh) == (run.run_id, True)


def test_one_machine_has_no_such_sensor_and_no_such_tags(
    resource: WorkspaceResource, monkeypatch: pytest.MonkeyPatch
) -> None:
    month = resource.paths.month("acme", Period(PERIOD))
    assert spread_runs.job_tags() == {"dagster/retry_strategy": "ALL_STEPS"}
    monkeypatch.setattr(spread_runs, "_LARGE_BYTES", 10)
    large = {"mbr/size": "large", "dagster/priority": "-1"}
    assert spread_runs.size_tags(month) == large
    monkeypatch.setattr(spread_runs, "_LARGE_BYTES", 10**6)
    assert spread_runs.size_tags(month) == {}
    monkeypatch.setattr(spread_runs, "_LARGE_BYTES", 10)
    monkeypatch.delenv("MBR_DISTRIBUTED")
    assert (spread_runs.build(resource), spread_runs.job_tags(), spread_runs.size_tags(month)) == ([], {}, {})
