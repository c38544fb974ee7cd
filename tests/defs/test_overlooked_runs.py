"""A failed run that Dagster's daemon overlooked is told of again, until it is run again or somebody is told.

Belongs here: Dagster's own daemon beside the sensor. Does not: which runs are lost (test_spread_runs),
workers that are really killed (tests/e2e/machines).
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.events import JobFailureData, RunFailureReason
from dagster._core.remote_origin import InProcessCodeLocationOrigin
from dagster._core.test_utils import create_test_daemon_workspace_context, instance_for_test
from dagster._core.types.loadable_target_origin import LoadableTargetOrigin
from dagster._core.workspace.context import WorkspaceProcessContext
from dagster._core.workspace.load_target import InProcessWorkspaceLoadTarget
from dagster._daemon.auto_run_reexecution.event_log_consumer import EventLogConsumerDaemon

from mbr_pipeline.defs import spread_runs
from mbr_pipeline.defs.alerts import _comes_again
from mbr_pipeline.defs.resources import WorkspaceResource
from mbr_pipeline.workspace.paths import WorkspacePaths
from tests.support.postgres import Server
from tests.support.small import settings, write

_QUEUE = {"module": "dagster._core.run_coordinator.queued_run_coordinator", "class": "QueuedRunCoordinator"}
_RETRIES = {"enabled": True, "max_retries": 2, "retry_on_asset_or_op_failure": False}
_NOTHING = "0 of 0 runs were lost"
_ONE = f"{_NOTHING}, 1 that ended earlier were not run again yet"


@dg.op
def close() -> None:
    """Stands for a month."""


@dg.job
def close_month() -> None:
    close()


@dg.repository
def code() -> list[dg.JobDefinition]:
    return [close_month]


@dataclass
class _Installation:
    context: WorkspaceProcessContext
    sensor: dg.SensorDefinition

    @property
    def instance(self) -> dg.DagsterInstance:
        return self.context.instance

    def launch(self) -> dg.DagsterRun:
        location = self.context.create_request_context().code_locations[0]
        origin = location.get_repository("code").get_full_job("close_month").get_remote_origin()
        return self.instance.create_run_for_job(
            close_month, status=dg.DagsterRunStatus.STARTED, remote_job_origin=origin
        )

    def daemon_looks(self) -> None:
        list(EventLogConsumerDaemon().run_iteration(self.context))

    def sensor_looks(self) -> str | None:
        return self.sensor.evaluate_tick(dg.build_sensor_context(instance=self.instance)).skip_message

    def again(self, run: dg.DagsterRun) -> list[dg.DagsterRun]:
        return list(self.instance.get_runs(dg.RunsFilter(tags={"dagster/parent_run_id": run.run_id})))


@pytest.fixture
def installation(tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[_Installation]:
    monkeypatch.setenv("MBR_LEDGER_URL", server.empty("overlooked_runs"))
    monkeypatch.setenv("MBR_DISTRIBUTED", "1")
    monkeypatch.setattr(spread_runs, "_SOON", timedelta(0))
    write(tmp_path / "mbr.yml", settings(["acme"]))
    [sensor] = spread_runs.build(WorkspaceResource(WorkspacePaths(tmp_path)))
    here = LoadableTargetOrigin(executable_path=sys.executable, python_file=__file__, attribute="code")
    target = InProcessWorkspaceLoadTarget(InProcessCodeLocationOrigin(here, location_name="mbr"))
    with (
        instance_for_test({"run_retries": _RETRIES, "run_coordinator": _QUEUE}) as instance,
        create_test_daemon_workspace_context(target, instance) as context,
    ):
        made = _Installation(context, sensor)
        made.daemon_looks()  # it ignores what is older than its first look
        yield made


def _looked_at_too_early(installation: _Installation, run: dg.DagsterRun) -> None:
    """The daemon comes between a failure's event and the run's new status, which are two transactions."""
    storage = installation.instance.run_storage
    handle: Callable[..., None] = storage.handle_run_event

    def late(*given: object) -> None:
        installation.daemon_looks()
        handle(*given)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(storage, "handle_run_event", late)
        installation.instance.report_run_failed(run)


def test_what_the_daemon_overlooked_is_run_again_once(installation: _Installation) -> None:
    run = installation.launch()
    _looked_at_too_early(installation, run)
    installation.daemon_looks()
    assert installation.again(run) == [], "Dagster is no longer too early: the sensor need not tell again"
    assert installation.sensor_looks() == _ONE
    installation.daemon_looks()
    [again] = installation.again(run)
    assert again.status is dg.DagsterRunStatus.QUEUED
    assert installation.sensor_looks() == _NOTHING
    installation.daemon_looks()
    assert installation.again(run) == [again]


def test_the_daemon_has_time_to_look_first(
    installation: _Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spread_runs, "_SOON", timedelta(minutes=10))
    _looked_at_too_early(installation, installation.launch())
    assert installation.sensor_looks() == _NOTHING


def test_what_failed_by_itself_or_died_too_often_is_not_told_of_again(installation: _Installation) -> None:
    instance, run = installation.instance, installation.launch()
    instance.report_run_failed(run, None, JobFailureData(None, RunFailureReason.STEP_FAILURE))
    assert installation.sensor_looks() == _NOTHING
    run = installation.launch()
    for _ in range(2):
        instance.report_run_failed(run)
        installation.daemon_looks()
        [run] = installation.again(run)
    _looked_at_too_early(installation, run)
    assert (installation.sensor_looks(), _comes_again(instance, run)) == (_NOTHING, False)


def test_what_cannot_be_run_again_is_given_up_after_a_while_and_then_somebody_is_told(
    installation: _Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = installation.launch()
    with monkeypatch.context() as patch:
        # as where the code server is away each time that the daemon asks it
        patch.setattr(installation.context, "create_request_context", lambda: None)
        installation.instance.report_run_failed(run)
        installation.daemon_looks()
        for _ in range(spread_runs._TOLD_AT_MOST):
            assert installation.sensor_looks() == _ONE
            installation.daemon_looks()
    assert installation.sensor_looks() == _NOTHING
    assert not _comes_again(installation.instance, run), "the sensor of failed runs tells of it"
    told = installation.instance.all_logs(run.run_id, of_type=dg.DagsterEventType.RUN_FAILURE)
    assert len(told) == spread_runs._TOLD_AT_MOST + 1
