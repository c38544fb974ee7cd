"""Dagster's sensors tell of runs that failed, died or never started, and send (contract §11).

Belongs here: what the sensors read of Dagster. Does not: sending itself (tests/alerts), the daemon.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from dagster._core.events import EngineEventData
from dagster._core.test_utils import create_run_for_test

from mbr_pipeline.alerts.watch import outbox_of
from mbr_pipeline.defs import alerts
from mbr_pipeline.defs.resources import WorkspaceResource
from mbr_pipeline.storage.database.times import written
from mbr_pipeline.workspace.paths import WorkspacePaths
from mbr_pipeline.workspace.workspace import Workspace
from tests.support.sinks import WebSink
from tests.support.small import PERIOD, settings, write, write_msp

ACME = {"dagster/partition": f"acme|{PERIOD}"}


@pytest.fixture
def resource(tmp_path: Path, web: WebSink, monkeypatch: pytest.MonkeyPatch) -> WorkspaceResource:
    monkeypatch.setenv("T_OPS_URL", web.url)
    monkeypatch.delenv("MBR_LEDGER_URL", raising=False)
    write(
        tmp_path / "mbr.yml",
        settings(["acme"], "alerts: {channels: {ops: {kind: webhook, url_env: T_OPS_URL}}}\n"),
    )
    write_msp(tmp_path, "acme")
    return WorkspaceResource(WorkspacePaths(tmp_path))


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as instance:
        yield instance


def _job(step: str) -> Any:
    @dg.op(name=step)
    def fails() -> None:
        raise dg.Failure(description="the disk is full")

    @dg.job(name="close_month", executor_def=dg.in_process_executor)
    def close_month() -> None:
        fails()

    return close_month


def _standing(resource: WorkspaceResource) -> list[tuple[str, str | None]]:
    box = outbox_of(Workspace.open(resource.paths))
    assert box
    return [(cause["cause"], cause["subject"]) for cause in box.standing()]


def _fail(resource: WorkspaceResource, instance: dg.DagsterInstance, step: str, **tags: str) -> Any:
    job = _job(step)
    result = job.execute_in_process(instance=instance, tags={**ACME, **tags}, raise_on_error=False)
    [sensor, _] = alerts.build(resource, job)
    context = dg.build_run_status_sensor_context(
        sensor_name=sensor.name,
        dagster_instance=instance,
        dagster_run=result.dagster_run,
        dagster_event=next(event for event in result.all_events if event.is_job_failure),
    )
    return lambda: sensor(context.for_run_failure())


def test_a_failed_run_is_told_with_its_step(
    resource: WorkspaceResource, instance: dg.DagsterInstance
) -> None:
    _fail(resource, instance, "land")()
    assert _standing(resource) == [("RUN_FAILED", None)]


def test_a_run_that_ended_at_a_closed_gate_is_not_told_twice(
    resource: WorkspaceResource, instance: dg.DagsterInstance
) -> None:
    _fail(resource, instance, "audit__gate")()
    assert _standing(resource) == []


def test_a_run_of_the_command_line_is_told_by_it_and_not_twice(
    resource: WorkspaceResource, instance: dg.DagsterInstance
) -> None:
    _fail(resource, instance, "land", launched_by="mbr run")()
    assert _standing(resource) == []


def test_a_failed_run_says_nothing_once_a_later_one_has_begun(
    resource: WorkspaceResource, instance: dg.DagsterInstance
) -> None:
    tell = _fail(resource, instance, "land")
    create_run_for_test(instance, job_name="close_month", tags=ACME)
    tell()
    assert _standing(resource) == []


def _started(instance: dg.DagsterInstance, pid: int, parent: str | None = None, **tags: str) -> dg.DagsterRun:
    run: dg.DagsterRun = create_run_for_test(
        instance,
        job_name="close_month",
        status=dg.DagsterRunStatus.STARTED,
        tags={**ACME, **tags},
        parent_run_id=parent,
        root_run_id=parent,
    )
    instance.report_engine_event(
        "steps", run, EngineEventData(metadata={"pid": dg.MetadataValue.text(str(pid))})
    )
    return run


@pytest.fixture
def dead_pid() -> int:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    return gone.pid


def test_a_run_whose_process_is_gone_is_dead(instance: dg.DagsterInstance, dead_pid: int) -> None:
    assert alerts.is_dead(instance, _started(instance, dead_pid))
    assert not alerts.is_dead(instance, _started(instance, os.getppid()))
    of_the_command = _started(instance, dead_pid, launched_by="mbr run")
    assert not alerts.is_dead(instance, of_the_command)
    # run again from the UI, it has the same tags
    assert alerts.is_dead(
        instance, _started(instance, dead_pid, of_the_command.run_id, launched_by="mbr run")
    )


def test_a_tick_tells_of_a_dead_run_once(
    resource: WorkspaceResource, instance: dg.DagsterInstance, web: WebSink, dead_pid: int
) -> None:
    run = _started(instance, dead_pid)
    [_, sensor] = alerts.build(resource, _job("land"))
    for _ in range(2):
        sensor.evaluate_tick(dg.build_sensor_context(instance=instance))
    ended = instance.get_run_by_id(run.run_id)
    assert ended and ended.status is dg.DagsterRunStatus.FAILURE  # its month may run again
    told = [m for body, _ in web.got if (m := json.loads(body))["cause"] == "RUN_FAILED"]
    assert [message["status"] for message in told] == ["firing"]
    assert told[0]["money"] == {"USD": "80.00"}


def test_a_planned_run_is_missed_after_an_hour_if_somebody_looked(
    resource: WorkspaceResource, instance: dg.DagsterInstance
) -> None:
    workspace = Workspace.open(resource.paths)
    planned = datetime(2026, 11, 5, 6, tzinfo=UTC)

    def missed(minutes: int, first: int, since: int) -> int:
        at = planned + timedelta(minutes=minutes)
        looked = {"first": written(planned + timedelta(minutes=first)), "last": written(at)}
        looked["since"] = written(planned + timedelta(minutes=since))
        return len(alerts.missed(workspace, instance, "close_month", looked, at))

    assert missed(60, -60, -60) == 1
    assert missed(59, -60, -60) == 0
    assert missed(600, 1, 1) == 0  # planned before anybody looked
    assert missed(600, -60, 595) == 0  # a daemon that has just come back starts it itself
    create_run_for_test(instance, job_name="close_month", tags=ACME)
    assert missed(60, -60, -60) == 0


def test_each_msp_is_missed_after_its_own_closing_time(tmp_path: Path, instance: dg.DagsterInstance) -> None:
    # New Zealand in November is 13 hours ahead of UTC: cedar's close of the first, 6:00, is on October 31 at
    # 17:00 UTC; acme's is on November 1 at 6:00 UTC. Both close October
    text = settings(["acme", "cedar"], "schedule: {day: 1, hour: 6}\n")
    own = "  cedar:\n    schedule: {time_zone: Pacific/Auckland}\n"
    write(tmp_path / "mbr.yml", text.replace("  cedar:\n", own, 1))
    workspace = Workspace.open(WorkspacePaths(tmp_path))
    october = written(datetime(2026, 10, 20, tzinfo=UTC))

    def missed(*at: int) -> list[tuple[str | None, str | None, str]]:
        looked = {"first": october, "since": october, "last": october}
        moment = datetime(*at, tzinfo=UTC)  # type: ignore[misc, arg-type]
        facts = alerts.missed(workspace, instance, "close_month", looked, moment)
        return [(fact.cause.msp_id, fact.cause.period, fact.text.split(" and ")[0]) for fact in facts]

    acme = ("acme", "2026-10", "It was planned for 2026-11-01 06:00 UTC")
    cedar = ("cedar", "2026-10", "It was planned for 2026-11-01 06:00 Pacific/Auckland")
    assert missed(2026, 10, 31, 17, 59) == []
    assert missed(2026, 10, 31, 18) == [cedar]
    assert missed(2026, 11, 1, 6, 59) == [cedar]
    assert missed(2026, 11, 1, 7) == [acme, cedar]
    create_run_for_test(instance, job_name="close_month", tags={"dagster/partition": "cedar|2026-10"})
    assert missed(2026, 11, 1, 7) == [acme]


def test_where_several_machines_work_no_process_is_looked_for_by_its_number(
    instance: dg.DagsterInstance, dead_pid: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MBR_DISTRIBUTED", "1")
    monkeypatch.setenv("MBR_LEDGER_URL", "postgresql://mbr@127.0.0.1:1/unasked")
    assert not alerts.is_dead(instance, _started(instance, dead_pid))
